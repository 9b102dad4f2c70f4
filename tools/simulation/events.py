"""What happens to the system as a whole: outages, redrives, a queue replaced, deployments, queues
at their worst.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from tools.operations import redrive
from tools.simulation.aws.calls import Call
from tools.simulation.deployed import Mapping, Pulled
from tools.simulation.faults import fail_part, lost, throttled
from tools.simulation.plan import Event
from tools.simulation.surroundings import Release

if TYPE_CHECKING:
    from tools.simulation.world import World

MS, SECOND = 1_000, 1_000_000
KINDS = (
    "outage",  # a table or a queue answers nothing, for minutes or hours
    "redrive",  # an operator redrives whatever is dead, in the middle of the traffic
    # a queue is replaced: what it held is sent again by an operator, its memory of deduplication is
    # gone
    "replace",
    "deploy",  # a later release runs beside this one, then alone
    # this release runs beside a later one, then alone, until it is rolled forward again
    "roll back",
    "deliver twice",  # standard queues deliver some messages again
    "not deleted",  # some messages are not deleted though the function did its work
    "count receives",  # receives are counted without a delivery
    "cut pages",  # pages of a query or of a bucket's list end early
    "switch off",  # a mapping is off, until somebody switches it on again
)
PAGED = {"Query", "ListObjectsV2"}


class Events:
    """The events of one history, whose plan has them by their place in `kinds`.

    `fired` counts by kind what had an effect. A pipeline adds kinds of its own in `begin_own`.
    """

    def __init__(self, world: "World", events: tuple[Event, ...], kinds: tuple[str, ...] = KINDS) -> None:
        self._world = world
        self.fired: Counter[str] = Counter()
        self._out: Counter[str] = Counter()  # how many outages a table, queue or bucket has now
        self._on: Counter[str] = Counter()
        self._effects: set[str] = set()
        self._release = "this"
        self.redriven = 0
        self.uses_later = False
        for event in events:
            self._plan(kinds[event.kind % len(kinds)], event)

    def release(self) -> Release:
        """The release that the next invocation is of."""
        this, later = self._world.releases()
        if self._release == "both":
            return self._world.rng.choice((this, later))
        return later if self._release == "later" else this

    def last_release(self) -> Release:
        """The latest release that was ever used."""
        this, later = self._world.releases()
        return later if self.uses_later else this

    def meddle(self, call: Call) -> None:
        """What befalls any call."""
        if self._out and (out := next((target for target in self._out if target in _target(call)), None)):
            self._felt("outage " + out)
            self._world.note(f"OUTAGE {out}")
            if self._world.stage.current is not None:
                self._world.stage.current.context.is_hurt = True
            if call.entries and self._world.rng.random() < 0.3:
                fail_part(self._world, call, unheard=False)
            elif self._world.rng.random() < 0.3:
                self._world.stage.pause(SECOND)
                raise lost(self._world, "before")
            else:
                raise throttled(self._world, call)
        if self._on["cut pages"] and call.operation in PAGED:
            self._felt("cut pages")
            call.most_items = 1

    def is_out(self, target: str) -> bool:
        """Whether it is out of order now."""
        return self._out[target] > 0

    def was_out(self, target: str) -> bool:
        """Whether it has been out of order when it was called."""
        return f"outage {target}" in self._effects

    def _felt(self, what: str) -> None:
        """An event that lasts is counted once it has an effect."""
        if what not in self._effects:
            self._effects.add(what)
            self.fired["outage" if what.startswith("outage") else what] += 1

    def receive_only(self, queue: str) -> bool:
        """Whether what was just received is given to nobody."""
        if self._on["count receives"] and self._world.rng.random() < 0.3:
            self.fired["count receives"] += 1
            self._world.note(f"RECEIVED BY NOBODY from {queue}")
            return True
        return False

    def keeps_message(self) -> bool:
        """Whether a message that should be deleted now is not."""
        if self._on["not deleted"] and self._world.rng.random() < 0.4:
            self.fired["not deleted"] += 1
            self._world.note("NOT DELETED")
            return True
        return False

    def end(self) -> None:
        """Faults are over; the later release stays where it was ever used."""
        self._out.clear()
        self._on.clear()
        self._release = "later" if self.uses_later else "this"
        self._come_again(0)
        for poller in self._world.pollers.values():
            poller.switch(on=True)

    def redrive(self) -> None:
        """An operator moves all dead letters back."""
        for one in self._world.deployed.queues:
            if self._world.cloud.sqs.queues[one.dead_letters].messages:
                self._world.lambdas.operate(lambda sqs, one=one: self._move(sqs, one))  # type: ignore[misc]

    def _move(self, sqs: Any, of: Mapping | Pulled) -> None:
        stage, url = self._world.stage, self._world.deployed.url
        # several operators may be at it at once: the sum is read when this one is done, not before
        moved = redrive.move(
            sqs,
            url(of.dead_letters),
            url(of.name),
            clock=lambda: stage.now / SECOND,
            sleep=lambda seconds: stage.pause(int(seconds * SECOND)),
        )
        self.redriven += moved

    def _plan(self, kind: str, event: Event) -> None:
        start = self._world.started + event.at * MS
        self._world.lasts_until(start + event.lasts * MS)
        self._world.stage.at(start, lambda: self._begin(kind, event))

    def _begin(self, kind: str, event: Event) -> None:
        if self._world.calm:
            return
        world, end = self._world, self._world.stage.now + event.lasts * MS
        mappings, targets = world.deployed.mappings, world.deployed.targets
        world.note(f"EVENT {kind} for {event.lasts // 1000} s")
        match kind:
            case "outage":
                target = targets[event.target % len(targets)]
                self._out[target] += 1
                world.stage.at(end, lambda: self._restore(target))
            case "redrive":
                for at in range(0, event.lasts * MS, max(60 * SECOND, event.lasts * MS // 6)):
                    world.stage.at(world.stage.now + at, self._redrive_now)
            case "replace":
                self._replace(mappings[event.target % len(mappings)], tries=200)
            case "deploy" | "roll back":
                self.fired[kind] += 1
                self._release, self.uses_later = "both", True
                world.stage.at(end, lambda: self._deployed("later" if kind == "deploy" else "this"))
            case "switch off":
                self.fired[kind] += 1
                poller = world.pollers[mappings[event.target % len(mappings)].name]
                poller.switch(on=False)
                world.stage.at(end, lambda: poller.switch(on=True))
            case "deliver twice":
                self.fired[kind] += 1
                self._come_again(0.3)
            case "not deleted" | "count receives" | "cut pages":
                self._on[kind] += 1
                world.stage.at(end, lambda: self._over(kind))
            case _:
                self.begin_own(kind, event, end)

    def begin_own(self, kind: str, event: Event, end: int) -> None:
        """An event of the pipeline's own begins, to last until `end` (µs)."""
        raise LookupError(f"no event is of kind {kind!r}")

    def _come_again(self, share: float) -> None:
        for queue in self._world.cloud.sqs.queues.values():
            queue.again = share

    def _restore(self, target: str) -> None:
        self._out[target] -= 1
        self._out = +self._out

    def _over(self, kind: str) -> None:
        self._on[kind] -= 1

    def _deployed(self, release: str) -> None:
        if not self._world.calm:
            self._release = release

    def _redrive_now(self) -> None:
        queues = self._world.cloud.sqs.queues
        if any(queues[one.dead_letters].messages for one in self._world.deployed.queues):
            self.fired["redrive"] += 1
            self.redrive()

    def _replace(self, mapping: Mapping, tries: int) -> None:
        """Put a new queue in a queue's place when it holds something; an operator sends that again,
        as new messages.
        """
        queue = self._world.cloud.sqs.queues[mapping.name]
        if self._world.calm or not tries:
            return
        if not queue.messages:
            self._world.stage.at(self._world.stage.now + SECOND // 20, lambda: self._replace(mapping, tries - 1))
            return
        self.fired["replace"] += 1
        with self._world.checker.moving():
            held = queue.replace()
            self._world.checker.replaced(held)
            for message in held:
                again = f"replaced-{message.id}-{message.place}" if queue.fifo else None
                queue.send(message.body, message.group, again, attributes=message.attributes)


def _target(call: Call) -> str:
    """The names in a request of what it is about."""
    params = call.params
    if call.service == "sqs":
        return str(params["QueueUrl"])
    if call.service not in {"dynamodb", "s3"}:
        return call.service
    names = params.get("TableName") or params.get("Bucket") or list(params.get("RequestItems", ()))
    return str(names or params["Statements"][0]["Statement"])
