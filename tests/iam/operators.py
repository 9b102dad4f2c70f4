"""The rights that a person needs for a command (`make redrive` …): its calls, recorded while the
tests of operations run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.plan import ROOT
from tools.iam.table import Row, merged
from tools.operations.deployment import Deployment
from tools.simulation.aws import cloud
from tools.simulation.aws.actions import Params, Where
from tools.simulation.aws.calls import Call
from tools.simulation.aws.used import Used, used_by

WHERE = Where("<account>", "<region>")
COMMANDS = {
    "catalogue": "catalogue",
    "catalogue_changes": "catalogue",
    "dead_letters": "redrive",
    "erase": "erase",
    "erase_messages": "erase",
    "import_ballots": "import",
    "mend": "mend",
    "recount": "recount",
    "redrive": "redrive",
    "redrive_command": "redrive",
    "prove": "proof",
    "redrive_quarantine": "redrive",
    "runs": "runs",
}
THEIRS = (str(ROOT / "tests/support"), str(ROOT / "tests/iam"), str(ROOT / ".venv"))


class Recorder:
    """Notes the calls that commands make, of whatever client a test gives them."""

    def __init__(self) -> None:
        self.used: set[Used] = set()
        self.on = False

    def begin(self) -> None:
        """Watch boto3's clients of a place, and the simulated ones."""
        given = Deployment.client

        def client(deployment: Deployment, service: str) -> Any:
            made = given(deployment, service)
            made.meta.events.register("provide-client-params.*.*", self._by_boto3)
            return made

        Deployment.client = client  # type: ignore[method-assign, assignment]
        cloud.WATCHERS.append(self._simulated)

    def _by_boto3(self, params: Params, model: Any, **_: Any) -> None:
        self._note(model.service_model.service_name, model.name, params)

    def _simulated(self, call: Call) -> None:
        self._note(call.service, call.operation, call.params)

    def _note(self, service: str, operation: str, params: Params) -> None:
        # GetCallerIdentity needs no right
        if self.on and (command := _command()) and service != "sts":
            self.used.update(used_by(f"make {command}", service, operation, params, WHERE))


def _command() -> str | None:
    """The command whose code makes the call; None for a test's own call, or that of the pipeline
    while the command waits.
    """
    frame, found = sys._getframe(2), None
    while next_one := frame.f_back:
        frame, path = next_one, next_one.f_code.co_filename
        if path.startswith(str(ROOT / "tools/operations")):
            found = COMMANDS.get(path.rsplit("/", 1)[-1].removesuffix(".py"), found)
        elif path.startswith(str(ROOT / "tests")) and not path.startswith(THEIRS):
            break
    return found


def one_by_one(call: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """shared.fanout.each without threads, in whose frames no command is to be seen."""
    return [call(item) for item in items]


def rows(used: set[Used]) -> list[Row]:
    """As the document has them."""
    return merged(Row(f"`{one.who}`", _said(one.resource), one.action, f"`{one.call.split('.')[1]}`") for one in used)


def _said(resource: str) -> str:
    """A resource under its name in a deployment; the tests' are shorter, and try what is the same
    for each queue with one of them.
    """
    said = resource.removeprefix("arn:aws:").replace(":<region>:<account>:", ":")
    said = re.sub(r"^sqs:(?:.*-)?(?:dead|dlq)(?:\.fifo)?$", "sqs:<name>-<queue>-dlq", said)
    said = re.sub(r"^sqs:(?:ingest|count)(?:\.fifo)?$", "sqs:<name>-<queue>", said)
    said = re.sub(r"^(sqs:|dynamodb:table/)(?!<name>)", r"\1<name>-", said)
    said = re.sub(r"log-group:\w+:", "log-group:/aws/lambda/<name>-<function>:", said)
    said = re.sub(r"^lambda:.*:function:", "lambda:function:<name>-", said)
    said = re.sub(r"^s3:::results(?=/|$)", "s3:::<name>-results-<account>", said)
    said = re.sub(r"^(s3:::)quarantine(?!/audit/)(?:/.*)?$", _bucket, said)
    return f"`{said.replace('s3:::quarantine/audit', 's3:::<name>-quarantine-<account>/audit')}`"


def _bucket(found: re.Match[str]) -> str:
    return "s3:::<name>-quarantine-<account>" + ("/quarantine/*" if "/" in found[0] else "")
