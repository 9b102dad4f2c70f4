"""What the rehearsal shows of votes in one environment: ballots in, smoke test, results out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.votes import smoke
from tools.rehearsal.report import Report
from tools.rehearsal.votes import ballots

LATENCY_SECONDS = 40
SUM = "ballots", "counted"


class Acts:
    """The acts of votes; what each of them showed goes into the report.

    `number`: the environment's place in line, so that each is sent something else. Nothing here has
    to wait until a message comes back, for which a smoke test on AWS would have patience.
    """

    sends = "ballots over HTTP; while they are counted"

    def __init__(self, deployment: Deployment, number: int, report: Report, sign: ballots.Sign | None = None) -> None:
        deployment.outputs["settings"]["latency_seconds"] = LATENCY_SECONDS
        self.sent = ballots.Votes(deployment, number, sign)
        self._deployment, self._name, self._report = deployment, deployment.name, report

    @staticmethod
    def beside(_: Run) -> dict[str, Any]:
        """It needs nothing."""
        return {}

    def send(self) -> None:
        """Ballots, good and bad."""
        self._report.add(*SUM, sent=self.sent.number + 1)
        problems = ballots.post(self.sent)
        self._report.show("ballots taken, bad ones refused with the reason", self._name, "yes", problems)
        asked = "yes" if self.sent.sign else "not asked for"
        self._report.show("nobody votes without a token", self._name, asked, ballots.without_a_token(self.sent))

    def smoke(self) -> None:
        """The smoke test."""
        printed = io.StringIO()
        with self._report.phase("smoke test", self._name):
            failed = smoke.run(self._deployment, Console(file=printed, width=200))
        problems = [f"the smoke test of {self._name} failed:\n{printed.getvalue()}"] if failed else []
        self._report.show("smoke test (`make smoke`)", self._name, "passed", problems)

    def read_back(self, others: Sequence[Acts]) -> None:
        """What was counted, and nothing of the others."""
        with self._report.phase("read back after it", self._name):
            problems = ballots.read_back(self.sent)
            self._report.add(*SUM, settled=ballots.counted(self.sent))
        self._report.show("votes read back, no more and no less", self._name, f"{self.sent.number} + 1", problems)
        problems = ballots.knows_no_titles_of(self.sent, [other.sent for other in others])
        self._report.show("titles of others unknown", self._name, "yes", problems)
