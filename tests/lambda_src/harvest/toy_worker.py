"""A worker that does what the protocol asks, and no more, in virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harvest import parcels
from harvest.messages import ParcelMessage
from harvest.parcels import Outcome, Parcel, Settlement, Task, parcel_of
from tests.lambda_src.harvest.toy_vendor import SECOND
from tools.simulation.stage import Crash

if TYPE_CHECKING:
    from tests.lambda_src.harvest.paced import World

ACCOUNT = "acme"
Made = tuple[Task, str, list[Task], int]  # a task, how its call ended, what it names, when (µs)


class Killed(Crash):
    """The worker's process ends here."""


class ToyWorker:
    """Works on one parcel of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def work(self, message: ParcelMessage) -> None:
        """One parcel, as the protocol asks."""
        pacing, now_ms = self._world.config.pace, self._world.now_ms
        if now_ms() > message.slots[-1] + pacing.tolerance_ms:
            return
        end = pacing.end_ms(message.slots[-1])
        parcel = self._world.ledger.claim(message.run_id, message.parcel, message.claim, end)
        if parcel is None:
            return
        calls = list(self._calls(message, parcel))
        self._world.stage.pause(
            int(max([done for *_, done in calls] + [0]) - self._world.stage.now + 1000) if calls else 1000
        )
        self._settle(message, parcel, calls)
        self._world.turns.wake_if_missed(self._world.accounts.get(ACCOUNT), int(now_ms()))

    def _calls(self, message: ParcelMessage, parcel: Parcel) -> Iterator[Made]:
        seen, stops, told = -1e9, message.stops, False
        for index, task in enumerate(parcel.tasks):
            slot = message.slots[index] if index < len(message.slots) else None
            while slot is not None and self._world.now_ms() < slot:
                self._world.stage.pause(int(min(slot - self._world.now_ms(), 250) * 1000) + 1)
            if self._world.now_ms() > seen + 250:
                seen, stops = self._world.now_ms(), self._world.stops()
            late = slot is None or self._world.now_ms() > slot + self._world.config.pace.tolerance_ms
            if late or told or stops != message.stops:
                yield task, "uncalled", [], self._world.stage.now
                continue
            arrives = self._world.stage.now + self._world.rng.randrange(self._world.config.pace.way_ms * 1000)
            how, named = self._world.vendor.call(arrives, task)
            if how == "poison":
                raise Killed
            if how == "throttled":
                told = True
                self._world.accounts.refuse(
                    ACCOUNT, self._world.vendor.closed // 1000 + 2 * self._world.config.pace.clock_ms
                )
            yield task, how, named, arrives + int(self._world.rng.uniform(*self._world.vendor.latency) * SECOND)

    def _settle(self, message: ParcelMessage, parcel: Parcel, calls: list[Made]) -> None:
        fresh, rest, outcomes, causes = [], [], list[Outcome](), Counter[str]()
        for task, how, named, _ in calls:
            attempts = task.attempts + (how == "failing")
            causes.update(["http-503"] if how == "failing" else [])
            if how == "ok" or attempts >= self._world.config.pace.attempts:
                outcomes.append("ok" if how == "ok" else "failed")
                fresh += named
            else:
                outcomes.append("again")
                rest.append(Task(task.level, task.path, task.page, attempts))
        own = [task for task in fresh if task.group == parcel.group]
        packs = [(pack, True, 0) for pack in parcels.packed(own, self._world.tasks)]
        packs += [(pack, False, int(self._world.now_ms()) + 200) for pack in parcels.packed(rest, self._world.tasks)]
        children = [
            parcel_of(parcels.child_id(parcel.id, message.claim, index), pack, new=new, after=after)
            for index, (pack, new, after) in enumerate(packs)
        ]
        self._world.ledger.put_children(message.run_id, children)
        groups = [task for task in fresh if task.group != parcel.group]
        for task in groups:
            self._world.ledger.put_group(message.run_id, parcel_of(parcels.group_id(task.group), [task]))
        made = [how for _, how, _, _ in calls if how != "uncalled"]
        what = Settlement(
            outcomes,
            len(children),
            [parcels.group_id(task.group) for task in groups],
            f"parcels/{message.run_id}/{parcel.id}-{message.claim}.jsonl.gz",
            len(made),
            made.count("throttled"),
            causes,
        )
        self._world.ledger.commit(message.run_id, parcel.id, message.claim, what)
