"""Calls made side by side: a service call waits far longer than it computes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = 8  # within the ten connections a client keeps
_pools: list[ThreadPoolExecutor] = []


def each(call: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """What `call` returns for each item, in their order.

    The first error is raised, and calls not begun by then are not made.
    """
    if len(items) < 2:
        return [call(item) for item in items]
    if not _pools:
        _pools.append(ThreadPoolExecutor(WORKERS, thread_name_prefix="fanout"))
    return list(_pools[0].map(call, items))
