"""What the general part asks of a pipeline's simulation.

`tools/simulation/<pipeline>/pipeline.py` has one of these as PIPELINE.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st

from tools.simulation.cells import Matrix
from tools.simulation.faults import Faults
from tools.simulation.world import World


class MakeWorld(Protocol):
    """Makes the world of one history, from a plan of the pipeline's own."""

    def __call__(self, plan: Any, trace: bool = False, meddler: type[Faults] = Faults) -> World: ...


@dataclass(frozen=True)
class Pipeline:
    """A simulated pipeline.

    `plans` are the histories of a chunk, by its number; `installed` puts the surroundings of its
    workers in place; every one of `events` must have an effect in some history of a campaign.
    """

    matrix: Matrix
    events: tuple[str, ...]
    world: MakeWorld
    plans: Callable[[int], st.SearchStrategy[Any]]
    from_word: Callable[[str], Any]
    installed: Callable[[], AbstractContextManager[None]]
