"""A simulated table: rows by key, and what they were a moment ago, for reads that need not be
consistent.
"""

import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.values import LARGEST_ITEM, Item, kept, kind, plain, size, size_of_item

Key = tuple[Any, ...]  # what the key's attributes hold: ("ann", "up"), or (1, 0)

EVENTUAL_US = 2_000_000  # how long an eventual read may lag behind
LONGEST_KEY = 2048, 1024  # bytes of its first part, and of its second
VERSIONS = 8  # of a row that may still be read
PAGE_BYTES = 1_048_576


class Table:
    """Rows by key in `items`, for worlds and checkers to look at and alter; a row there is
    replaced, never changed in place.
    """

    def __init__(
        self, name: str, schema: Sequence[tuple[str, str]], now_us: Callable[[], int], rng: random.Random
    ) -> None:
        self.name, self.schema = name, tuple(schema)
        self.items: dict[Key, Item] = {}
        self._before: dict[Key, list[tuple[int, Item | None]]] = {}  # what a row was until when
        self._now_us, self._rng = now_us, rng

    def key_of(self, item: Item) -> Key:
        """The key in an item. Raises Invalid where it has none."""
        found = []
        for (name, of), most in zip(self.schema, LONGEST_KEY, strict=False):
            if name not in item:
                raise Invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
            if kind(item[name]) != of:
                raise Invalid(f"One or more parameter values were invalid: Type mismatch for key {name} expected: {of}")
            if not item[name][of]:
                raise Invalid(f"One or more parameter values are not valid: the key {name} is empty")
            if size(item[name]) > most:
                raise Invalid(f"One or more parameter values were invalid: the key {name} is over {most} bytes")
            found.append(plain(item[name]))
        return tuple(found)

    def exactly(self, key: Item) -> Key:
        """The key that a request names. Raises Invalid where it is not exactly one."""
        if len(key) != len(self.schema) or any(name not in key for name, _ in self.schema):
            raise Invalid("The provided key element does not match the schema")
        return self.key_of(key)

    def place_of(self, item: Item) -> Item:
        """The attributes of an item that are its key."""
        return {name: item[name] for name, _ in self.schema}

    def write(self, key: Key, item: Item | None) -> None:
        """Put a row in another's place; None deletes it.

        Raises Invalid where it is too large or too deep, or none.
        """
        item = None if item is None else kept(item)
        if item is not None and size_of_item(item) > LARGEST_ITEM:
            raise Invalid("Item size has exceeded the maximum allowed size")
        now = self._now_us()
        past = [version for version in self._before.get(key, ())[-VERSIONS:] if version[0] > now - EVENTUAL_US]
        self._before[key] = [*past, (now, self.items.get(key))]
        if item is None:
            self.items.pop(key, None)
        else:
            self.items[key] = item

    def read(self, key: Key, consistent: bool) -> Item | None:
        """A row; where the read is not consistent, perhaps as it was a moment ago."""
        if not consistent and key in self._before and self._rng.random() < 0.5:
            as_of = self._now_us() - self._rng.randrange(EVENTUAL_US)
            for until, item in self._before[key]:
                if as_of < until:
                    return item
        return self.items.get(key)

    def page(
        self, keys: Iterable[Key], start: Key | None, most: int | None, consistent: bool, backward: bool = False
    ) -> tuple[list[Item], Item | None]:
        """Rows at these keys in the table's order, after `start`; and where the page ended, unless
        nothing is left.

        A page that has reached its limit says where it ended even if nothing is left, as DynamoDB
        does.
        """
        ordered = sorted([(_partition(key[0]), key[1:], key) for key in keys], reverse=backward)
        if start is not None:
            edge = _partition(start[0]), start[1:]
            ordered = [place for place in ordered if (place[:2] < edge if backward else place[:2] > edge)]
        found: list[Item] = []
        bytes_read = 0
        for _, _, key in ordered:
            item = self.read(key, consistent)
            if item is None:
                continue
            if found and bytes_read > PAGE_BYTES:
                return found, self.place_of(found[-1])
            found.append(dict(item))
            bytes_read += size_of_item(item)
            if len(found) == most:
                return found, self.place_of(item)
        return found, None

    def keys(self, consistent: bool) -> Iterable[Key]:
        """The keys of all rows, in no order."""
        return self.items if consistent else {**self.items, **self._before}


@lru_cache(10_000)
def _partition(held: Any) -> int:
    """Where a partition stands among others: nowhere anybody could guess."""
    return zlib.crc32(repr(held).encode())
