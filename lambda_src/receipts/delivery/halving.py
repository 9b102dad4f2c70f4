"""Rows that the database refuses, found by halving what refused them; the others land."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from receipts.delivery.port import Key, Refused, Row


@dataclass
class Landed:
    """What became of rows: those that stand, the keys of them that are new, and those refused.

    A row that is in none of them was not tried, or nobody knows.
    """

    standing: set[Key] = field(default_factory=set)
    new: set[Key] = field(default_factory=set)
    refused: dict[Key, Refused] = field(default_factory=dict)


def deliver(
    rows: Sequence[Row],
    landed: Landed,
    transact: Callable[[Sequence[Row]], Collection[Key]],
    is_over: Callable[[], bool],
) -> None:
    """Deliver rows in one transaction, or in as many as it takes to find those that are refused.

    Those are less than two a row. `landed` is told of each; `transact` gives the keys that were
    new, and its Away passes through.
    """
    waiting = [rows]
    while waiting and not is_over():
        some = waiting.pop()
        try:
            landed.new.update(transact(some))
        except Refused as refused:
            if len(some) == 1:
                landed.refused[some[0].key] = refused
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
            continue
        landed.standing.update(row.key for row in some)
