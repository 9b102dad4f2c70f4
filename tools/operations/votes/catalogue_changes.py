"""What a file of titles would do to the catalogue: added, changed, removed, left as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.operations.votes.catalogue_file import Title
from votes import stamps, tallies

SHOWN = 20
TIMES = ("opens", "closes")

Item = Mapping[str, Any]


@dataclass
class Changes:
    """Titles that are not listed yet, those whose rows change, and how many stay as they are.

    `lost`: what a row says now and would not say any more, by title. `others`: titles that are
    listed and not in the file. `zeros`: id in the file → the title with votes, or listed, that it
    may have been before it lost its leading zeros.
    """

    added: list[Title] = field(default_factory=list)
    changed: list[tuple[Title, Item]] = field(default_factory=list)
    untouched: int = 0
    others: int = 0
    lost: dict[str, list[str]] = field(default_factory=dict)
    zeros: dict[str, str] = field(default_factory=dict)

    @property
    def titles(self) -> list[Title]:
        """Those to put."""
        return [*self.added, *(title for title, _ in self.changed)]


def compare(dynamodb: Any, tables: Mapping[str, str], titles: Sequence[Title]) -> Changes:
    """Read what is listed, and compare; the titles with votes too where ids may have lost zeros."""
    listed = {item["title_id"]["S"]: item for item in rows_of(dynamodb, tables["catalogue"])}
    found = Changes(others=len(listed.keys() - {title.title_id for title in titles}))
    for title in titles:
        before = listed.get(title.title_id)
        if before is None:
            found.added.append(title)
        elif before == title.item():
            found.untouched += 1
        else:
            found.changed.append((title, before))
            if lost := [name for name in before if name not in title.item()]:
                found.lost[title.title_id] = lost
    numbers = {title.title_id for title in found.added if title.title_id.isdecimal()}
    if numbers:
        counted = (item["title_id"]["S"] for item in rows_of(dynamodb, tables["tallies"]))
        found.zeros = _with_zeros(numbers, (*listed, *counted))
    return found


def lines(changes: Changes) -> Iterator[str]:
    """The changes for people, the first few of each kind."""
    yield (
        f"added {len(changes.added)}, changed {len(changes.changed)} "
        f"({len(changes.lost)} of them lose something), untouched {changes.untouched}; "
        f"{changes.others} others are listed, not in the file, and stay"
    )
    yield from _some(f"  + {title.title_id}: {_said(title.item()) or 'always open'}" for title in changes.added)
    yield from _some(f"  ~ {title.title_id}: {_change(before, title.item())}" for title, before in changes.changed)
    yield from _some(f"  ! {title_id}: {_closed(lost)} is removed" for title_id, lost in changes.lost.items())
    yield from _some(
        f"  ! {title_id} is new, and there is {zeros}: has it lost its leading zeros?"
        for title_id, zeros in changes.zeros.items()
    )


def _closed(lost: Sequence[str]) -> str:
    said = " and ".join(lost)
    return f"{said}, part of when it is open," if set(lost) & set(TIMES) else said


def _some(said: Iterable[str]) -> Iterator[str]:
    all_of_them = list(said)
    yield from all_of_them[:SHOWN]
    if len(all_of_them) > SHOWN:
        yield f"  … and {len(all_of_them) - SHOWN} more"


def _change(before: Item, after: Item) -> str:
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return "; ".join(f"{name} {_value(name, before.get(name))} → {_value(name, after.get(name))}" for name in names)


def _said(item: Item) -> str:
    return "; ".join(f"{name} {_value(name, value)}" for name, value in item.items() if name != "title_id")


def _value(name: str, value: Any) -> str:
    """An attribute of a row for people, whatever it is."""
    if value is None:
        return "(nothing)"
    (of,) = value.values()
    if name in TIMES and "N" in value:
        try:
            return stamps.shown(int(float(of) * 1_000_000)).replace(".000000Z", "Z")
        except (ValueError, OverflowError):
            pass
    return repr(of)


def _with_zeros(numbers: set[str], known: Iterable[str]) -> dict[str, str]:
    found = {}
    for title_id in known:
        bare = title_id.lstrip("0")
        if bare != title_id and bare in numbers and title_id != tallies.FOLD:
            found[bare] = title_id
    return found


def rows_of(dynamodb: Any, table: str) -> Iterator[Item]:
    """Every row of a table, as it is now: who loads two files looks at what the first one did."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]
