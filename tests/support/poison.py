"""Inputs that should never have been sent: the list of bad input, and good input spoilt at every place, the same at every run."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from demo.bad_input import BAD_BALLOTS, BAD_REQUESTS, JSON
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


# What no place of a ballot or message may hold (a few may: null withdraws a score), as it stands in JSON.
WRONG = {
    "null": "null",
    "true": "true",
    "-1": "-1",
    "6": "6",
    "2.5": "2.5",
    "4.0": "4.0",
    "1e999": "1e999",
    "-Infinity": "-Infinity",
    "NaN": "NaN",
    "a number of 40 digits": "9" * 40,
    "a number of 5,000 digits": "9" * 5_000,
    "a number as text": '"4"',
    "an empty text": '""',
    "a text of 100,000": '"' + "x" * 100_000 + '"',
    "a lone surrogate": r'"\ud800"',
    "NUL": r'"a\u0000b"',
    "what clears a terminal": r'"\u001b[2J\u202e"',
    "an emoji": '"\U0001f42c"',
    "digits of another script": '"١٢٣"',
    "a title reserved for the fold": '"#fold"',
    "an SQL injection": json.dumps("'; DROP TABLE votes; --"),
    "a PartiQL injection": json.dumps("x'} VALUE {'voter_id': 'y"),
    "a look-up for a logger": '"${jndi:ldap://127.0.0.1/x}"',
    "a path upwards": '"../../../etc/passwd"',
    "markup": '"<script>alert(1)</script>"',
    "an empty list": "[]",
    "a list in a list": "[[1]]",
    "an empty object": "{}",
    "an object with __proto__": '{"__proto__": {"story": 5}}',
    "a key of 50,000": '{"' + "k" * 50_000 + '": 1}',
    "a key that is a lone surrogate": r'{"\udfff": 1}',
    "a key twice": '{"story": 1, "story": 5}',
    "lists nested 400 deep": "[" * 400 + "]" * 400,
    "objects nested 900 deep": '{"a":' * 900 + "1" + "}" * 900,
}


class _Shapes:
    """Good input of each shape, each time of a voter of its own, so that what is good after all can be told apart."""

    def __init__(self, now: datetime) -> None:
        self.now, self.now_us, self._voters = now, int(now.timestamp()) * 1_000_000, 0

    def ballot(self) -> dict[str, Any]:
        self._voters += 1
        stamp = {"ballot_id": f"b-{self._voters}", "cast_at": self.now.isoformat()}
        return {"voter_id": f"poison-{self._voters:04}", "title_id": TITLE, "votes": {"story": 4, "music": None}, **stamp}

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
    """The bad input of the demonstration; each bad ballot also between two others that are no better."""
    for number, bad in enumerate(BAD_REQUESTS):  # some are good on a queue: on a title of ours, then
        yield Poison(f"bad input {number}: {bad.name}", bad.body.replace(b"mv0001", TITLE.encode()), bad.content_type)
    together = {"ballots": [ballot for ballot, _ in BAD_BALLOTS]}
    yield Poison("every bad ballot in one request", _json(together))


def _misplaced(shapes: _Shapes) -> Iterator[Poison]:
    """Wrong values at every place of every shape."""
    rng = Random(SEED)
    for shape, make in shapes.all.items():
        for path in _places(make()):
            for what in rng.sample(list(WRONG), KINDS_A_PLACE):
                yield Poison(f"{shape} whose {_said(path)} is {what}", _put(make(), path, WRONG[what]))


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
        yield Poison(f"{shape} with a raw line break in a text", body.replace(b'"b-', b'"b\n-').replace(b'"slot', b'"sl\not'))
        yield Poison(f"{shape} in UTF-16", body.decode().encode("utf-16"))
        yield Poison(f"{shape} with single quotes", body.replace(b'"', b"'"))
        yield Poison(f"{shape} with a comma too many", body[:-1] + b",}")
        yield Poison(f"{shape} with a comment", body + b" // by hand")
        yield Poison(f"{shape} with its first key twice", b"{" + _json(dict(list(make().items())[:1]))[1:-1] + b", " + body[1:])
        yield Poison(f"{shape} inside a list", b"[" + body + b"]")
        yield Poison(f"{shape} inside a text", json.dumps(body.decode()).encode())
        yield Poison(f"{shape} compressed, in base64", base64.b64encode(gzip.compress(body, mtime=0)))
        yield Poison(f"{shape} with a field of another", _json(make() | {"constructor": {"prototype": None}}))


def _of_other_versions(shapes: _Shapes) -> Iterator[Poison]:
    versions = {"0": 0, "-1": -1, "2": 2, "10^30": 10**30, "true": True, "1.0": 1.0, '"2"': "2", "null": None, "[1]": [1]}
    for shape, make in list(shapes.all.items())[2:]:
        for said, version in versions.items():
            yield Poison(f"{shape} of version {said}", _json(make() | {"v": version}))
        yield Poison(f"{shape} without its version", _json({name: value for name, value in make().items() if name != "v"}))


def _of_other_shards(shapes: _Shapes) -> Iterator[Poison]:
    right = shapes.count_message()
    for shard, shards in ((0, 0), (SHARDS, SHARDS), (-1, SHARDS), (0, -SHARDS), (3, 10**30), ("0", "4"), (True, True)):
        yield Poison(f"a count message of shard {shard!r} of {shards!r}", _json(right | {"shard": shard, "shards": shards}))
    yield Poison("a count message of the next shard", _json(right | {"shard": (right["shard"] + 1) % SHARDS}))
    yield Poison("a count message for 5 shards", _json(shapes.count_message(5)))
    rows = [shapes.count_message()["ballots"][0] for _ in range(8)]
    yield Poison("a count message with ballots of every shard", _json(right | {"ballots": rows}))
    yield Poison("a count message without ballots", _json(right | {"ballots": []}))
    for spoilt, row in (("short", rows[0][:4]), ("long", [*rows[0], 1]), ("upside down", rows[0][::-1]), ("an object", {"voter_id": "x"})):
        yield Poison(f"a count message with a row that is {spoilt}", _json(right | {"ballots": [row, right["ballots"][0]]}))


def _at_other_times(shapes: _Shapes) -> Iterator[Poison]:
    for said, received_at in {
        "before 1970": -1,
        "in two hours": shapes.now_us + 7_200 * 10**6,
        "in the year 10^24": 10**30,
        "1.5": 1.5,
    }.items():
        yield Poison(f"an ingest message received {said}", _json(shapes.ingest_message() | {"received_at": received_at}))
    for queue, make in {
        "a ballot": shapes.ballot,
        "an ingest message": shapes.ingest_message,
        "a count message": shapes.count_message,
    }.items():
        yield Poison(f"{queue} whose ballot_id is half a surrogate pair", _json(make()).replace(b'"b-', rb'"\ud83d'))


def _alien() -> Iterator[Poison]:
    """What was never meant for us."""
    texts = {
        "XML": "<?xml version='1.0'?><ballot voter='v'/>",
        "an XML bomb": '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><b>&b;</b>',
        "a page of HTML": "<!doctype html><html><body>502 Bad Gateway</body></html>",
        "a form": "voter_id=v&title_id=t&votes=5",
        "SQL": "INSERT INTO votes VALUES (1); --",
        "YAML": "voter_id: v\ntitle_id: t\n",
        "CSV": "voter_id,title_id,story\nv,t,5\n",
        "a shell command": "$(reboot)",
        "two lines of JSON": '{"voter_id": "a"}\n{"voter_id": "b"}',
        "an event of another queue": '{"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "x"}}}]}',
        "a notice of SNS": '{"Type": "Notification", "Message": "{}", "TopicArn": "arn:aws:sns:us-east-1:000000000000:x"}',
        "undefined": "undefined",
        "a word": "null-ish",
        "half a surrogate pair": r'"\ud83d"',
        "an escape that is none": r'"\x41"',
        "a number with a leading zero": "0123",
        "a bare minus": "-",
        "a number of 5,000 digits": "9" * 5_000,
        "blanks": " \t\r\n",
        "a list of 10,000 nulls": json.dumps([None] * 10_000),
        "a request of 400 nulls": json.dumps({"ballots": [None] * 400}),
        "objects nested 20,000 deep": '{"ballots":' * 20_000,
        "lists nested 60,000 deep, as ballots": '{"ballots": ' + "[" * 60_000 + "]" * 60_000 + "}",
        "a thousand keys": json.dumps({f"key-{number}": number for number in range(1_000)}),
        "100,000 of one letter": "x" * 100_000,
        "a mark that no text may hold": "\ufffe",
        "a name of 40 characters that nobody sees": json.dumps({"\U000e0001" * 40: 1}),
    }
    yield from (Poison(f"alien: {name}", text.encode()) for name, text in texts.items())
    raw = {"gzip": gzip.compress(b"{}", mtime=0), "random bytes": Random(SEED).randbytes(300), "overlong UTF-8": b'{"a": "\xc0\xaf"}'}
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
    yield Poison("odd but good: the longest identifiers", _json(shapes.ballot() | {"voter_id": "_" * 64, "ballot_id": "-" * 64}))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of everything inside `value`, itself left out; of a list, its first item stands for all."""
    inside: Mapping[Any, Any] = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    for key, inner in inside.items():
        if isinstance(value, list) and key and isinstance(inner, dict) and len(path) == 1:
            continue  # another ballot
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _put(value: Any, path: Path, written: str) -> bytes:
    """The JSON of `value` with what is `written` (JSON) at a path."""
    changed = deepcopy(value)
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    place[last] = "put here"
    return json.dumps(changed).replace('"put here"', written).encode()


def _said(path: Path) -> str:
    first, *others = path
    return f"{first}" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in others)
