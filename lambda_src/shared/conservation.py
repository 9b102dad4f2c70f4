"""Conservation: checks that every accepted witness is settled, and that every mapping is on.

The whole function of terraform/modules/conservation: a pipeline's own file has `handle` for its
handler, and `worker` made at the start.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, Json, PositiveInt

from shared import clients, clock, conserved, logs, settings
from shared.conserved import Witnesses

# A FIFO queue drops a repeat within five minutes of the first: then only the first was settled. And
# clocks differ.
SETTLED_EARLIER_MS = 600_000
SECONDS_KEPT = 20.0  # of the function's time: for a page that is under way, and to say so
MOST_NAMED = 50
ALL = {"one_in": 1, "not_judged": 0}
ON = {"Creating", "Enabling", "Enabled", "Updating"}


Text = Annotated[str, Field(min_length=1)]


class ConservationSettings(BaseModel):
    """The function's; `mappings` is consumer → UUID.

    An item may take `latency_seconds` to settle; one that did not is reported for
    `look_back_seconds`.
    """

    accepted_logs: Json[list[Text]]
    settled_logs: Json[list[Text]]
    mappings: Json[dict[str, Text]]
    latency_seconds: PositiveInt
    look_back_seconds: PositiveInt


class Conservation:
    """The function's work.

    `logs_client` and `lambda_client` are clients of CloudWatch Logs and Lambda.
    """

    def __init__(self, config: ConservationSettings, logs_client: Any, lambda_client: Any) -> None:
        self._config, self._logs, self._lambda = config, logs_client, lambda_client
        self._begin()

    def _begin(self) -> None:
        """Nothing is read yet.

        What was read is kept in the worker alone: a new one reads all again, which is slower, and
        never wrong.
        """
        self._seen = Witnesses()
        self._missing: set[str] = set()
        self._left: list[conserved.Reader] = []  # of a round that was broken off
        self._began_ms = 0
        self._accepted = [conserved.Reader(self._logs, one) for one in self._config.accepted_logs]
        self._settled = [conserved.Reader(self._logs, one) for one in self._config.settled_logs]

    def handle(self, context: Any) -> dict[str, Any]:
        """Check once: what there was, for who calls it by hand.

        Raises what kept it from checking: then no metric says that all is well.
        """
        off = self._mappings_off()
        _report({"MappingsOff": len(off)})
        if off:
            logs.logger().error("mappings off", extra={"mappings": off})
        now_ms = clock.now_us() // 1000
        until = clock.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_KEPT
        try:
            late = self._late(self._read(now_ms, until), until)
        except Exception as error:
            logs.error("conservation", error)
            raise
        return self._said(late) | {"mappings_off": off}

    def _said(self, late: dict[str, int]) -> dict[str, Any]:
        """Write metrics and lines of what was seen."""
        seen = self._seen
        _report(
            {
                "WitnessesAccepted": len(seen.accepted),
                "WitnessesMissing": len(late),
                "WitnessesOneIn": seen.one_in,
            }
        )
        parts = {"one_in": seen.one_in, "not_judged": seen.not_judged}
        if parts != ALL:
            logs.logger().warning("witnesses looked at in part", extra=parts)
        named = list(late)[:MOST_NAMED]
        missing = {
            "missing": len(late),
            "hashes": named,
            "oldest_accepted_at": _rfc3339(late[named[0]]) if named else None,
        }
        if late:
            extra = missing | {"latency_seconds": self._config.latency_seconds}
            logs.logger().error("witnesses missing", extra=extra)
        return missing | parts | {"accepted": len(seen.accepted)}

    def _read(self, now_ms: int, until: float) -> int:
        """Bring what was seen up to now: until when all is read.

        What is new is read, and what is too old to be reported is dropped. What there was no time
        for is read the next time, before anything newer. A worker that is new, or that kept one
        witness in many and has room again, reads all.
        """
        if self._seen.one_in > 1 and self._seen.kept < conserved.MOST_KEPT // 4:
            self._begin()
        window_ms = (self._config.latency_seconds + self._config.look_back_seconds) * 1000
        since_ms = now_ms - window_ms
        earlier_ms = since_ms - SETTLED_EARLIER_MS
        self._seen.forget(accepted_ms=since_ms, settled_ms=earlier_ms)
        if not self._left:
            self._began_ms, self._left = now_ms, [*self._accepted, *self._settled]
        while self._left:
            start_ms = since_ms if self._left[0] in self._accepted else earlier_ms
            self._left[0].read(self._seen, since_ms=start_ms, now_ms=self._began_ms, until=until)
            del self._left[0]
        return self._began_ms

    def _late(self, read_to_ms: int, until: float) -> dict[str, int]:
        """The missing; of the new among them, the settled are read once more.

        So a line that came to be found very late, or that went with others when there were too many
        to keep, is no loss.
        """
        before_ms = read_to_ms - self._config.latency_seconds * 1000
        late = self._seen.late(before_ms)
        if new := late.keys() - self._missing:
            since_ms = min(late[one] for one in new) - SETTLED_EARLIER_MS
            for group in self._config.settled_logs:
                conserved.read(self._logs, group, self._seen, since_ms=since_ms, until=until)
            late = self._seen.late(before_ms)
        self._missing = set(late)
        return late

    def _mappings_off(self) -> list[str]:
        """The consumers whose event source mapping is off, or gone."""
        return [
            consumer
            for consumer, uuid in sorted(self._config.mappings.items())
            if self._state(uuid) not in ON
        ]

    def _state(self, uuid: str) -> str:
        try:
            return str(self._lambda.get_event_source_mapping(UUID=uuid)["State"])
        except ClientError as error:
            if logs.kind_of(error) == "ResourceNotFoundException":
                return "Gone"
            raise


def _report(counts: dict[str, int]) -> None:
    """Write the metrics, zeros too: an alarm takes silence for trouble."""
    for name, n in counts.items():
        logs.metrics().add_metric(name, MetricUnit.Count, n)
    logs.metrics().flush_metrics()


def _rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@cache
def worker() -> Conservation:
    """The worker's, by the variables that the module gives it."""
    return Conservation(
        settings.load(ConservationSettings), clients.client("logs"), clients.client("lambda")
    )


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """What the pipeline's function has for its handler."""
    return worker().handle(context)
