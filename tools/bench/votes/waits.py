"""How long an invocation waits for its calls, which Lambda bills as time.

AWS promises no latency: each call takes what the plan and the capacity model assume
(terraform/pipelines/votes/drain.json), for every design.
"""

from __future__ import annotations

import math
import threading

from shared.fanout import WORKERS
from tools.bench.votes.units import DRAIN

_OF = {name: float(seconds) for name, seconds in DRAIN["seconds_a_call"].items()}
# by operation; what is not named is a request to a queue, or an object's
SECONDS = {
    "GetItem": _OF["get"],
    "PutItem": _OF["put"],
    "UpdateItem": _OF["put"],
    "DeleteItem": _OF["put"],
    # assumed: prepared, then committed
    "TransactWriteItems": 2 * _OF["put"],
    "BatchGetItem": _OF["get_batch"],
    "Query": _OF["get_batch"],
    "Scan": _OF["get_batch"],
    "BatchExecuteStatement": _OF["put_batch"],
    "BatchWriteItem": _OF["put_batch"],
}


class Waits:
    """The waiting of one invocation: calls of its own thread one after the other.

    Those of other threads (shared.fanout) are made side by side, as many as there are workers.
    """

    def __init__(self) -> None:
        self._alone = 0.0
        self._together: list[tuple[str, int]] = []  # operations and how many, one lot after the other

    def hear(self, operation: str) -> None:
        """A call is made, in this thread."""
        if threading.current_thread() is threading.main_thread():
            self._alone += seconds(operation)
            if self._together:
                self._together.append(("", 0))
        elif self._together and self._together[-1][0] == operation:
            self._together[-1] = (operation, self._together[-1][1] + 1)
        else:
            self._together.append((operation, 1))

    def take(self) -> float:
        """Seconds since it was last asked."""
        lots = sum(math.ceil(number / WORKERS) * seconds(operation) for operation, number in self._together)
        alone, self._alone, self._together = self._alone, 0.0, []
        return alone + lots


def seconds(operation: str) -> float:
    """Of one call."""
    return SECONDS.get(operation, _OF["send"])
