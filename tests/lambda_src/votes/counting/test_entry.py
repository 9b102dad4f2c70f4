"""A journal entry's bytes: what goes in comes out, in few bytes, and what is no entry says so."""

import json
import random
import tracemalloc
import zlib
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.versions import NewerVersion
from votes import entry
from votes.entry import Content, Kind, UnreadableEntry
from votes.standing import AspectVote, Change

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=64)
SCORES = st.integers(-1000, 1000)
STAMPS = st.tuples(st.integers(0, 2**53), NAMES)


@st.composite
def any_change(draw: st.DrawFn) -> Change:
    """One that a fold could make: some aspects cast by one ballot, some by older ones, some
    withdrawn.
    """
    stamps = draw(st.lists(STAMPS, min_size=1, max_size=3))
    after = draw(st.dictionaries(NAMES, st.tuples(st.none() | SCORES, st.sampled_from(stamps)), min_size=1, max_size=6))
    before = draw(st.none() | st.dictionaries(st.sampled_from(sorted(after)), SCORES))
    return Change(
        draw(NAMES),
        draw(NAMES),
        before,
        {aspect: AspectVote(score, *stamp) for aspect, (score, stamp) in after.items()},
    )


@given(st.lists(any_change(), max_size=8))
def test_what_goes_in_comes_out(changes: list[Change]) -> None:
    assert entry.decode(entry.encode(changes)) == Content(changes)


@given(
    st.sampled_from([Kind.REPAIR, Kind.ERASURE, Kind.MENDED]),
    st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(), min_size=1), max_size=4),
    st.lists(st.tuples(NAMES, NAMES), max_size=4),
    st.integers(0, 2**53),
    st.text(max_size=40),
)
def test_what_goes_into_another_kind_comes_out(kind: Kind, added: Any, removed: Any, put_by: int, note: str) -> None:
    content = Content([], kind, added, removed, put_by, note)
    body = entry.encode_other(content)
    assert body[0] == entry.OTHER_VERSION
    assert entry.decode(body) == content._replace(changes=())


def test_ballots_stay_what_an_older_release_reads() -> None:
    assert entry.encode([Change("ann", "up", None, {"story": AspectVote(5, 1, "b")})])[0] == 1


@given(st.lists(any_change(), min_size=1, max_size=8))
def test_the_same_changes_are_the_same_bytes(changes: list[Change]) -> None:
    assert entry.encode(changes) == entry.encode([change._replace(after=dict(change.after)) for change in changes])


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_bytes_that_are_no_entry(body: bytes) -> None:
    with pytest.raises((UnreadableEntry, NewerVersion)):
        entry.decode(body)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"[]",
        b"{}",
        b"7",
        b'{"after":{}}',
        b'{"kind":"party","added":{},"removed":[],"put_by":0,"note":""}',
        b'{"kind":"repair","added":{"t":{"voters":"many"}},"removed":[],"put_by":0,"note":""}',
        b'{"kind":"erasure","added":{},"removed":[["only a voter"]],"put_by":0,"note":""}',
        b'{"voter_id":["a"],"titles":[],"title":[0],"new":[1],"before":{"s":[1]},"after":{"s":[1]},"start":0,"cast_at":[0],"ballot_id":["b"],"older":[]}',
        b'{"voter_id":["a","b"],"titles":["t"],"title":[0],"new":[1],"before":{"s":[1]},"after":{"s":[1]},"start":0,"cast_at":[0],"ballot_id":["b"],"older":[]}',
    ],
)
@pytest.mark.parametrize("version", [entry.BALLOTS_VERSION, entry.OTHER_VERSION])
def test_columns_that_do_not_fit(packed: bytes, version: int) -> None:
    with pytest.raises(UnreadableEntry):
        entry.decode(bytes([version]) + zlib.compress(packed))


def test_every_damaged_byte_is_noticed() -> None:
    body = entry.encode([Change("ann", "up", None, {"story": AspectVote(5, 1, "b")})])
    for place in range(1, len(body)):
        with pytest.raises(UnreadableEntry):
            entry.decode(body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1 :])


def test_a_later_version_is_not_guessed_at() -> None:
    with pytest.raises(NewerVersion, match="version 3"):
        entry.decode(b"\x03anything")


def short(number: int) -> list[Change]:
    """Changes as the film data makes them: three aspects, short ids, many votes on few titles."""
    rng = random.Random(0)
    changes = []
    for place in range(number):
        stamp = (1_795_000_000_000_000 + place * 700 + rng.randrange(700), f"b{place}")
        held = {aspect: AspectVote(rng.randint(1, 5), *stamp) for aspect in ("story", "acting", "music")}
        changes.append(Change(f"v{rng.randrange(10**5)}", f"t{int(rng.paretovariate(0.6)) % 1000}", None, held))
    return changes


def with_uuids(changes: list[Change]) -> list[Change]:
    """The same with a UUID for every identifier."""
    rng = random.Random(1)
    names: dict[str, str] = {}

    def name(old: str) -> str:
        return names.setdefault(old, str(UUID(int=rng.getrandbits(128))))

    return [
        Change(
            name(voter),
            name(title),
            before,
            {aspect: held._replace(ballot_id=name(held.ballot_id)) for aspect, held in after.items()},
        )
        for voter, title, before, after in changes
    ]


def test_bytes_a_ballot() -> None:
    changes = short(entry.MOST_CHANGES)
    assert len(entry.encode(changes)) / len(changes) < 12
    assert len(entry.encode(with_uuids(changes))) / len(changes) < 50


def test_columns_may_come_in_any_order() -> None:
    """As releases before wrote them: an entry is read by its columns' names."""
    changes = short(50)
    columns = json.loads(zlib.decompress(entry.encode(changes)[1:]))
    order = ("voter_id", "titles", "title", "new", "before", "after", "start", "cast_at", "ballot_id", "older")
    assert set(columns) == set(order)
    as_before = b"\x01" + zlib.compress(
        json.dumps({name: columns[name] for name in order}, separators=(",", ":")).encode(), 6
    )
    assert entry.decode(as_before).changes == changes


def test_split_by_number_and_by_size() -> None:
    many = short(entry.MOST_CHANGES + 1)
    assert [len(part) for part, _ in entry.split(many)] == [entry.MOST_CHANGES, 1]
    rng = random.Random(2)

    def name() -> str:
        return f"{rng.getrandbits(256):064x}"

    wide = [
        Change(name(), name(), {}, {f"a{n}": AspectVote(1, rng.getrandbits(52), name()) for n in range(9)})
        for _ in range(entry.MOST_CHANGES)
    ]
    parts = list(entry.split(wide))
    assert len(parts) > 1
    assert all(len(body) <= entry.LARGEST_BYTES for _, body in parts)
    assert [change for part, _ in parts for change in part] == wide
    assert [change for _, body in parts for change in entry.decode(body).changes] == wide
    assert list(entry.split([])) == []


BOMBS = {
    "one of 200 MiB": b" " * (200 * 2**20),
    "as many values as fit": b"[" + b"[]," * 2_600_000 + b"1]",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_unpacks_to_more_than_an_entry_can_be_is_no_entry(bomb: str) -> None:
    body = bytes([1]) + zlib.compress(BOMBS[bomb])
    assert len(body) < 400_000, "a row of DynamoDB's can hold it"
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableEntry, match="unpacks to more than"):
            entry.decode(body)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


def test_an_entry_cut_short_is_no_entry() -> None:
    body = entry.encode([Change("ann", "up", None, {"story": AspectVote(5, 1, "b")})])
    with pytest.raises(UnreadableEntry, match="incomplete or truncated"):
        entry.decode(body[:-6])


def test_the_widest_changes_fit_what_is_read() -> None:
    """50 aspects, each cast by a ballot of its own, under names that compress to nothing."""
    stamp = 2**52
    changes = [
        Change(f"{'v' * 60}{row:04}", "t" * 64, dict.fromkeys(ASPECTS, -1000), {
            aspect: AspectVote(-1000, stamp + number, f"{'b' * 62}{number:02}") for number, aspect in enumerate(ASPECTS)
        })
        for row in range(entry.MOST_CHANGES)
    ]  # fmt: skip
    parts = list(entry.split(changes))
    assert [change for part, _ in parts for change in part] == changes
    for part, body in parts:
        assert entry.decode(body).changes == part
    assert len(parts) > 1


ASPECTS = [f"{'a' * 62}{number:02}" for number in range(50)]
