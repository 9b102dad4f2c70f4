"""The rights that a person needs for a command (`make redrive` …): its calls, recorded while the tests of operations run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from operations.place import Place
from tests.iam.actions import Params, Where
from tests.iam.table import Row, merged
from tests.iam.used import Used, used_by
from tests.support.aws import cloud
from tests.support.aws.calls import Call
from tests.support.plan import ROOT

WHERE = Where("<account>", "<region>")
COMMANDS = {
    "catalogue": "catalogue",
    "erase": "erase",
    "erase_messages": "erase",
    "mend": "mend",
    "recount": "recount",
    "redrive": "redrive",
    "redrive_command": "redrive",
    "redrive_look": "redrive",
    "redrive_quarantine": "redrive",
}
THEIRS = (str(ROOT / "tests/support"), str(ROOT / "tests/iam"), str(ROOT / ".venv"))


class Recorder:
    """Notes the calls that commands make, of whatever client a test gives them."""

    def __init__(self) -> None:
        self.used: set[Used] = set()
        self.on = False

    def begin(self) -> None:
        """Watch boto3's clients of a place, and the simulated ones."""
        given = Place.client

        def client(place: Place, service: str) -> Any:
            made = given(place, service)
            made.meta.events.register("provide-client-params.*.*", self._by_boto3)
            return made

        Place.client = client  # type: ignore[method-assign, assignment]
        cloud.WATCHERS.append(self._simulated)

    def _by_boto3(self, params: Params, model: Any, **_: Any) -> None:
        self._note(model.service_model.service_name, model.name, params)

    def _simulated(self, call: Call) -> None:
        self._note(call.service, call.operation, call.params)

    def _note(self, service: str, operation: str, params: Params) -> None:
        if self.on and (command := _command()) and service != "sts":  # GetCallerIdentity needs no right
            self.used.update(used_by(f"make {command}", service, operation, params, WHERE))


def _command() -> str | None:
    """The command whose code makes the call; None for a test's own call, or that of the pipeline while the command waits."""
    frame, found = sys._getframe(2), None
    while next_one := frame.f_back:
        frame, path = next_one, next_one.f_code.co_filename
        if path.startswith(str(ROOT / "operations")):
            found = COMMANDS.get(path.rsplit("/", 1)[-1].removesuffix(".py"), found)
        elif path.startswith(str(ROOT / "tests")) and not path.startswith(THEIRS):
            break
    return found


def one_by_one(call: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """votes.fanout.each without threads, in whose frames no command is to be seen."""
    return [call(item) for item in items]


def rows(used: set[Used]) -> list[Row]:
    """As the document has them."""
    return merged(Row(f"`{one.who}`", _said(one.resource), one.action, f"`{one.call.split('.')[1]}`") for one in used)


def _said(resource: str) -> str:
    """A resource under its name in a deployment; the tests' are shorter, and try what is the same for each queue with one of them."""
    said = resource.removeprefix("arn:aws:").replace(":<region>:<account>:", ":")
    said = re.sub(r"^sqs:(?:.*-)?(?:dead|dlq)(?:\.fifo)?$", "sqs:<name>-<queue>-dlq", said)
    said = re.sub(r"^sqs:(?:ingest|count)(?:\.fifo)?$", "sqs:<name>-<queue>", said)
    said = re.sub(r"^(sqs:|dynamodb:table/)(?!<name>)", r"\1<name>-", said)
    said = re.sub(r"log-group:\w+:", "log-group:/aws/lambda/<name>-<function>:", said)
    said = re.sub(r"^(s3:::)quarantine(?!/audit/)(?:/.*)?$", _bucket, said)
    return f"`{said.replace('s3:::quarantine/audit', 's3:::<name>-quarantine-<account>/audit')}`"


def _bucket(found: re.Match[str]) -> str:
    return "s3:::<name>-quarantine-<account>" + ("/quarantine/*" if "/" in found[0] else "")
