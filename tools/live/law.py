"""The law in the page's header: what was accepted is counted, set aside, or still on its way.

It is judged by the ids of items, never by a difference of two numbers: an item is missing if it is
in none of the places where it may be. So it can fail. Who reads those places reads them in the
order in which items go, accepted first: then one that moves meanwhile is met again, never missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

Json = dict[str, Any]

HOLDS, SETTLING, BROKEN = "holds", "settling", "broken"
LEFT, RIGHT = "left", "right"
MOST_NAMED = 5
STRANGE_SECONDS = 30.0  # in which an item that was found may still be said to be accepted


class Term(NamedTuple):
    """So many items, by what became of them."""

    name: str
    value: int


@dataclass(frozen=True)
class Balance:
    """One look. `left`: what must be accounted for, `right`: where it was found, each item in one
    term. `missing`: ids found nowhere; `unexpected`: found, and never accepted. `not_judged`: why
    this look says nothing, in words.
    """

    items: str
    left: Term
    right: Sequence[Term]
    missing: Set[str] = frozenset()
    unexpected: Set[str] = frozenset()
    not_judged: str = ""


class Law:
    """Judges looks, one after another. What is missing for `grace_seconds` is lost: until then a
    line of a log, or a row, may be late.
    """

    def __init__(self, grace_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._grace, self._clock = grace_seconds, clock
        self._since: dict[str, float] = {}
        self._strange: dict[str, float] = {}

    def judge(self, balance: Balance) -> Json:
        """The law as a snapshot has it."""
        now = self._clock()
        self._since = {one: self._since.get(one, now) for one in balance.missing}
        lost = sorted(one for one, at in self._since.items() if now - at >= self._grace)
        self._strange = {one: self._strange.get(one, now) for one in balance.unexpected}
        # who accepts says so at the end of its work, when others may have begun theirs
        unexpected = sum(now - at >= STRANGE_SECONDS for at in self._strange.values())
        state = BROKEN if lost else SETTLING if balance.missing or balance.not_judged else HOLDS
        terms = [{**balance.left._asdict(), "side": LEFT}, *({**one._asdict(), "side": RIGHT} for one in balance.right)]
        return {
            "state": state,
            "text": _text(balance, len(balance.missing), unexpected),
            "terms": terms,
            "missing": len(balance.missing),
            "unexpected": unexpected,
            "as_of": round(time.time() * 1000),
            "sample": lost[:MOST_NAMED] or sorted(balance.missing)[:MOST_NAMED],
        }

    @property
    def lost(self) -> int:
        """How many are missing for longer than they may."""
        now = self._clock()
        return sum(now - at >= self._grace for at in self._since.values())


def _text(balance: Balance, missing: int, unexpected: int) -> str:
    if balance.not_judged:
        return balance.not_judged
    sign = "≠" if missing else "="
    parts = " + ".join(f"{one.name} {one.value:,}" for one in balance.right)
    text = f"{balance.left.name} {balance.left.value:,} {sign} {parts}"
    if missing:
        text += f", {missing:,} missing"
    return text + (f"; {unexpected:,} more have no line of being accepted" if unexpected else "")
