"""Inputs that should never have been sent, the same at every run.

They are the list of bad input, and good input spoilt at every place.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.support.poison_values import ALIEN, WRONG
from tools.traffic.votes.bad_input import BAD_BALLOTS, BAD_REQUESTS, JSON
from votes.shards import shard_of

SEED = 20261121
TITLE = "poison"
SHARDS = 4  # of the local environment
KINDS_A_PLACE, CUTS, FLIPS = 4, 3, 4

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Poison:
    """One input: the body of a request, or of a message. `name` says what is wrong with it."""

    name: str
    body: bytes
    content_type: str | None = JSON

    @property
    def text(self) -> str | None:
        """The body as a message can carry it; None when it is no text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            return None


class _Shapes:
    """Good input of each shape, each time of a voter of its own.

    So what is good after all can be told apart.
    """

    def __init__(self, now: datetime) -> None:
        self.now, self.now_us, self._voters = now, int(now.timestamp()) * 1_000_000, 0

    def ballot(self) -> dict[str, Any]:
        self._voters += 1
        stamp = {"ballot_id": f"b-{self._voters}", "cast_at": self.now.isoformat()}
        return {
            "voter_id": f"poison-{self._voters:04}",
            "title_id": TITLE,
            "votes": {"story": 4, "music": None},
            **stamp,
        }

    def request(self) -> dict[str, Any]:
        return {"ballots": [self.ballot(), self.ballot()]}

    def ingest_message(self) -> dict[str, Any]:
        return {"v": 1, "received_at": self.now_us, "ballots": [self.ballot() | {"cast_at": self.now_us}]}

    def count_message(self, shards: int = SHARDS) -> dict[str, Any]:
        row = [*(self.ballot() | {"cast_at": self.now_us}).values()]
        return {"v": 1, "shard": shard_of(row[0], shards), "shards": shards, "ballots": [row]}

    def tick(self) -> dict[str, Any]:
        return {"v": 1, "slot": int(self.now.timestamp()) // 4}

    @property
    def all(self) -> dict[str, Callable[[], dict[str, Any]]]:
        return {
            "a ballot": self.ballot,
            "a request": self.request,
            "an ingest message": self.ingest_message,
            "a count message": self.count_message,
            "a tick": self.tick,
        }


def inputs(now: datetime = datetime(2026, 11, 21, 8, tzinfo=UTC)) -> list[Poison]:
    """All of them, as of `now`; no two have the same name, no two are the same."""
    shapes = _Shapes(now)
    found: dict[tuple[bytes, str | None], Poison] = {}
    others = (_of_other_versions(shapes), _of_other_shards(shapes), _at_other_times(shapes))
    for made in (_listed(), _misplaced(shapes), _garbled(shapes), *others, _alien(), _odd(shapes)):
        for poison in made:
            found.setdefault((poison.body, poison.content_type), poison)
    return list(found.values())


def _listed() -> Iterator[Poison]:
    """The bad input of the demonstration; its bad ballots also all together."""
    # some are good on a queue: on a title of ours, then
    for number, bad in enumerate(BAD_REQUESTS):
        yield Poison(f"bad input {number}: {bad.name}", bad.body.replace(b"mv0001", TITLE.encode()), bad.content_type)
    together = {"ballots": [ballot for ballot, _ in BAD_BALLOTS]}
    yield Poison("every bad ballot in one request", _json(together))


def _misplaced(shapes: _Shapes) -> Iterator[Poison]:
    """Wrong values at every place of every shape."""
    rng = Random(SEED)
    for shape, make in shapes.all.items():
        for path in _paths(make()):
            for what in rng.sample(list(WRONG), KINDS_A_PLACE):
                yield Poison(f"{shape} whose {_as_text(path)} is {what}", _put(make(), path, WRONG[what]))


def _garbled(shapes: _Shapes) -> Iterator[Poison]:
    """Good texts that something spoilt on the way."""
    rng = Random(SEED + 1)
    for shape, make in shapes.all.items():
        for _ in range(CUTS):
            body = _json(make())
            at = rng.randrange(1, len(body) - 1)
            yield Poison(f"{shape} cut off after {at} bytes", body[:at])
        for _ in range(FLIPS):
            flipped = bytearray(_json(make()))
            at, bit = rng.randrange(len(flipped)), rng.randrange(8)
            flipped[at] ^= 1 << bit
            yield Poison(f"{shape} with bit {bit} of byte {at} flipped", bytes(flipped))
        body = _json(make())
        yield Poison(f"{shape} twice in a row", body + body)
        yield Poison(f"{shape} with a byte order mark", b"\xef\xbb\xbf" + body)
        yield Poison(f"{shape} with NUL behind it", body + b"\0")
        yield Poison(
            f"{shape} with a raw line break in a text", body.replace(b'"b-', b'"b\n-').replace(b'"slot', b'"sl\not')
        )
        yield Poison(f"{shape} in UTF-16", body.decode().encode("utf-16"))
        yield Poison(f"{shape} with single quotes", body.replace(b'"', b"'"))
        yield Poison(f"{shape} with a comma too many", body[:-1] + b",}")
        yield Poison(f"{shape} with a comment", body + b" // by hand")
        yield Poison(
            f"{shape} with its first key twice", b"{" + _json(dict(list(make().items())[:1]))[1:-1] + b", " + body[1:]
        )
        yield Poison(f"{shape} inside a list", b"[" + body + b"]")
        yield Poison(f"{shape} inside a text", json.dumps(body.decode()).encode())
        yield Poison(f"{shape} compressed, in base64", base64.b64encode(gzip.compress(body, mtime=0)))
        yield Poison(f"{shape} with a field of another", _json(make() | {"constructor": {"prototype": None}}))


def _of_other_versions(shapes: _Shapes) -> Iterator[Poison]:
    versions = {
        "0": 0,
        "-1": -1,
        "2": 2,
        "10^30": 10**30,
        "true": True,
        "1.0": 1.0,
        '"2"': "2",
        "null": None,
        "[1]": [1],
    }
    for shape, make in list(shapes.all.items())[2:]:
        for written, version in versions.items():
            yield Poison(f"{shape} of version {written}", _json(make() | {"v": version}))
        yield Poison(
            f"{shape} without its version", _json({name: value for name, value in make().items() if name != "v"})
        )


def _of_other_shards(shapes: _Shapes) -> Iterator[Poison]:
    right = shapes.count_message()
    for shard, shards in ((0, 0), (SHARDS, SHARDS), (-1, SHARDS), (0, -SHARDS), (3, 10**30), ("0", "4"), (True, True)):
        yield Poison(
            f"a count message of shard {shard!r} of {shards!r}", _json(right | {"shard": shard, "shards": shards})
        )
    yield Poison("a count message of the next shard", _json(right | {"shard": (right["shard"] + 1) % SHARDS}))
    yield Poison("a count message for 5 shards", _json(shapes.count_message(5)))
    rows = [shapes.count_message()["ballots"][0] for _ in range(8)]
    yield Poison("a count message with ballots of every shard", _json(right | {"ballots": rows}))
    yield Poison("a count message without ballots", _json(right | {"ballots": []}))
    for spoilt, row in (
        ("short", rows[0][:4]),
        ("long", [*rows[0], 1]),
        ("upside down", rows[0][::-1]),
        ("an object", {"voter_id": "x"}),
    ):
        yield Poison(
            f"a count message with a row that is {spoilt}", _json(right | {"ballots": [row, right["ballots"][0]]})
        )


def _at_other_times(shapes: _Shapes) -> Iterator[Poison]:
    for when, received_at in {
        "before 1970": -1,
        "in two hours": shapes.now_us + 7_200 * 10**6,
        "in the year 10^24": 10**30,
        "1.5": 1.5,
    }.items():
        yield Poison(
            f"an ingest message received {when}", _json(shapes.ingest_message() | {"received_at": received_at})
        )
    for queue, make in {
        "a ballot": shapes.ballot,
        "an ingest message": shapes.ingest_message,
        "a count message": shapes.count_message,
    }.items():
        yield Poison(f"{queue} whose ballot_id is half a surrogate pair", _json(make()).replace(b'"b-', rb'"\ud83d'))


def _alien() -> Iterator[Poison]:
    """What was never meant for us."""
    yield from (Poison(f"alien: {name}", text.encode()) for name, text in ALIEN.items())
    raw = {
        "gzip": gzip.compress(b"{}", mtime=0),
        "random bytes": Random(SEED).randbytes(300),
        "overlong UTF-8": b'{"a": "\xc0\xaf"}',
    }
    yield from (Poison(f"alien: {name}", body) for name, body in raw.items())


def _odd(shapes: _Shapes) -> Iterator[Poison]:
    """What looks wrong and is right."""
    body = _json(shapes.ballot())
    yield Poison("odd but good: blanks all around", b" \r\n\t" + body.replace(b": ", b" \n:\t") + b"\n\n")
    yield Poison(
        "odd but good: letters as escapes",
        _json(shapes.ballot()).replace(b"voter_id", rb"\u0076oter_id").replace(b"poison-", rb"\u0070oison-"),
    )
    yield Poison("odd but good: fields backwards", _json(dict(reversed(shapes.ballot().items()))))
    yield Poison(
        "odd but good: the longest identifiers", _json(shapes.ballot() | {"voter_id": "_" * 64, "ballot_id": "-" * 64})
    )


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of everything inside `value`, itself left out.

    Of a list, its first item stands for all.
    """
    if isinstance(value, dict):
        items: Iterable[tuple[Any, Any]] = value.items()
    else:
        items = enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(value, list) and key and isinstance(inner, dict) and len(path) == 1:
            continue  # another ballot
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _put(value: Any, path: Path, written: str) -> bytes:
    """The JSON of `value` with what is `written` (JSON) at a path."""
    changed = deepcopy(value)
    *way, last = path
    inner = changed
    for step in way:
        inner = inner[step]
    inner[last] = "put here"
    return json.dumps(changed).replace('"put here"', written).encode()


def _as_text(path: Path) -> str:
    first, *others = path
    return f"{first}" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in others)
