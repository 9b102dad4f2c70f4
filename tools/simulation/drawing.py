"""How faults and events are drawn by Hypothesis, and which cells have their turn in a chunk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from hypothesis import strategies as st

from tools.simulation.cells import Matrix, function_of
from tools.simulation.plan import MINUTE, Event, Fault

IN_FOCUS = 6
EVERY = 6  # one chunk in so many is about the watching functions
BACK_OFF = "(back off)"


@dataclass(frozen=True)
class Turns:
    """Which cells the histories of a chunk are about.

    `watching`: functions that only some histories call. `seldom`: how calls end that few histories
    make; their cells have three turns. `failing`: a call of each function that fails its messages
    when throttled, so that the function backs off.
    """

    matrix: Matrix
    watching: tuple[str, ...] = ()
    seldom: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    @cached_property
    def watched(self) -> list[int]:
        """The cells of the watching functions."""
        return [place for place, cell in enumerate(self.matrix.cells) if function_of(cell.call) in self.watching]

    @cached_property
    def unwatched(self) -> list[int]:
        """The cells that every history can have."""
        return [place for place, cell in enumerate(self.matrix.cells) if function_of(cell.call) not in self.watching]

    def in_focus(self, number: int) -> list[int]:
        """The cells that the histories of chunk `number` are about: each has its turn.

        What makes them possible comes along.
        """
        cells = self.matrix.cells
        seldom = [place for place in self.unwatched if cells[place].call.endswith(self.seldom)]
        turned = [*self.unwatched, *seldom, *seldom]
        if self.watched:
            before = (number + EVERY - 2) // EVERY  # chunks about the watching functions
            if number % EVERY == 1:
                turned, number = list(self.watched), before
            else:
                number -= before
        Random(number * IN_FOCUS // len(turned)).shuffle(turned)
        some = [turned[(number * IN_FOCUS + place) % len(turned)] for place in range(IN_FOCUS)]
        return some + self.throttles(some)

    def throttles(self, focus: Iterable[int]) -> list[int]:
        """The cells that make the functions back off, where backing off is in focus."""
        calls = {self.matrix.cells[cell].call for cell in focus}
        backing = {function_of(call) for call in calls if BACK_OFF in call}
        return [self.matrix.index(call, "throttle", "before") for call in self.failing if function_of(call) in backing]


def draw_faults(focus: Sequence[int], others: Sequence[int]) -> st.SearchStrategy[tuple[Fault, ...]]:
    """Faults of the cells in focus, and now and then of others."""
    cell = st.one_of(st.sampled_from(list(focus)), st.sampled_from(list(focus)), st.sampled_from(others))
    fault = st.builds(Fault, cell, st.sampled_from((0, 0, 0, 1, 1, 2, 4)), st.sampled_from((1, 1, 3, 3, 9)))
    # that it is likely to fire
    first = st.builds(Fault, st.sampled_from(list(focus)), st.sampled_from((0, 0, 0, 1)), st.sampled_from((1, 3)))
    some = st.sampled_from((0, 1, 1, 1, 1, 1, 2, 2)).flatmap(
        lambda number: st.lists(first, min_size=number, max_size=number)
    )
    return st.tuples(some, st.lists(fault, max_size=4)).map(lambda drawn: (*drawn[0], *drawn[1]))


def draw_events(spread: int, kinds: int) -> st.SearchStrategy[tuple[Event, ...]]:
    """Up to three events of so many kinds, which begin within `spread` ms."""
    event = st.builds(
        Event,
        st.integers(0, kinds - 1),
        st.integers(0, spread),
        st.sampled_from((MINUTE, 5 * MINUTE, 20 * MINUTE, 120 * MINUTE)),
        st.integers(0, 7),
    )
    return st.lists(event, max_size=3).map(tuple)
