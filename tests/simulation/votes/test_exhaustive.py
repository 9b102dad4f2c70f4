"""Not sampled: three ballots, broken at every single call on its way, and at every
pair of calls.
"""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from tools.simulation.aws.calls import Call
from tools.simulation.cells import Cell
from tools.simulation.faults import STATEMENT_CODES, Faults
from tools.simulation.votes.plan import Cast, Plan, Request
from tools.simulation.votes.standins import installed
from tools.simulation.votes.world import World
from votes.journal import ALREADY_PUT, PASSING

BY_HAND = 1
SECOND = 1_000_000
EARLIER = Request(0, (Cast(0, 0, 1 + 5 * 2),), way=BY_HAND)
THREE = Request(
    30_000, (Cast(0, 0, 3), Cast(0, 1, 2), Cast(0, 2, 4)), way=BY_HAND
)  # they change, add and withdraw something
WARM, COLD, SEEN = (
    Plan(2, (EARLIER, THREE), seed=2),
    Plan(2, (THREE._replace(at=0),), seed=6),
    Plan(2, (EARLIER, THREE._replace(at=15_000)), seed=26),
)  # workers that know the last entry and tables that are founded, or not; tally verifies an entry;
# and where the three are seen by a view before they are folded
CALLS = {WARM: 20, COLD: 35, SEEN: 31}  # on the way of the three, when nothing breaks
WAY = ("process", "write", "tally")
Point = tuple[int, str]  # number of the call on the ballots' way, and "before" or "after"


class Points(Faults):
    """Breaks the calls with these numbers, whatever they are."""

    _world: World

    kind: str
    points: frozenset[Point]

    def _due(self, name: str, number: int) -> list[Cell]:
        if (
            name.split(" ")[0] not in WAY
            or self._world.stage.now < self._world.started + self._world.plan.requests[-1].at * 1000
        ):
            return []
        place = self.numbers.setdefault((name, number), len(self.numbers))
        return [Cell(name, self.kind, phase) for at, phase in self.points if at == place]

    @property
    def numbers(self) -> dict[tuple[str, int], int]:
        """The calls made so far on the way, with their numbers."""
        found: dict[tuple[str, int], int] = self.__dict__.setdefault("_numbers", {})
        return found


def play(kind: str, *points: Point, plan: Plan = WARM) -> int:
    """One history with these calls broken; how many calls were made on the ballots' way."""
    broken = type("Broken", (Points,), {"kind": kind, "points": frozenset(points)})
    world = World(plan, meddler=broken)
    world.plan = plan._replace(skew=bool(points))  # not calm: what is broken comes again
    world.run()
    assert min(1, len(points)) <= world.faults.fired.total() <= len(points)
    assert isinstance(world.faults, Points)
    return len(world.faults.numbers)


def every(plan: Plan) -> list[Point]:
    """Every call of a history in which nothing breaks, before and after."""
    return [(place, phase) for place in range(CALLS[plan]) for phase in ("before", "after")]


@pytest.fixture(autouse=True)
def _world() -> Iterator[None]:
    with (
        installed(),
        mock.patch("tools.simulation.faults.ATTEMPTS", 1),
    ):  # the functions' own repeats would hide a lost answer
        yield


@pytest.mark.parametrize("plan", [WARM, COLD, SEEN], ids=["warm", "cold", "seen"])
@pytest.mark.parametrize("kind", ["crash", "timeout", "lost", "throttle", "slow"])
def test_every_call_broken_before_it_takes_effect_and_after(kind: str, plan: Plan) -> None:
    assert play(kind, plan=plan) == CALLS[plan]
    for point in every(plan):
        play(kind, point, plan=plan)


@pytest.mark.parametrize("kind", ["crash", "lost"])
def test_every_pair_of_calls_broken(kind: str) -> None:
    for first in every(WARM):
        for second in range(first[0], play(kind, first)):
            for phase in ("before", "after"):
                play(kind, first, (second, phase))


@pytest.mark.parametrize("plan", [COLD, SEEN], ids=["nothing is founded yet", "seen"])
def test_every_pair_of_crashes(plan: Plan) -> None:
    for first in range(CALLS[plan]):
        for second in range(first + 1, play("crash", (first, "after"), plan=plan)):
            play("crash", (first, "after"), (second, "before"), plan=plan)


class Beside(Faults):
    """Fails one statement of the first batch of several, with an error that lasts; the others take
    effect.
    """

    place: int
    code: str

    def before(self, call: Call) -> None:
        super().before(call)
        if call.operation == "BatchExecuteStatement" and call.entries > 1 and not self.answers:
            call.refused[self.place] = self.code

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        if call.operation == "BatchExecuteStatement" and (call.entries > 1 or self.answers):
            self.answers.append([one.get("Error", {}).get("Code") for one in answer["Responses"]])
        super().after(call, answer)

    @property
    def answers(self) -> list[list[str | None]]:
        """The codes of the batches' statements."""
        found: list[list[str | None]] = self.__dict__.setdefault("_answers", [])
        return found


@pytest.mark.parametrize("code", sorted(set(STATEMENT_CODES) - PASSING))
@pytest.mark.parametrize("place", range(2))
def test_a_part_of_the_votes_is_put_beside_an_error_that_lasts(place: int, code: str) -> None:
    world = World(WARM, meddler=type("One", (Beside,), {"place": place, "code": code}))
    world.plan = WARM._replace(skew=True)  # as above
    world.run()
    assert isinstance(world.faults, Beside)
    first, *again = world.faults.answers
    assert (first[place], first[1 - place]) == (code, None)
    assert again, "the message came again, and its entry was finished"
    assert {code for code in again[-1] if code} <= ALREADY_PUT
