"""A deployment of the harvest on simulated services in virtual time: the real start, pace and runs,
workers as the protocol asks, and a vendor in memory.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from rich.console import Console

from harvest.mending import Mending
from harvest.parcels import Task
from harvest.runs import Runs
from harvest.settings import RunsSettings, StartSettings
from harvest.start import Start
from tests.lambda_src.harvest.paced import URL, World
from tests.lambda_src.harvest.toy_worker import ACCOUNT
from tests.operations.operated import SimulatedDeployment
from tests.support.lambda_client import Lambda
from tools.operations.harvest import asking, invariants, runs, smoke

Json = dict[str, Any]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:{}:live"


class Roots:
    """What start asks of a vendor."""

    def roots(self) -> Sequence[Task]:
        """The listing of all groups."""
        return [Task("groups")]

    def group(self, name: str) -> Task:
        """The listing of one."""
        return Task("hosts", (name,))


class VirtualTime:
    """What commands take from `time`, in the world's."""

    def __init__(self, world: World) -> None:
        self.sleep = world.play
        self.monotonic = lambda: world.stage.now / 1e6


class WithFunctions(SimulatedDeployment):
    """A deployment that has functions too."""

    def client(self, service: str) -> Any:
        """One of the simulated services, or of its functions."""
        return self.outputs["lambda"] if service == "lambda" else super().client(service)


class OperatedHarvest:
    """A world, and its deployment as commands see it. Whoever waits lets it go on."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        config = world.config
        given = {name: getattr(config, name) for name in ("ledger_table", "accounts_table", "turn_queue_url")}
        given |= {name: getattr(config, name).model_dump_json() for name in ("vendor", "limits", "pace")}
        client = world.cloud.client
        start = StartSettings.model_validate(given | {"vendor_secret_arn": "none"})
        self.start = Start(start, Roots(), _mending(client), client("dynamodb"), client("sqs"))
        self.runs = Runs(RunsSettings.model_validate(given), client("dynamodb"), client("sqs"))
        world.cloud.s3.create_bucket("results")
        limits = config.limits
        outputs = {
            "cloud": world.cloud,
            "api_url": "http://api",
            "tables": {"ledger": "ledger", "accounts": "accounts"},
            "queues": {
                name: {"url": f"{URL}{name}{end}", "dead_letter_url": f"{URL}{name}{end}"}
                for name, end in (("turn", ".fifo"), ("parcel", ""), ("store", ""))
            },
            "buckets": {"results": "results"},
            "quarantine_bucket": "quarantine",
            "schedules": {"daily": "x-daily", "wake": "x-wake"},
            "bound": {"permitted": limits.permitted(), "limit": "10 in 1 s", "spread_ms": 30, "share": 0.97},
            "settings": {
                "vendor": {"account": ACCOUNT},
                "pace": config.pace.model_dump(),
                "most_calls": 1000,
                "parcel_days": 30,
            },
        }
        # what a handler calls is not the operator's: it is called from here, not from the client
        handlers = {"start": lambda event: self.start.handle(event), "runs": lambda event: self.runs.handle(event)}
        outputs["functions"] = {name: {"arn": ARN.format(name)} for name in handlers}
        outputs["lambda"] = Lambda(handlers)
        self.deployment = WithFunctions("simulated", outputs, "http://simulated", {}, pipeline="harvest")
        self.console = Console(width=300, file=io.StringIO())
        for module in (runs, smoke, invariants):
            monkeypatch.setattr(module, "time", VirtualTime(world))

    def printed(self) -> str:
        """What was printed since the last time."""
        text = self.console.file.getvalue()  # type: ignore[attr-defined]
        self.console = Console(width=300, file=io.StringIO())
        return str(text)

    def command(self, **options: Any) -> str:
        """What `make runs` prints."""
        assert runs.run(self.deployment, self.console, runs.Options(**options)) == 0
        return self.printed()

    def begun(self, name: str = "daily", **more: Any) -> str:
        """The id of a run that a person began."""
        run_id: str = asking.start(self.deployment, {"name": name, **more})["run_id"]
        return run_id


def _mending(client: Callable[[str], Any]) -> Mending:
    """What tells that the secret of an account was mended, of which there is none here."""
    return Mending(client("dynamodb"), client("secretsmanager"), "accounts", "nobody", "none")
