"""Things done side by side with the worker's own steps: calls under way, the account's row read.

A simulation in virtual time puts its own in the place of `Threads`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Flight(Protocol[T_co]):
    """Something under way."""

    def done(self) -> bool:
        """Whether it has ended."""

    def result(self) -> T_co:
        """What it came to, once it has ended; what it raised is raised."""


class Beside(Protocol):
    """Who does things side by side."""

    def begin(self, act: Callable[[], T]) -> Flight[T]:
        """Have something done from now on."""

    def wait(self, flights: Sequence[Flight[object]], seconds: float) -> None:
        """Wait until one of them has ended, or so long."""


class Threads:
    """Threads, as many as calls may be under way; they are kept for the worker's life."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="call")

    def begin(self, act: Callable[[], T]) -> Future[T]:
        """In a thread that is free, or waits for one."""
        return self._pool.submit(act)

    def wait(self, flights: Sequence[Flight[object]], seconds: float) -> None:
        """Sleeps meanwhile."""
        wait([one for one in flights if isinstance(one, Future)], seconds, FIRST_COMPLETED)
