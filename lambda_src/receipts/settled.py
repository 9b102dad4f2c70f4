"""What settle counts, and how it says why a row was refused."""

from collections import Counter

from aws_lambda_powertools.metrics import MetricUnit

from receipts.deliveries import known_at
from receipts.delivery.messages import Delivered, Heartbeat, RowRefused
from receipts.rows import FileRow
from shared import logs

SOURCE = "delivery"  # of quarantined lines about a file's facts
AGENT = "agent-"  # what the names of lanes on the premises begin with


class Figures:
    """What the messages of one event come to, as metrics."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._latencies: list[float] = []
        self._ages: list[float] = []

    def beat(self, beat: Heartbeat) -> None:
        """Count a heartbeat of a lane or an agent that reached the database, and how fast it was.

        An alarm rings where such heartbeats are missing, whatever the cause.
        """
        if beat.reached:
            self._counts["AgentReached" if beat.lane.startswith(AGENT) else "LaneReached"] += 1
            self._latencies.append(beat.latency_ms)

    def delivered(self, outcome: Delivered, row: FileRow) -> None:
        """Count a fact that stands, and how long after it was known."""
        since = known_at(row, outcome.revision)
        self._counts["RowsDelivered"] += outcome.new
        self._ages.append(max(0, outcome.at - (since or outcome.at)) / 1_000_000)

    def refused(self, outcome: RowRefused) -> None:
        """Count a row that was refused."""
        self._counts["RowsRefused"] += 1
        self._reasons[outcome.reason] += 1

    def write(self) -> None:
        """Write the metrics; those that an alarm watches in every environment too."""
        for name in ("LaneReached", "AgentReached", "RowsRefused"):
            logs.count_always(name, self._counts[name])
        logs.count({"RowsDelivered": self._counts["RowsDelivered"]})
        logs.count_by("Quarantined", "reason", self._reasons)
        logs.measure("DatabaseLatency", MetricUnit.Milliseconds, self._latencies)
        logs.measure("DeliveryAge", MetricUnit.Seconds, self._ages)


def why(refused: RowRefused) -> str:
    """Why a row was refused, for people: which one, and what the database named; no values."""
    which = [f"receipt {refused.receipt}"] if refused.receipt is not None else []
    which += [f"correction {refused.revision}"] if refused.revision else []
    named = " ".join(filter(None, (refused.sqlstate, refused.constraint)))
    return ": ".join(filter(None, (", ".join(which), named))) or "the document as a whole"
