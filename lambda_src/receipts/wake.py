"""wake: called each minute, sends a tick to every lane, for whatever no other tick has woken."""

from functools import cache
from typing import Any

from receipts.delivery import messages
from receipts.messages import NotSent
from receipts.settings import WakeSettings
from shared import clients, clock, queues, settings

MINUTE_US = 60_000_000

Json = dict[str, Any]


class Wake:
    """The function's work; `sqs` is a client."""

    def __init__(self, config: WakeSettings, sqs: Any) -> None:
        self._config, self._sqs = config, sqs

    def handle(self) -> Json:
        """Wake every lane, once a minute however often it is called. Raises NotSent."""
        minute = clock.now_us() // MINUTE_US
        ticks = [messages.of_minute(lane, minute) for lane in range(self._config.lanes)]
        unsent = queues.send_all(self._sqs, self._config.lane_queue_url, ticks)
        if unsent:
            raise NotSent(f"{len(unsent)} of {len(ticks)} ticks")
        return {"lanes": len(ticks)}


@cache
def _worker() -> Wake:
    return Wake(settings.load(WakeSettings), clients.client("sqs"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle()


settings.at_start(_worker)
