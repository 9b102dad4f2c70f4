"""What happens to the receipts pipeline alone: a busy reader, one that answers rubbish, a purged
queue, a bucket that tells of nothing, objects that expire.
"""

from typing import TYPE_CHECKING

from tools.simulation import events
from tools.simulation.deployed import Mapping
from tools.simulation.plan import Event
from tools.simulation.receipts import deployed
from tools.simulation.receipts.deployed import PURGED, SELDOM_US, THREE_WEEKS_US
from tools.simulation.receipts.plan import EVENTS

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

SECOND = 1_000_000
BUSY, RUBBISH, SILENT, DOUBLED = 0.4, 0.3, 0.5, 0.3
TRIES = 200  # to find something on a queue that is to be purged
SOON_US = 600 * SECOND  # of such an outage, until schedules call seldom
TROUBLES = {  # of the database
    "database away": "away",
    "three weeks": "away",
    "database silent": "never",
    "database half": "half",
    "database full": "full",
    "wrong certificate": "wrong certificate",
    "wrong name": "wrong name",
}
OF_PREMISES = ("database slow", "rotated", "strict", "agent killed")
SLOWS_MS = (300, 400, 1_500, 400, 12_000, 300, 800, 400)


class Events(events.Events):
    """The events of one history of receipts."""

    _world: "World"

    def __init__(self, world: "World", planned: tuple[Event, ...]) -> None:
        self.lane_queue_replaced = False
        self._weeks: tuple[int, int] | None = None  # an outage of that length: from when to when
        super().__init__(world, planned, EVENTS)

    def for_weeks(self) -> bool:
        """Whether nothing can go on, and will not for days."""
        now = self._world.stage.now
        return self._weeks is not None and self._weeks[0] + SOON_US < now < self._weeks[1] - 2 * SELDOM_US

    def end(self) -> None:
        """Faults are over."""
        super().end()
        self._quiet()
        if self.uses_later:
            self._world.agents.kill()  # the site has its release too
        self._world.server.troubles.clear()
        self._relaxed()

    def begin_own(self, kind: str, event: Event, end: int) -> None:
        """It begins."""
        if kind in TROUBLES:
            self._trouble(kind, end)
        elif kind in OF_PREMISES:
            self._of_premises(kind, event, end)
        else:
            self._of_aws(kind, event, end)

    def _of_premises(self, kind: str, event: Event, end: int) -> None:
        world = self._world
        match kind:
            case "database slow":
                self.fired[kind] += 1
                world.server.slow_us = SLOWS_MS[event.target % len(SLOWS_MS)] * 1_000
                world.stage.at(end, self._quiet)
            case "rotated":
                self.fired[kind] += 1
                world.site.rotate()
            case "strict":
                self.fired[kind] += 1
                world.server.is_strict = True
                world.stage.at(end, self._relaxed)
            case "agent killed":
                self.fired[kind] += world.agents.kill()

    def _of_aws(self, kind: str, event: Event, end: int) -> None:
        world = self._world
        match kind:
            case "busy reader":
                self.fired[kind] += 1
                world.reader.busy = BUSY
                world.stage.at(end, self._quiet)
            case "rubbish":
                self.fired[kind] += 1
                world.reader.rubbish = RUBBISH
                world.stage.at(end, self._quiet)
            case "silent bucket":
                self.fired[kind] += 1
                notifier = world.notifiers[deployed.UPLOADS]
                notifier.silent, notifier.doubled = SILENT, DOUBLED
                world.stage.at(end, self._quiet)
            case "purge":
                self._purge(PURGED[event.target % len(PURGED)].name, TRIES)
            case "expired":
                self._expire(TRIES)
            case _:
                super().begin_own(kind, event, end)

    def _trouble(self, kind: str, end: int) -> None:
        server, trouble = self._world.server, TROUBLES[kind]
        self.fired[kind] += 1
        server.troubles[trouble] += 1
        if trouble == "away":
            server.stop()
        if kind == "three weeks":
            end = self._world.stage.now + THREE_WEEKS_US
            self._weeks = self._world.stage.now, end
            self._world.lasts_until(end)
        self._world.stage.at(end, lambda: self._is_well(trouble))

    def _is_well(self, trouble: str) -> None:
        server = self._world.server
        server.troubles[trouble] = max(0, server.troubles[trouble] - 1)

    def _relaxed(self) -> None:
        self._world.server.is_strict = False

    def _replace(self, mapping: Mapping, tries: int) -> None:
        fired = self.fired["replace"]
        super()._replace(mapping, tries)
        if mapping is deployed.LANE and self.fired["replace"] > fired:
            self.lane_queue_replaced = True
            self._world.checker.lanes.ticks_lost()

    def _quiet(self) -> None:
        self._world.server.slow_us = 0
        self._world.reader.busy = self._world.reader.rubbish = 0.0
        for notifier in self._world.notifiers.values():
            notifier.silent = notifier.doubled = 0.0

    def _purge(self, name: str, tries: int) -> None:
        """Purge a queue when it holds something."""
        queue = self._world.cloud.sqs.queues[name]
        if self._world.calm or not tries:
            return
        if not queue.messages:
            self._world.stage.at(self._world.stage.now + SECOND // 10, lambda: self._purge(name, tries - 1))
            return
        self.fired["purge"] += 1
        self._world.note(f"PURGED {name}: {len(queue.messages)} messages")
        queue.purge()
        if name == deployed.LANE.name:
            self._world.checker.lanes.ticks_lost()

    def _expire(self, tries: int) -> None:
        """Objects expire, as S3's lifecycle rules let them: not the documents."""
        buckets = self._world.cloud.s3.buckets
        kept = buckets[deployed.DOCUMENTS]
        going = [(buckets[deployed.UPLOADS], key) for key in buckets[deployed.UPLOADS]]
        going += [(kept, key) for key in kept if key.startswith("images/")]
        if self._world.calm or not tries:
            return
        if not going:
            self._world.stage.at(self._world.stage.now + SECOND // 2, lambda: self._expire(tries - 1))
            return
        self.fired["expired"] += 1
        self._world.note(f"EXPIRED {len(going)} objects")
        for bucket, key in going:
            del bucket[key]
            self._world.expired.add(key)
