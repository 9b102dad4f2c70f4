"""What happens to the system as a whole: outages, redrives, a queue replaced, a damaged entry, deployments, queues at their worst."""

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from operations import redrive
from tests.faults import deployed
from tests.faults.faults import Sdk, fail_part, lost, throttled
from tests.faults.plan import EVENTS, Event
from tests.faults.standins import Release, later_release, this_release
from tests.support.aws.calls import Call

if TYPE_CHECKING:
    from tests.faults.world import World

MS, SECOND = 1_000, 1_000_000
TARGETS = (*(f"{deployed.NAME}-{table}" for table in deployed.TABLES), *(mapping.name for mapping in deployed.MAPPINGS), deployed.BUCKET)
DAMAGED = b"\x01not an entry"


class Events:
    """The events of one history. `fired` counts by kind what had an effect."""

    def __init__(self, world: "World", events: tuple[Event, ...]) -> None:
        self._world = world
        self.fired: Counter[str] = Counter()
        self._out: Counter[str] = Counter()  # how many outages a table, queue or bucket has now
        self._on: Counter[str] = Counter()
        self._effects: set[str] = set()
        self._release = "this"
        self.damaged: dict[tuple[int, int], Any] = {}
        self._by_hand: set[tuple[int, int]] = set()
        self.stopped_shards: set[int] = set()
        self.redriven = 0
        self.uses_later = False
        for event in events:
            self._plan(EVENTS[event.kind % len(EVENTS)], event)

    def release(self) -> Release:
        """The release that the next invocation is of."""
        if self._release == "both":
            return self._world.rng.choice((this_release(), later_release()))
        return later_release() if self._release == "later" else this_release()

    def meddle(self, call: Call) -> None:
        """What befalls any call."""
        if self._out and (out := next((target for target in self._out if target in _target(call)), None)):
            self._felt("outage " + out)
            self._world.note(f"OUTAGE {out}")
            if call.entries and self._world.rng.random() < 0.3:
                fail_part(self._world, call, unheard=False)
            elif self._world.rng.random() < 0.3:
                self._world.stage.pause(SECOND)
                raise lost(self._world, "before")
            else:
                raise throttled(self._world, call)
        if self._on["cut pages"] and call.operation == "Query":
            self._felt("cut pages")
            call.most_items = 1

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
        """Faults are over: the later release stays where it was ever used, whatever is damaged is mended."""
        self._out.clear()
        self._on.clear()
        self._release = "later" if self.uses_later else "this"
        self._come_again(0)
        for poller in self._world.pollers.values():
            poller.switch(on=True)
        for place in list(self.damaged):
            if place not in self._by_hand:
                self._mend(place)

    def redrive(self) -> None:
        """An operator moves all dead letters back."""
        for mapping in deployed.MAPPINGS:
            if self._world.cloud.sqs.queues[mapping.dead_letters].messages:
                self._world.lambdas.operate(lambda sqs, mapping=mapping: self._move(sqs, mapping))  # type: ignore[misc]

    def _move(self, sqs: Any, mapping: deployed.Mapping) -> None:
        stage = self._world.stage
        source, target = deployed.url(mapping.dead_letters), deployed.url(mapping.name)
        moved = redrive.move(
            sqs, source, target, clock=lambda: stage.now / SECOND, sleep=lambda seconds: stage.pause(int(seconds * SECOND))
        )
        self.redriven += moved.count

    def _plan(self, kind: str, event: Event) -> None:
        start = self._world.started + event.at * MS
        self._world.lasts_until(start + event.lasts * MS)
        self._world.stage.at(start, lambda: self._begin(kind, event))

    def _begin(self, kind: str, event: Event) -> None:
        if self._world.calm:
            return
        world, end = self._world, self._world.stage.now + event.lasts * MS
        world.note(f"EVENT {kind} for {event.lasts // 1000} s")
        match kind:
            case "outage":
                target = TARGETS[event.target % len(TARGETS)]
                self._out[target] += 1
                world.stage.at(end, lambda: self._restore(target))
            case "redrive":
                for at in range(0, event.lasts * MS, max(60 * SECOND, event.lasts * MS // 6)):
                    world.stage.at(world.stage.now + at, self._redrive_now)
            case "replace":
                self._replace(deployed.MAPPINGS[event.target % len(deployed.MAPPINGS)], tries=200)
            case "damage":
                self._damage(end, tries=100, moved_away=event.target % 2 == 1)
            case "deploy" | "roll back":
                self.fired[kind] += 1
                self._release, self.uses_later = "both", True
                world.stage.at(end, lambda: self._deployed("later" if kind == "deploy" else "this"))
            case "switch off":
                self.fired[kind] += 1
                poller = world.pollers[deployed.MAPPINGS[event.target % len(deployed.MAPPINGS)].name]
                poller.switch(on=False)
                world.stage.at(end, lambda: poller.switch(on=True))
            case "deliver twice":
                self.fired[kind] += 1
                self._come_again(0.3)
            case _:
                self._on[kind] += 1
                world.stage.at(end, lambda: self._over(kind))

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
        if any(self._world.cloud.sqs.queues[mapping.dead_letters].messages for mapping in deployed.MAPPINGS):
            self.fired["redrive"] += 1
            self.redrive()

    def _replace(self, mapping: deployed.Mapping, tries: int) -> None:
        """Put a new queue in a queue's place when it holds something; an operator sends that again, as new messages."""
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

    def _damage(self, end: int, tries: int, moved_away: bool) -> None:
        """Damage an entry that is not folded yet; wait for one where there is none.

        In the end its bytes come back; or (`moved_away`) an operator moves it to quarantine. Not one of an open epoch then: titles
        may have a part of it, which an audit finds as well, but not the checker's sums.
        """
        journal = self._world.table("journal")
        folded = self._world.checker.upto()
        if moved_away:
            opened = self._world.table("tallies").items.get(("#fold",), {}).get("open", {"M": {"ends": {"M": {}}}})
            folded |= {int(shard): int(last["N"]) for shard, last in opened["M"]["ends"]["M"].items()}
        places = sorted(place for place in journal.items if place[1] > folded.get(place[0], 0) and place not in self.damaged)
        if self._world.calm or not tries:
            return
        if not places:
            self._world.stage.at(self._world.stage.now + SECOND, lambda: self._damage(end, tries - 1, moved_away))
            return
        place = self._world.rng.choice(places)
        self.fired["damage"] += 1
        self.damaged[place] = journal.items[place]["entry"]
        journal.items[place] = {**journal.items[place], "entry": {"B": DAMAGED}}
        self.stopped_shards.add(place[0])
        if moved_away:
            self._by_hand.add(place)
        mend = self._move_away if moved_away else self._mend
        self._world.stage.at(max(end, self._world.stage.now + SECOND), lambda: mend(place))

    def _move_away(self, place: tuple[int, int]) -> None:
        """As `make mend` does; a person tries again until it may be done."""
        if place in self.damaged:
            self._world.stage.at(self._world.stage.now + 300 * SECOND, lambda: self._move_away(place))
            if not self._world.sleeping():
                self._world.checker.others_went_on(place[0])
                self._world.lambdas.operate(lambda _: self._mend_by_hand(place))

    def _mend_by_hand(self, place: tuple[int, int]) -> None:
        dynamodb, s3 = (Sdk(self._world.cloud.client(service, "operator"), self._world) for service in ("dynamodb", "s3"))
        modules = (later_release() if self.uses_later else this_release()).modules
        journal = modules["journal"].Journal(dynamodb, f"{deployed.NAME}-journal", f"{deployed.NAME}-votes")
        shelf = modules["quarantine"].Quarantine(s3, deployed.BUCKET)
        with suppress(modules["repair"].Refused):
            modules["repair"].mend(journal, shelf, *place)
            self.fired["mended by hand"] += 1
            self.damaged.pop(place, None)

    def repair(self) -> None:
        """As `make recount REPAIR=yes` does, when an entry was moved away: what is put of it, the tallies do not have."""
        modules = (later_release() if self.uses_later else this_release()).modules
        tables = [f"{deployed.NAME}-{table}" for table in ("journal", "votes", "tallies")]
        dynamodb = self._world.cloud.client("dynamodb")
        report = modules["recount"].audit(modules["recount"].TableSource(dynamodb, *tables))
        if report.differences:
            self.fired["repaired"] += 1
            modules["repair"].repair(modules["journal"].Journal(dynamodb, *tables[:2]), self._world.shards, report)

    def _mend(self, place: tuple[int, int]) -> None:
        entry = self.damaged.pop(place, None)
        journal = self._world.table("journal")
        if entry is None or place not in journal.items:
            return
        self._world.checker.others_went_on(place[0])
        self._world.note(f"MENDED entry {place[1]} of shard {place[0]}")
        journal.items[place] = {**journal.items[place], "entry": entry}
        if not self.damaged:
            self.stopped_shards.clear()


def _target(call: Call) -> str:
    """The names in a request of what it is about."""
    params = call.params
    if call.service == "sqs":
        return str(params["QueueUrl"])
    if call.service in {"lambda", "logs"}:
        return ""
    names = params.get("TableName") or params.get("Bucket") or list(params.get("RequestItems", ()))
    return str(names or params["Statements"][0]["Statement"])
