"""Whose turn it is among the groups, however many there are and whatever their size."""

from __future__ import annotations

from collections import Counter

from harvest.frontier import Frontier, Waiting
from harvest.limits import Declaration
from harvest.parcels import Task, parcel_of
from harvest.release import Between, Release
from harvest.run_rows import RUNNING, Run
from harvest.settings import Pacing
from harvest.slots import Slots

RATE, LOOK_MS = 50, 1_000
LIMITS = {"limits": [{"calls": RATE, "seconds": 1}]}


class Fleet:
    """A run whose parcels are let out, a look after the other."""

    def __init__(self, *groups: tuple[str, int, int]) -> None:
        pacing = Pacing(lead_ms=1)
        self.release = Release(Slots(Declaration.model_validate(LIMITS), pacing, {}), None)
        self.frontier = Frontier(Run("run-1", "daily", "acme", RUNNING, 0, 10_000), pacing)
        self.now = 1_000_000.0
        self.group_of: dict[str, str] = {}
        for one in groups:
            self.add(*one)

    def add(self, group: str, parcels: int, tasks: int) -> None:
        """So many parcels of a group, of so many tasks each, wait."""
        for _ in range(parcels):
            name = f"p{len(self.group_of):05}"
            found = [Task("data", (group, "h", f"{name}-{n}")) for n in range(tasks)]
            waiting = self.frontier.waiting.setdefault(group, Waiting())
            waiting.add(parcel_of(name, found), self.now)
            self.group_of[name] = group

    def look(self) -> Counter[str]:
        """Calls by group that are let out in one look."""
        between = Between(self.now, self.now, self.now + LOOK_MS)
        told = self.release.let_out([self.frontier], between, 0)
        self.now += LOOK_MS
        calls = Counter[str]()
        for message in told:
            calls[self.group_of[message.parcel]] += len(message.slots)
        return calls


def test_a_group_that_comes_among_many_waits_for_nobodys_round() -> None:
    made = Fleet(*((f"big-{n:02}", 100, 25) for n in range(30)))
    for _ in range(40):
        made.look()
    made.add("small", 1, 3)
    assert made.look()["small"] == 3


def test_one_that_comes_back_with_what_it_listed_is_soon_served_again() -> None:
    made = Fleet(*((f"big-{n:02}", 100, 25) for n in range(30)))
    for _ in range(40):
        made.look()
    waited = 0
    for tasks in (1, 3, 9):  # a level after the other
        made.add("small", 1, tasks)
        while not made.look()["small"]:
            waited += 1
    assert waited <= 3, "a round of thirty groups takes fifteen looks"


def test_groups_have_as_many_calls_each_whatever_the_size_of_their_parcels() -> None:
    made = Fleet(("large", 200, 25), ("tiny", 3_000, 1), ("middle", 500, 5))
    total = Counter[str]()
    for _ in range(60):
        total += made.look()
    assert max(total.values()) - min(total.values()) <= 2 * 25, total


def test_a_group_that_stayed_away_saves_nothing_up() -> None:
    made = Fleet(("busy", 400, 25), ("away", 1, 1))
    for _ in range(100):
        made.look()
    made.add("away", 400, 25)
    total = Counter[str]()
    for _ in range(20):
        total += made.look()
    assert abs(total["busy"] - total["away"]) <= 2 * 25, total
