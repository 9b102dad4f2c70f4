"""conservation: looks whether every witness that was accepted is settled, and whether every mapping is on; called by a schedule."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from shared import clients, clock, logs, settings
from votes import stamps, witness
from votes.settings import ConservationSettings
from votes.witness import Witnesses

# A repeat within five minutes of the first is dropped by the count queue: then only the first was settled. And clocks differ.
SETTLED_EARLIER_SECONDS = 600
SECONDS_KEPT = 5.0  # of the function's time, to say that it was not enough
MOST_NAMED = 50
ON = {"Creating", "Enabling", "Enabled", "Updating"}


class Conservation:
    """The function's work. `logs_client` and `lambda_client` are clients of CloudWatch Logs and Lambda."""

    def __init__(self, config: ConservationSettings, logs_client: Any, lambda_client: Any) -> None:
        self._config, self._logs, self._lambda = config, logs_client, lambda_client

    def handle(self, context: Any) -> dict[str, Any]:
        """Look once; what was found, for who calls it by hand. Raises what kept it from looking: then no metric says that all is well."""
        off = self._mappings_off()
        _report({"MappingsOff": len(off)})
        if off:
            logs.logger().error("mappings off", extra={"mappings": off})
        now_ms = clock.now_us() // 1000
        until = clock.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_KEPT
        try:
            seen = self._read(now_ms, until)
        except Exception as error:
            logs.logger().error("failed", extra={"place": "conservation", "kind": logs.kind_of(error), **logs.cause_of(error)})
            raise
        late = seen.late(now_ms - self._config.latency_seconds * 1000)
        _report({"WitnessesAccepted": len(seen.accepted), "WitnessesMissing": len(late)})
        named = list(late)[:MOST_NAMED]
        found = {"missing": len(late), "hashes": named, "oldest_accepted_at": stamps.to_rfc3339(late[named[0]] * 1000) if named else None}
        if late:
            logs.logger().error("witnesses missing", extra=found | {"latency_seconds": self._config.latency_seconds})
        return found | {"accepted": len(seen.accepted), "mappings_off": off}

    def _read(self, now_ms: int, until: float) -> Witnesses:
        """The accepted of the time looked back at, then the settled of that and a while before."""
        seen = Witnesses()
        since_ms = now_ms - (self._config.latency_seconds + self._config.look_back_seconds) * 1000
        for group in self._config.accepted_logs:
            witness.read(self._logs, group, seen, since_ms=since_ms, until=until)
        for group in self._config.settled_logs:
            witness.read(self._logs, group, seen, since_ms=since_ms - SETTLED_EARLIER_SECONDS * 1000, until=until)
        return seen

    def _mappings_off(self) -> list[str]:
        """The consumers whose event source mapping is off, or gone."""
        return [consumer for consumer, uuid in sorted(self._config.mappings.items()) if self._state(uuid) not in ON]

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


@cache
def _worker() -> Conservation:
    return Conservation(settings.load(ConservationSettings), clients.client("logs"), clients.client("lambda"))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(context)


settings.at_start(_worker)
