"""What the rehearsal shows of receipts in one environment: a batch in, smoke test, accounts out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from rich.console import Console

from tools.local_cloud.receipts import pipeline
from tools.local_cloud.runs import Run
from tools.operations.api import Answer, ask
from tools.operations.deployment import Deployment
from tools.operations.receipts import smoke
from tools.rehearsal.environment import Sign
from tools.rehearsal.report import Report

BATCHES = "/v1/batches"
SUM = "announced files", "accounted for"
CUSTOMER = "rehearsal"  # of the same name in every environment
PICTURE = b"what was announced, and never comes"


class Acts:
    """The acts of receipts; what each of them showed goes into the report.

    A batch is opened by a customer of the same name in every environment, which no other
    environment knows; the smoke test has one uploaded, read and accounted for.
    """

    sends = "a batch of receipts"

    def __init__(self, deployment: Deployment, number: int, report: Report, sign: Sign | None = None) -> None:
        self._deployment, self._name, self._report = deployment, deployment.name, report
        self._number, self._sign = number, sign
        self.batch_id = ""

    @staticmethod
    def beside(run: Run) -> Mapping[str, Any]:
        """The reader of pictures, which the first of them starts."""
        return pipeline.reader(run)

    def send(self) -> None:
        """Open a batch, with a token where one is asked for, and without."""
        self._report.add(*SUM, sent=self._number)
        answer = self._ask("POST", BATCHES, self._wanted())
        self.batch_id = str((answer.body or {}).get("batch_id", ""))
        problems = [] if answer.status == 201 else [f"{self._name} opened no batch: {answer}"]
        self._report.show("batch opened, with an address for its file", self._name, "yes", problems)
        refused = ask(self._deployment, "POST", BATCHES, self._wanted()).status if self._sign else 401
        problems = [] if refused == 401 else [f"{self._name} opened a batch without a token: {refused}"]
        asked = "yes" if self._sign else "not asked for"
        self._report.show("nobody sends receipts without a token", self._name, asked, problems)

    def smoke(self) -> None:
        """The smoke test."""
        printed = io.StringIO()
        with self._report.phase("smoke test of receipts", self._name):
            failed = smoke.run(self._deployment, Console(file=printed, width=200))
        problems = [f"the smoke test of receipts in {self._name} failed:\n{printed.getvalue()}"] if failed else []
        self._report.show("smoke test of receipts (`make smoke`)", self._name, "passed", problems)

    def read_back(self, others: Sequence[Acts]) -> None:
        """The batch's own account, and none of the others' batches."""
        own = self._ask("GET", f"{BATCHES}/{self.batch_id}")
        counts = (own.body or {}).get("counts", {})
        self._report.add(*SUM, settled=int(counts.get("expected", 0)))
        problems = [] if counts.get("expected") == self._number else [f"{self._name} accounts otherwise: {own}"]
        self._report.show("batch accounted for, no more and no less", self._name, f"{self._number}", problems)
        known = [one.batch_id for one in others if self._ask("GET", f"{BATCHES}/{one.batch_id}").status != 404]
        problems = [f"{self._name} knows batches of others: {', '.join(known)}"] if known else []
        self._report.show("batches of others unknown", self._name, "yes", problems)

    def _wanted(self) -> dict[str, Any]:
        """A batch of as many files as the environment's place in line."""
        files = []
        for place in range(self._number):
            content = PICTURE + bytes([place])
            digest = sha256(content).hexdigest()
            files.append({"name": f"{place}.png", "size": len(content), "sha256": digest, "content_type": "image/png"})
        token = f"rehearsal-{self._name}"
        return {"customer_id": CUSTOMER, "client_token": token, "kind": "files", "files": files}

    def _ask(self, method: str, path: str, body: object = None) -> Answer:
        token = self._sign(CUSTOMER) if self._sign else ""
        return ask(self._deployment, method, path, body, token=token)
