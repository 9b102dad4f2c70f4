"""Which aspect has which number in packed votes: a row of the votes table says so.

It stands in the table itself, so that a backup of it can be read by itself, and whatever becomes of
an environment's list of aspects. Names are only ever added to its end, on condition that nobody has
added any meanwhile: a number that was used once means the same aspect for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shared import backoff, clock
from shared.dynamo import Throttled
from shared.versions import require_known

KEY = ("#aspects", "#aspects")  # of a voter and a title: no identifier can hold a '#'
ITEM_KEY = {"voter_id": {"S": KEY[0]}, "title_id": {"S": KEY[1]}}
VERSION = 2  # as packed votes have it: a release that reads none stops here too
ROUNDS, FIRST_PAUSE_SECONDS = 8, 0.05

Item = dict[str, Any]
Read = Callable[[], Item | None]  # the row, strongly consistent
# (how often names are added by then, the names, whether there is no row yet): what kept it from
# being put, if anything did
Put = Callable[[int, Item, bool], str | None]


class UnknownAspect(ValueError):
    """A packed vote has a number that the table has no name for."""


class Aspects:
    """The names, as far as they were read; whoever has `put` may add some."""

    def __init__(self, read: Read, put: Put | None = None) -> None:
        self._read, self._put = read, put
        self._names, self._times = list[str](), 0
        self._numbers = dict[str, int]()

    def name_of(self, number: int) -> str:
        """The aspect of a number. Raises UnknownAspect, NewerVersion or the client's errors."""
        if number >= len(self._names):
            self._look()
        if number >= len(self._names):
            raise UnknownAspect(f"the votes table names {len(self._names)} aspects, not {number}")
        return self._names[number]

    def numbers_of(self, aspects: Iterable[str]) -> Mapping[str, int]:
        """Numbers of these aspects, among others; one without is given the next.

        What is said here stands in the table. Raises Throttled, NewerVersion or the client's
        errors.
        """
        wanted, refused = set(aspects), None
        for turn in range(ROUNDS):
            if self._numbers.keys() >= wanted:
                return self._numbers
            if turn > 1:
                clock.sleep(backoff.pause_seconds(turn - 1, FIRST_PAUSE_SECONDS))
            self._look()
            missing = sorted(wanted - self._numbers.keys())
            if missing and self._put:  # whether it succeeded shows when it is read again
                names = [*self._names, *missing]
                refused = self._put(self._times + 1, _value(names), not self._times)
        raise Throttled(f"numbers of aspects were refused {ROUNDS} times: {refused}")

    def _look(self) -> None:
        item = self._read()
        if item is not None:
            require_known("the row of aspects", int(item["v"]["N"]), VERSION)
            self._times = int(item["n"]["N"])
            self._names = [name["S"] for name in item["standing"]["L"]]
            self._numbers = {name: number for number, name in enumerate(self._names)}


def by_get(client: Any, table: str) -> Aspects:
    """The names in this votes table, for whoever may get single rows of it."""
    return Aspects(
        lambda: client.get_item(TableName=table, Key=ITEM_KEY, ConsistentRead=True).get("Item")
    )


def is_it(item: Mapping[str, Any]) -> bool:
    """Whether an item of the votes table is this row, and no vote."""
    return bool(item["voter_id"]["S"] == KEY[0])


def _value(names: Sequence[str]) -> Item:
    return {"L": [{"S": name} for name in names]}
