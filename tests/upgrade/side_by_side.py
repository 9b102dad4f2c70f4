"""Two releases at work on the same stored bytes: the very handlers of each, on one simulated cloud,
function by function.

Each release has its own modules, its own `shared` too; only time, clients, settings and logs are
the world's.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from shared.conserved import Witnesses
from tests.lambda_src.stack import Context, request
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.votes import deployed
from tools.simulation.votes.deployed import MAPPINGS, NAME

FUNCTIONS = ("receive", "process", "write", "tally", "results")
SHARDS = 2
SECOND = 1_000_000
TAKES_FROM = {mapping.function: mapping for mapping in MAPPINGS}


class Release:
    """One release's modules by name ("votes.write", "shared.clock")."""

    def __init__(self, name: str, source: Path) -> None:
        """Import the functions of `source`, a folder like lambda_src, beside whatever is imported
        already.
        """
        self.name = name
        ours = {one: sys.modules.pop(one) for one in list(sys.modules) if _is_product(one)}
        sys.path.insert(0, str(source))
        try:
            for function in FUNCTIONS:
                importlib.import_module(f"votes.{function}")
            self.modules: dict[str, ModuleType] = {
                one: module for one, module in sys.modules.items() if _is_product(one)
            }
        finally:
            sys.path.remove(str(source))
            for one in [one for one in sys.modules if _is_product(one)]:
                del sys.modules[one]
            sys.modules.update(ours)
        assert all(str(module.__file__).startswith(str(source)) for module in self.modules.values())

    def worker(self, function: str) -> Any:
        """A new worker of a function, made as it makes itself on Lambda."""
        return self.modules[f"votes.{function}"]._worker.__wrapped__()


class Crash(BaseException):
    """The process ends here; no `except Exception` holds it up."""


class Dies:
    """Ends the process at a call of an operation, before or after its effect, as often as `times`
    says.
    """

    def __init__(self) -> None:
        self.at, self.after_effect, self.times = "", False, 0

    def once(self, operation: str, *, after: bool = False) -> None:
        self.at, self.after_effect, self.times = operation, after, 1

    def before(self, call: Call) -> None:
        self._look(call, after=False)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        self._look(call, after=True)

    def _look(self, call: Call, *, after: bool) -> None:
        if self.times and call.operation == self.at and after == self.after_effect:
            self.times -= 1
            raise Crash


class SideBySide:
    """Queues, tables and a bucket as deployed, and releases that take turns on them."""

    def __init__(self, seed: int, meddler: Any = None) -> None:
        self.now = deployed.START_US
        self.rng = random.Random(seed)
        self.cloud = Cloud(self.now_us, random.Random(seed), meddler)
        # messages that a function left to come again, as "<release> <function>: <body>"
        self.failed: list[str] = []
        self.said: list[str] = []  # messages of error lines
        self.packed = False  # whether this release's write packs votes, which the old one cannot read
        self.witnesses = Witnesses()  # what either release told of
        for name, keys in deployed.TABLES.items():
            self.cloud.dynamodb.create_table(f"{NAME}-{name}", *keys)
        for mapping in MAPPINGS:
            fifo = {"FifoQueue": "true"} if mapping.fifo else {}
            self.cloud.sqs.create_queue(mapping.name, fifo | {"VisibilityTimeout": str(mapping.visibility)})
        self.cloud.s3.create_bucket(deployed.BUCKET)

    def now_us(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)

    @contextmanager
    def installed(self, *releases: Release) -> Iterator[None]:
        """Put the world around the releases' modules."""
        logger = mock.MagicMock()
        logger.error.side_effect = lambda message, extra=None: self.said.append(f"{message} {extra}")
        logger.makeRecord.side_effect = lambda *given: given[8]
        logger.handle.side_effect = lambda line: self.witnesses.add(line, self.now // 1000)
        given: dict[str, str] = {}
        for function in FUNCTIONS:
            given |= deployed.ENVIRONMENTS[function]
        given |= {"SHARDS": str(SHARDS), "EPOCH_CHANGES": "1000"}

        def packing() -> dict[str, str]:
            return {"PACKED_VOTES": str(self.packed).lower()}

        with ExitStack() as stack:
            for modules in (release.modules for release in releases):
                load = modules["shared.settings"].load
                stand_ins: dict[str, dict[str, Any]] = {
                    "shared.clock": {
                        "now_us": self.now_us,
                        "monotonic": lambda: self.now / SECOND,
                        "sleep": self.sleep,
                    },
                    "shared.clients": {"client": lambda service, hurried=False: self.cloud.client(service)},
                    "shared.settings": {"load": lambda model, load=load: load(model, given | packing())},
                    "shared.logs": {
                        "logger": lambda: logger,
                        "metrics": mock.MagicMock,
                        "count": mock.Mock(),
                        "count_by": mock.Mock(),
                        "count_always": mock.Mock(),
                    },
                }
                for module, named in stand_ins.items():
                    for name, stand_in in named.items():
                        newer = name == "count_always"  # than the release before
                        stack.enter_context(mock.patch.object(modules[module], name, stand_in, create=newer))
            yield

    def post(self, release: Release, ballots: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Send ballots to a release's receive; its answer's body."""
        answer = release.worker("receive").handle(request({"ballots": list(ballots)}))
        assert answer["statusCode"] == 202, answer
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    def run(self, release: Release, function: str) -> int:
        """Let a release's function take all that its queue holds, a batch each time; how many
        messages it took and settled.
        """
        mapping, settled = TAKES_FROM[function], 0
        queue = self.cloud.sqs.queues[mapping.name]
        for _ in range(100):
            records = queue.take(mapping.batch_size, mapping.visibility)
            if not records:
                return settled
            answer = release.worker(function).handle({"Records": records}, Context())
            again = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
            for record in records:
                if record["messageId"] in again:
                    self.failed.append(f"{release.name} {function}: {record['body']}")
                else:
                    queue.delete(record["receiptHandle"])
                    settled += 1
        raise AssertionError(f"{mapping.name} is never empty")

    def backstop(self, release: Release) -> None:
        """The schedule's call of tally."""
        release.worker("tally").handle({"source": "schedule"}, Context())

    def results(self, release: Release, title_id: str) -> dict[str, Any]:
        """What a release's results answers for a title."""
        event = request(
            None, method="GET", path=f"/v1/titles/{title_id}/results", pathParameters={"title_id": title_id}
        )
        answer = release.worker("results").handle(event)
        assert answer["statusCode"] == 200, answer
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    def rows(self, table: str) -> Iterable[dict[str, Any]]:
        """The rows of a table."""
        return list(self.cloud.dynamodb.tables[f"{NAME}-{table}"].items.values())

    def waiting(self) -> dict[str, int]:
        """How many messages each queue holds."""
        return {mapping.queue: len(self.cloud.sqs.queues[mapping.name].messages) for mapping in MAPPINGS}


def _is_product(module: str) -> bool:
    return module.partition(".")[0] in ("votes", "shared")
