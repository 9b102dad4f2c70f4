"""What happens to the receipts pipeline alone: a busy reader, one that answers rubbish, a purged
queue, a bucket that tells of nothing, objects that expire.
"""

from typing import TYPE_CHECKING

from tools.simulation import events
from tools.simulation.plan import Event
from tools.simulation.receipts import deployed
from tools.simulation.receipts.plan import EVENTS

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

SECOND = 1_000_000
BUSY, RUBBISH, SILENT, DOUBLED = 0.4, 0.3, 0.5, 0.3
TRIES = 200  # to find something on a queue that is to be purged


class Events(events.Events):
    """The events of one history of receipts."""

    _world: "World"

    def __init__(self, world: "World", planned: tuple[Event, ...]) -> None:
        super().__init__(world, planned, EVENTS)

    def end(self) -> None:
        """Faults are over."""
        super().end()
        self._quiet()

    def begin_own(self, kind: str, event: Event, end: int) -> None:
        """It begins."""
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
                self._purge(deployed.MAPPINGS[event.target % 2].name, TRIES)
            case "expired":
                self._expire(TRIES)
            case _:
                super().begin_own(kind, event, end)

    def _quiet(self) -> None:
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
