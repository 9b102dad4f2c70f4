"""What the harvest's calls and invocations are billed as, counted in virtual time."""

from __future__ import annotations

import math
from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.dynamodb import DynamoDB
from tools.simulation.aws.meter import Meter, Touched, charge_reads
from tools.simulation.stage import Stage

CALL_US = 5_000  # that a call of a service takes
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
PUTS = {"PutObject", "ListObjectsV2"}


class Billing:
    """Sees every call of the services: each takes a moment, and is counted."""

    dynamodb: DynamoDB

    def __init__(self, stage: Stage) -> None:
        self.meter = Meter("harvest")
        self._stage = stage

    def before(self, call: Call) -> None:
        """Time passes; a write is charged whether its condition holds or not."""
        if self._stage.current is not None:
            self._stage.pause(CALL_US)
        if call.service == "dynamodb" and call.operation in WRITES:
            Touched(self.dynamodb, call.operation, call.params).charge(self.meter)
        elif call.service == "s3":
            self.meter.add("s3_puts" if call.operation in PUTS else "s3_gets")
        elif call.service == "secretsmanager":
            self.meter.add("secret_calls")
        elif call.service == "sqs":  # and what a poller does: a receive and a deletion each
            sent = call.entries or 1
            self.meter.add("sqs_fifo_requests" if "fifo" in call.params["QueueUrl"] else "sqs_requests", 1 + 2 * sent)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Reads are charged by what they found."""
        if call.service == "dynamodb" and call.operation not in WRITES:
            charge_reads(self.meter, call.operation, call.params, answer)

    def invoked(self, seconds: float, memory_mb: int) -> None:
        """An invocation of a function took so long."""
        self.meter.add("lambda_requests")
        self.meter.add("lambda_gb_seconds", math.ceil(seconds * 1000) / 1000 * memory_mb / 1024)

    def units(self) -> dict[str, float]:
        """All units, by their names in the price list."""
        names = {name.split(":")[0] for _, name in self.meter.units}
        return {name: self.meter.total(name) for name in sorted(names)}
