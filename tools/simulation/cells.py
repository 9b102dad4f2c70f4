"""What may break: every call of every handler × every fault × before and after it takes effect."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tools.simulation.aws.calls import Call

KINDS = ("crash", "timeout", "lost", "throttle", "partial", "slow")
PHASES = ("before", "after")
WRITING_BATCHES = {
    "SendMessageBatch",
    "ChangeMessageVisibilityBatch",
    "DeleteMessageBatch",
    "BatchExecuteStatement",
    "BatchWriteItem",
}


QUEUED = {  # what a call of a queue is for
    "SendMessageBatch": "send",
    "ReceiveMessage": "receive",
    "DeleteMessageBatch": "delete",
    "GetQueueAttributes": "depth",
    "ChangeMessageVisibility": "put off",
    "ChangeMessageVisibilityBatch": "back off",
}


class Cell(NamedTuple):
    """One fault at one call, before or after its effect."""

    call: str
    kind: str
    phase: str


def possible(call: str, kind: str, phase: str) -> bool:
    """Whether the cell can be.

    Nothing is throttled after its effect, and only batches fail in part (a read has no effect to
    hide).
    """
    operation = call.split(".")[1].split(" ")[0]
    if kind == "throttle":
        return phase == "before"
    if kind == "partial":
        return operation in WRITING_BATCHES or (operation == "BatchGetItem" and phase == "before")
    return True


@dataclass(frozen=True)
class Matrix:
    """The rows of a pipeline's matrix: "<function> <service>.<operation> <target> (<purpose>)".

    `label` gives the row of a call that a function makes; `file` is where a new row is to be added.
    """

    calls: tuple[str, ...]
    label: Callable[[str, Call], str]
    file: str

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that can be."""
        every = (Cell(call, kind, phase) for call in self.calls for kind in KINDS for phase in PHASES)
        return tuple(cell for cell in every if possible(*cell))

    def index(self, call: str, kind: str, phase: str) -> int:
        """The number of a cell."""
        return self.cells.index(Cell(call, kind, phase))


def function_of(call: str) -> str:
    """The function that makes the call of a row."""
    return call.split(" ")[0]


def of_queue(call: Call) -> tuple[str, str]:
    """The queue that a request to SQS is about, by its last word, and what it is for."""
    queue = call.params["QueueUrl"].rsplit("-", 1)[-1].removesuffix(".fifo")
    return queue, QUEUED.get(call.operation, "other")


def table_of(call: Call) -> str:
    """The table that a request to DynamoDB is about, the first where there are several."""
    if "TableName" in call.params:
        return str(call.params["TableName"])
    if "RequestItems" in call.params:
        return str(next(iter(call.params["RequestItems"])))
    if "Statements" in call.params:
        return str(call.params["Statements"][0]["Statement"].split('"')[1])
    return "?"
