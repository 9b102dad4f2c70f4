"""What a run's row says of its progress, and the metrics of it, every other second."""

from collections import deque
from collections.abc import Collection

from aws_lambda_powertools.metrics import MetricUnit

from harvest import run_rows
from harvest.frontier import Frontier
from harvest.run_ledger import RunLedger
from shared import clock, logs

WRITE_MS = 2_000
RECENT_MS = 20_000  # of which the achieved rate is said: a slow vendor's parcels take seconds


class Progress:
    """Writes one run's counts, fenced by the turn."""

    def __init__(self, runs: RunLedger) -> None:
        self._runs = runs
        self.recent = 0.0  # calls a second that were settled of late
        self._written = 0
        self._said = ""
        self._calls: deque[tuple[int, int]] = deque()  # when so many calls were settled
        self._counted: tuple[int, int] | None = None

    def write(self, frontier: Frontier, turn: int, *, now: bool = False) -> None:
        """Write the counts if they changed, now or in a while."""
        now_ms = clock.now_us() // 1000
        if not now and now_ms < self._written + WRITE_MS:
            return
        self._written = now_ms
        self._look(now_ms, frontier.counts.calls)
        said = f"{frontier.counts.to_json()} {self.recent:.1f}"
        if said != self._said:
            self._runs.write_counts(
                frontier.run.run_id, turn, frontier.counts, frontier.first_call, self.recent
            )
            self._said = said
        self._measure(frontier)

    def _look(self, now_ms: int, calls: int) -> None:
        self._calls.append((now_ms, calls))
        while len(self._calls) > 2 and self._calls[1][0] <= now_ms - RECENT_MS:
            self._calls.popleft()
        began_ms, before = self._calls[0]
        if now_ms > began_ms:
            self.recent = (calls - before) * 1000 / (now_ms - began_ms)

    def _measure(self, frontier: Frontier) -> None:
        """Count what was settled since the last time; the first time is a turn's begin."""
        seen = (frontier.counts.settled, frontier.counts.failed)
        if self._counted is not None:
            settled, failed = (a - b for a, b in zip(seen, self._counted, strict=True))
            logs.count({"CallsSettled": settled, "CallsFailed": failed})
        self._counted = seen


class Share:
    """The metric of how much of the permitted rate is used, while there is work to let out."""

    def __init__(self) -> None:
        self._hungry_ms = 0  # since when there is; 0 while there is none
        self._said = 0

    def look(self, frontiers: Collection[Frontier], made: float, permitted: float) -> None:
        """Say it every RECENT_MS: `made` calls a second of the `permitted` ones."""
        now_ms = clock.now_us() // 1000
        running = [
            one.run for one in frontiers if one.run.state == run_rows.RUNNING and one.waiting
        ]
        caps = [run.rate for run in running]
        if not running or not permitted:
            self._hungry_ms = 0
            return
        self._hungry_ms = self._hungry_ms or now_ms
        if now_ms < max(self._hungry_ms, self._said) + RECENT_MS:
            return
        self._said = now_ms
        own = sum(cap or permitted for cap in caps)
        metrics = logs.metrics()
        percent = 100 * made / min(permitted, own)
        metrics.add_metric("RatePercent", MetricUnit.Percent, round(percent, 1))
        metrics.flush_metrics()
