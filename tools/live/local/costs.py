"""What a pipeline would have cost on AWS since the page began: counts of here, at list prices.

It is an estimate: the emulator takes at most ten messages a batch and waits for none, where AWS
fills larger ones. Functions are left out, because this machine's time is not Lambda's. What is
counted is requests of queues and of the API, and the log; a pipeline's own room adds its tables and
whatever else it pays for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tools.bench import dollars
from tools.live.local.tails import Tail
from tools.live.source import Json

MILLION = 1_000_000
FEW = 100  # items, of which a million cannot be reckoned yet
POLLS = 2  # requests of a poller for each batch: a receive and a deletion
LABEL = (
    "an estimate without Lambda: counts of this emulator, whose batches are smaller than AWS's, "
    "at list prices of us-east-1"
)

Units = Mapping[str, float]


class Compared(NamedTuple):
    """The same by a plainer design, without Lambda: dollars a million items; what it does."""

    a_million: float
    words: str


def billed(tails: Iterable[Tail], consumers: Iterable[str], called: Iterable[str]) -> dict[str, float]:
    """The units of what every pipeline has. `consumers`: functions that take from a queue;
    `called`: those that the API calls.
    """
    units = dict.fromkeys(("api_requests", "sqs_requests", "log_bytes"), 0.0)
    by_queue, by_api = set(consumers), set(called)
    for tail in tails:
        units["log_bytes"] += tail.log_bytes
        units["api_requests"] += tail.invocations if tail.function in by_api else 0
        # what was sent to a queue is received and deleted by its consumer
        units["sqs_requests"] += tail.invocations * (POLLS + 1) if tail.function in by_queue else 0
    return units


def told(units: Units, items: int, compared: Compared | None) -> Json:
    """The meter, as a snapshot has it; `items` were done since the page began."""
    by_service = dollars.by_service(units)
    spent = sum(by_service.values())
    parts = (
        ", ".join(f"{name} {100 * amount / spent:.0f} %" for name, amount in by_service.items() if amount) or "nothing"
    )
    beside = f"; the plain design: {compared.words}" if compared else ""
    return {
        "dollars": round(spent, 6),
        "a_million": round(spent / items * MILLION, 2) if items >= FEW else None,
        "plain_a_million": compared.a_million if compared else None,
        "text": f"{LABEL}: {parts}{beside}",
    }
