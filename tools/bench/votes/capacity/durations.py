"""How long a call of each function takes and which units it uses.

CPU is as the bench measured it, the latencies of calls are assumed.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from shared.fanout import WORKERS
from tools.bench.dollars import CORE_MB
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.timed import SLUICE_SIZE
from tools.bench.votes.units import DRAIN, titles_of
from tools.common.paths import BUILD
from tools.traffic.votes.load import ASPECTS
from votes.ballot import Ballot
from votes.journal import GETS_A_CALL, PUTS_A_CALL
from votes.messages import in_messages
from votes.rules import Rules

MEASURED = BUILD / "bench" / "bench.json"
# Where nobody ran `make bench` here: µs of CPU a ballot, and ms of CPU of a cold start, as
# docs/votes/performance.md gives them.
DOCUMENTED = {
    "receive, 1 a request": 315.8,
    "receive, 10 a request": 39.3,
    "receive, 100 a request": 10.3,
    **DRAIN["cpu_us_a_ballot"],
    "tally": 73.8,
}
COLD_MS = {"receive": 232.0, "process": 266.0, "write": 269.0, "tally": 238.0}
# Seconds that a call waits for its answer. AWS promises none; these are assumed, and rather long.
SEND, GET, PUT, GET_BATCH, PUT_BATCH = (
    float(DRAIN["seconds_a_call"][name]) for name in ("send", "get", "put", "get_batch", "put_batch")
)
# assumed: what Lambda takes for a new environment before it runs the function's own start
NEW_ENVIRONMENT = 0.3
# Bytes of a ballot: alone in process's event (6,400 of them are 6 MB), and what each further one
# of a request adds; as a body on the ingest queue, and in a message of the count queue.
RECORD_BYTES, MORE_BYTES = (int(DRAIN["bytes"][f"{which}_in_an_event"]) for which in ("first", "further"))
BODY_BYTES, COUNT_BYTES = 230, 100


@dataclass(frozen=True)
class Durations:
    """Of one environment's settings and one size of requests.

    CPU in µs a ballot, `cold` in seconds; `measured` tells where they are from.
    """

    settings: Settings
    a_request: int = 1
    cpu: dict[str, float] = field(default_factory=lambda: dict(DOCUMENTED))
    cold_ms: dict[str, float] = field(default_factory=lambda: dict(COLD_MS))
    source: str = "docs/votes/performance.md"
    slow: float = 1.0  # times the assumed latencies of calls

    def share(self, function: str) -> float:
        """How much longer CPU takes with the function's memory than on a whole core."""
        return max(1.0, CORE_MB / self.settings.memory_mb[function])

    def cold(self, function: str) -> float:
        """Seconds of a first call's start."""
        return NEW_ENVIRONMENT + self.cold_ms[function] / 1000 * self.share(function)

    def billed(self, function: str, seconds: float, *, cold: bool = False) -> float:
        """GB-seconds of a call that took so long, its start included; Lambda bills whole ms.

        The function's own start is billed, what AWS takes to make the environment is not.
        """
        paid = seconds - (NEW_ENVIRONMENT if cold else 0.0)
        return math.ceil(round(paid * 1000, 6)) / 1000 * self.settings.memory_mb[function] / 1024

    def receive(self) -> float:
        """Seconds of one request.

        Between the measured sizes its CPU is straight on a double logarithmic scale.
        """
        points = [(n, self.cpu[f"receive, {n} a request"] * n) for n in (1, 10, 100)]
        for (few, least), (many, most) in pairwise(points):  # noqa: B007
            if self.a_request <= many:
                break
        slope = math.log(most / least) / math.log(many / few)
        return self.slow * SEND + least * math.pow(self.a_request / few, slope) / 1e6 * self.share("receive")

    def process(self, ballots: int) -> float:
        """Seconds of one batch: its CPU, a read of the catalogue, one send after the other.

        A send takes ten messages.
        """
        sends = math.ceil(min(ballots, self.settings.shards) / 10)
        return ballots * self.cpu["process"] / 1e6 * self.share("process") + self.slow * (GET_BATCH + sends * SEND)

    def write(self, by_shard: list[int]) -> float:
        """Seconds of one batch: shard after shard its last entry, standing votes, append, votes.

        Reads and puts are made side by side. Three gets are assumed for the last entry and a head
        that is moved: who remembers the entry, and moves no head, makes fewer.
        """
        waits = sum(
            3 * GET
            + PUT
            + math.ceil(n / GETS_A_CALL / WORKERS) * GET_BATCH
            + math.ceil(n / PUTS_A_CALL / WORKERS) * PUT_BATCH
            for n in by_shard
        )
        return self.slow * (waits + SEND) + sum(by_shard) * self.cpu["write"] / 1e6 * self.share("write")

    def fold(self, ballots: int, entries: int) -> float:
        """Seconds of one epoch: shards are read side by side, each page after page.

        Then each title gets its sums, some side by side.
        """
        pages = math.ceil(self.settings.shards / WORKERS) * max(
            1.0, math.log2(max(1.0, entries / self.settings.shards / 4) + 1)
        )
        titles = titles_of(ballots)
        put = self.slow * PUT
        return (
            5 * put
            + self.slow * pages * GET_BATCH
            + titles * max(self.title_cpu() / 1e6 * self.share("tally"), put / WORKERS)
        )

    def title_cpu(self) -> float:
        """µs of CPU a title: the bench folded SLUICE_SIZE ballots in one epoch."""
        return self.cpu["tally"] * SLUICE_SIZE / titles_of(SLUICE_SIZE)

    def event_bytes(self) -> int:
        """Bytes of one message in process's event."""
        return RECORD_BYTES + (self.a_request - 1) * MORE_BYTES

    def batch_messages(self, most_bytes: int) -> int:
        """The most messages of a batch."""
        return max(1, min(self.settings.batch_size, most_bytes // self.event_bytes()))


@cache
def most_in_a_message() -> int:
    """The most ballots of a count message."""
    drawn = [Ballot("v", "t", {}, "b", 0)] * 10_000
    return len(next(in_messages(drawn, Rules(ASPECTS, 1, 5))))


def measured(settings: Settings, a_request: int, slow: float = 1.0, result: Path = MEASURED) -> Durations:
    """As the last `make bench` on this machine measured them, or else as the documentation says."""
    timed = json.loads(result.read_text()).get("timed") if result.exists() else None
    if not timed:
        return Durations(settings, a_request, slow=slow)
    cpu = {name: timed["median"][f"sluice {name}"] for name in DOCUMENTED}
    return Durations(
        settings,
        a_request,
        cpu,
        {name: timed["cold"][name]["cpu_ms"] for name in COLD_MS},
        "build/bench/bench.json",
        slow,
    )
