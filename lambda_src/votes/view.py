"""The view: what the entries since the last closed epoch add up to, as far as they were seen.

A slot writes this one row instead of every title's; results add it to the titles' rows. Nothing
decides on it: a fold sums the entries themselves, and closing the epoch removes the view.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from votes.standing import Delta

PACKED = 1  # the first byte of packed sums
MOST_BYTES = 24 * 1024  # of packed sums; each slot writes all of them, a fold each title once

Mark = tuple[int, int]  # which view it is: the epoch that it begins after, and its place there


@dataclass(frozen=True, slots=True)
class View:
    """What is past epoch `base` up to the entries `seen`, as of `at` (µs since 1970).

    `place` counts the views of a base; `ballots` are the changes summed up. After a `full` one the
    titles are folded.
    """

    base: int
    place: int
    at: int
    seen: Mapping[int, int]  # shard → number of an entry
    ballots: int
    full: bool
    sums: Mapping[str, Delta]

    def of_title(self, title_id: str, epoch: int) -> Delta:
        """What to add to a title's row that says `epoch`: nothing, if it has taken this in."""
        return self.sums.get(title_id, {}) if epoch <= self.base else {}


def pack(sums: Mapping[str, Delta]) -> bytes:
    """The sums as bytes: titles and counters named once, the numbers in columns."""
    titles = sorted(sums)
    counters = sorted({name for delta in sums.values() for name in delta})
    columns = [[sums[title].get(name, 0) for title in titles] for name in counters]
    text = json.dumps([titles, counters, columns], separators=(",", ":"))
    return bytes([PACKED]) + zlib.compress(text.encode())


def unpack(packed: bytes) -> dict[str, Delta] | None:
    """The sums; None of bytes that another release packed."""
    if packed[:1] != bytes([PACKED]):
        return None
    titles, counters, columns = json.loads(zlib.decompress(packed[1:]))
    rows: Any = zip(*columns, strict=True) if columns else ()
    return {
        title: {name: n for name, n in zip(counters, row, strict=True) if n}
        for title, row in zip(titles, rows, strict=True)
    }
