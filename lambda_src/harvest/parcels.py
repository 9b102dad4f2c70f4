"""Tasks and parcels: what is called, and the row that holds up to 25 of them.

A parcel's id says who made it, so that nobody else can: its parent, the claim under which the
parent was worked on, and an index. Times are milliseconds since the epoch.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal
from urllib.parse import quote

from shared import versions
from shared.dynamo import number, whole

VERSION = 1
PREFIX = "parcel#"  # of a parcel's place in the ledger
OPEN, SETTLED = "open", "settled"
SPLIT = (
    "split"  # begins the key of children that a pacer made, in its turn; a worker's is its claim
)
MOST_TASK_BYTES = 1_000_000  # of a parcel's tasks, read back: more is no text of ours

Outcome = Literal["ok", "gone", "failed", "again"]
# again: not settled here, but by a child of this parcel
_LETTERS: dict[Outcome, str] = {"ok": "o", "gone": "g", "failed": "f", "again": "a"}
_OUTCOMES: dict[str, Outcome] = {letter: outcome for outcome, letter in _LETTERS.items()}

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """One call to make.

    `level` and `path` are the vendor's words: ("data", ("group-7", "host-1", "cpu")). The path's
    first part is the group; a listing of all groups has none. `page` is whatever the vendor needs
    to ask for a later page, as text; "" asks for the first. `attempts` counts calls that failed.
    """

    level: str
    path: tuple[str, ...] = ()
    page: str = ""
    attempts: int = 0

    @property
    def group(self) -> str:
        """The group that it belongs to; "" for a listing of all groups."""
        return self.path[0] if self.path else ""

    @property
    def id(self) -> str:
        """Its one name in a run: level/group/host/data group, and the page if it is not the first.

        The same task tried again has the same name.
        """
        name = "/".join(quote(part, safe="") for part in (self.level, *self.path))
        return f"{name}?{quote(self.page, safe='')}" if self.page else name


@dataclass(frozen=True, slots=True)
class Parcel:
    """1 to 25 tasks of one level and one group: released, claimed, stored and committed together.

    `new`: its tasks are heard of for the first time, not handed on by another parcel. It is not
    let out before `after` (ms). `claim` (its first slot, ms), `end` (when the claim is over, ms)
    and `tries` are the last worker's. The rest is there once it is settled: an outcome a task, how
    many children follow from `key`, `named` ids of group parcels, the object that holds the
    answers, calls made, how many were throttled, and failures by cause.
    """

    id: str
    tasks: tuple[Task, ...]
    new: bool = True
    after: int = 0
    state: str = OPEN
    claim: int = 0
    end: int = 0
    tries: int = 0
    outcomes: tuple[Outcome, ...] = ()
    key: str = ""
    children: int = 0
    named: tuple[str, ...] = ()
    object: str = ""
    calls: int = 0
    throttled: int = 0
    causes: Mapping[str, int] | None = None
    level: str = ""  # of all its tasks; a root that only names groups has none
    group: str = ""
    stored: bool = False  # of a group's own parcel: its answers are merged

    @property
    def is_settled(self) -> bool:
        """Whether its commit was made."""
        return self.state == SETTLED

    def child_ids(self) -> Iterator[str]:
        """Who follows from its commit; nobody before that."""
        if self.is_settled:
            yield from (child_id(self.id, self.key, index) for index in range(self.children))
            yield from self.named


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a commit says of a parcel, see `Parcel`. `outcomes` are in the order of its tasks."""

    outcomes: Sequence[Outcome]
    children: int = 0
    named: Sequence[str] = ()
    object: str = ""
    calls: int = 0
    throttled: int = 0
    causes: Mapping[str, int] | None = None


def child_id(parent: str, key: str | int, index: int) -> str:
    """The id of a parcel's child: `key` is the claim that its worker commits with, or SPLIT."""
    return _digest("child", parent, str(key), str(index))


def root_id(index: int) -> str:
    """The id of a run's root number `index`, from 0."""
    return f"root-{index}"


def group_id(group: str) -> str:
    """The id of the parcel that lists a group's hosts from the start, whoever named the group."""
    return _digest("group", group)


def parcel_of(
    id_: str, tasks: Sequence[Task], *, new: bool = True, after: int = 0, group: str | None = None
) -> Parcel:
    """An open parcel of at least one task, which are of one level and group."""
    first = tasks[0]
    of = first.group if group is None else group
    return Parcel(id_, tuple(tasks), new, after, level=first.level, group=of)


def packed(tasks: Iterable[Task], most: int) -> list[list[Task]]:
    """Tasks in parcels of at most `most`, each of one level and group, in the order they came."""
    of: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        of.setdefault((task.level, task.group), []).append(task)
    return [some[i : i + most] for some in of.values() for i in range(0, len(some), most)]


def place(parcel: str) -> str:
    """A parcel's place in the ledger, the second part of its row's key."""
    return PREFIX + parcel


def item_of(run_id: str, parcel: Parcel, expires: int) -> Item:
    """The row of an open parcel; `expires` is in seconds since the epoch."""
    return {
        "run_id": {"S": run_id},
        "item": {"S": place(parcel.id)},
        "v": number(VERSION),
        "state": {"S": OPEN},
        "level": {"S": parcel.level},
        "group": {"S": parcel.group},
        "tasks": {"B": _tasks_packed(parcel.tasks)},
        "new": number(int(parcel.new)),
        "after": number(parcel.after),
        "claim": number(0),
        "end": number(0),
        "tries": number(0),
        "expires": number(expires),
    }


def read(item: Mapping[str, Any]) -> Parcel:
    """A parcel's row. Raises versions.NewerVersion."""
    versions.require_known("a parcel's row", int(item["v"]["N"]), VERSION)
    return Parcel(
        id=item["item"]["S"].removeprefix(PREFIX),
        tasks=_tasks_unpacked(item["tasks"]["B"]),
        new=item["new"]["N"] == "1",
        after=int(item["after"]["N"]),
        state=item["state"]["S"],
        claim=int(item["claim"]["N"]),
        end=int(item["end"]["N"]),
        tries=int(item["tries"]["N"]),
        outcomes=tuple(_OUTCOMES[letter] for letter in _text(item, "outcomes")),
        key=_text(item, "key"),
        children=whole(item, "children"),
        named=tuple(json.loads(_inflated(item["named"]["B"])) if "named" in item else ()),
        object=_text(item, "object"),
        calls=whole(item, "calls"),
        throttled=whole(item, "throttled"),
        causes={cause: int(n["N"]) for cause, n in item["causes"]["M"].items()}
        if "causes" in item
        else None,
        level=item["level"]["S"],
        group=item["group"]["S"],
        stored="stored" in item,
    )


def settled_attributes(key: str, what: Settlement) -> Item:
    """What a commit adds to the row; what is nothing is left out, since a row is paid by size."""
    outcomes = "".join(_LETTERS[outcome] for outcome in what.outcomes)
    causes = {cause: number(n) for cause, n in (what.causes or {}).items() if n}
    named = {"B": zlib.compress(json.dumps(list(what.named)).encode())}
    return {
        "state": {"S": SETTLED},
        **({"outcomes": {"S": outcomes}} if outcomes else {}),
        **({"key": {"S": key}, "children": number(what.children)} if what.children else {}),
        **({"named": named} if what.named else {}),
        **({"object": {"S": what.object}} if what.object else {}),
        **({"calls": number(what.calls)} if what.calls else {}),
        **({"throttled": number(what.throttled)} if what.throttled else {}),
        **({"causes": {"M": causes}} if causes else {}),
    }


def _digest(*parts: str) -> str:
    """24 hex digits of a name: among 2**20 parcels of a run, two alike come once in 10**17 runs."""
    return blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


def _tasks_packed(tasks: Sequence[Task]) -> bytes:
    """Sibling names repeat each other: 25 tasks of 60 characters are some 250 bytes."""
    plain = [[task.level, task.path, task.page, task.attempts] for task in tasks]
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 9)


def _tasks_unpacked(body: bytes) -> tuple[Task, ...]:
    return tuple(
        Task(level, tuple(path), page, attempts)
        for level, path, page, attempts in json.loads(_inflated(body))
    )


def _inflated(body: bytes) -> bytes:
    return zlib.decompressobj().decompress(body, MOST_TASK_BYTES)


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item[name]["S"]) if name in item else ""
