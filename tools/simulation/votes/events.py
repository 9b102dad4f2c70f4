"""What happens to the votes pipeline alone: a damaged entry of the journal or row of the catalogue,
and what a person does about it.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.quarantine import Quarantine
from tools.simulation import events
from tools.simulation.aws.queues import Queue
from tools.simulation.faults import Sdk
from tools.simulation.plan import Event
from tools.simulation.votes import deployed
from tools.simulation.votes.plan import EVENTS

if TYPE_CHECKING:
    from tools.simulation.votes.world import World

SECOND = 1_000_000
DAMAGED = b"\x01not an entry"
LISTED = "t0"


class Events(events.Events):
    """The events of one history of votes."""

    _world: "World"

    def __init__(self, world: "World", planned: tuple[Event, ...]) -> None:
        super().__init__(world, planned, EVENTS)
        self.damaged: dict[tuple[int, int], Any] = {}
        self._by_hand: set[tuple[int, int]] = set()
        self.stopped_shards: set[int] = set()

    def end(self) -> None:
        """Faults are over, and whatever is damaged is mended."""
        super().end()
        self._mend_row()
        self._in_order_again()
        for place in list(self.damaged):
            if place not in self._by_hand:
                self._mend(place)

    def begin_own(self, kind: str, event: Event, end: int) -> None:
        """An entry is damaged, or the row of a title that all vote on; or the count queue is as a
        standard one.
        """
        if kind == "rivals":
            self.fired[kind] += 1
            self._count.locks = False
            self._world.stage.at(end, self._in_order_again)
        elif kind == "bad row":
            self.fired[kind] += 1
            self._world.clients.list_title(LISTED, opens={"S": "tomorrow"})
            self._world.stage.at(end, self._mend_row)
        else:
            self._damage(end, tries=100, moved_away=event.target % 2 == 1)

    @property
    def _count(self) -> Queue:
        return self._world.cloud.sqs.queues[deployed.MAPPINGS[1].name]

    def _in_order_again(self) -> None:
        self._count.locks = True

    def _mend_row(self) -> None:
        self._world.clients.list_title(LISTED)

    def _damage(self, end: int, tries: int, moved_away: bool) -> None:
        """Damage an entry that is not folded yet; wait for one where there is none.

        In the end its bytes come back; or (`moved_away`) an operator moves it to quarantine. Not
        one of an open epoch then: titles may have a part of it, which an audit finds as well, but
        not the checker's sums.
        """
        journal = self._world.table("journal")
        folded = self._world.checker.upto()
        if moved_away:
            opened = self._world.table("tallies").items.get(("#fold",), {}).get("open", {"M": {"ends": {"M": {}}}})
            folded |= {int(shard): int(last["N"]) for shard, last in opened["M"]["ends"]["M"].items()}
        places = sorted(
            place for place in journal.items if place[1] > folded.get(place[0], 0) and place not in self.damaged
        )
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
        dynamodb, s3 = (
            Sdk(self._world.cloud.client(service, "operator"), self._world) for service in ("dynamodb", "s3")
        )
        modules = self.last_release().modules
        journal = modules["journal"].Journal(dynamodb, f"{deployed.NAME}-journal", f"{deployed.NAME}-votes")
        shelf = Quarantine(s3, deployed.BUCKET)
        with suppress(modules["repair"].Refused):
            modules["repair"].mend(journal, shelf, *place)
            self.fired["mended by hand"] += 1
            self.damaged.pop(place, None)

    def repair(self) -> None:
        """As `make recount REPAIR=yes` does, when an entry was moved away: what is put of it, the
        tallies do not have.
        """
        modules = self.last_release().modules
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
