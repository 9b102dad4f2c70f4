"""Messages: what one function writes the next reads; shards are the same for ever."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.versions import NewerVersion
from votes import messages
from votes.ballot import Ballot, Code, Refusal
from votes.messages import CountMessage, Unreadable, decode_count, encode_count, encode_ingest
from votes.rules import Rules
from votes.shards import shard_of

ASPECTS = ["story", "acting", "a" * 64]
RULES = Rules(ASPECTS, -1000, 1000)
GOOD = Ballot("voter", "title", {"story": 5, "acting": None}, "ballot", 1_795_248_000_000_000)

identifiers = st.text("ABCxyz019_-", min_size=1, max_size=64)
ballots = st.builds(
    Ballot,
    identifiers,
    identifiers,
    st.dictionaries(st.sampled_from(ASPECTS), st.none() | st.integers(-1000, 1000), min_size=1),
    identifiers,
    st.integers(0, 9_999_999_999_999_999 // 2),
)


@settings(derandomize=True)
@given(st.lists(ballots, min_size=1, max_size=20), st.integers(0, 31))
def test_a_count_message_is_read_as_written(some: list[Ballot], shard: int) -> None:
    body = encode_count(CountMessage(shard, 32, some))
    assert body.isascii()
    assert decode_count(body, RULES) == CountMessage(shard, 32, some, [])
    assert json.loads(body)["ballots"] == [list(one) for one in some]


def test_the_wire_format_stays() -> None:
    row = '["voter","title",{"story":5,"acting":null},"ballot",1795248000000000]'
    assert encode_count(CountMessage(3, 4, [GOOD])) == f'{{"v":1,"shard":3,"shards":4,"ballots":[{row}]}}'
    named = (
        '{"voter_id":"voter","title_id":"title","votes":{"story":5,"acting":null},'
        '"ballot_id":"ballot","cast_at":1795248000000000}'
    )
    assert encode_ingest(7, [GOOD]) == f'{{"v":1,"received_at":7,"ballots":[{named}]}}'


NOW = 1_795_248_000_000_000
near = st.builds(
    lambda ballot, field, value, drop: {
        name: given for name, given in (ballot._asdict() | {field: value}).items() if name != drop
    },
    st.builds(
        lambda ballot, off: ballot._replace(cast_at=NOW + off),
        ballots,
        st.sampled_from([0, -5, 60_000_000, 60_000_001, -(31 * 86_400 * 10**6)]),
    ),
    st.sampled_from([*Ballot._fields, "extra"]),
    st.none()
    | st.integers()
    | st.text(max_size=3)
    | st.dictionaries(st.sampled_from(ASPECTS), st.integers(990, 1010) | st.none()),
    st.sampled_from(["", *Ballot._fields]),
)


@settings(derandomize=True, max_examples=300)
@given(
    st.lists(near | ballots.map(lambda one: one._replace(cast_at=NOW)._asdict()), min_size=1, max_size=3),
    st.integers(NOW - 2, NOW + 10**10),
)
def test_the_quick_way_and_the_careful_way_agree(raws: list[Any], received_at: int) -> None:
    body = json.dumps({"v": 1, "received_at": received_at, "ballots": raws}, separators=(",", ":"))
    quick = messages.decode_sent(body, RULES, sent_at=NOW)
    try:
        careful = messages.decode_ingest(body, sent_at=NOW)
    except Unreadable:
        assert quick is None
        return
    read = [
        RULES.read(raw, now_us=careful.received_at, index=index, queued=True)
        for index, raw in enumerate(careful.ballots)
    ]
    if quick is not None:
        assert quick == (careful.received_at, read)
    else:
        assert any(isinstance(one, Refusal) for one in read) or any(list(raw) != list(Ballot._fields) for raw in raws)


def test_what_receive_sends_is_read_the_quick_way() -> None:
    assert messages.decode_sent(encode_ingest(GOOD.cast_at, [GOOD, GOOD]), RULES, sent_at=GOOD.cast_at) == (
        GOOD.cast_at,
        [GOOD, GOOD],
    )
    assert messages.decode_sent("\ud800", RULES, sent_at=0) is None


def rewritten(sent: dict[str, Any]) -> str:
    """What a message would be written as to the byte; the quick way once took no other."""
    named = [{name: ballot[name] for name in Ballot._fields} for ballot in sent["ballots"]]
    return json.dumps({"v": sent["v"], "received_at": sent["received_at"], "ballots": named}, separators=(",", ":"))


@st.composite
def tampered(draw: st.DrawFn) -> str:
    """A good message after one or two edits: pieces of messages put in or put in another's place,
    anywhere.
    """
    good = st.lists(ballots.map(lambda one: one._replace(cast_at=NOW)), min_size=1, max_size=3)
    body = encode_ingest(NOW, draw(good))
    pieces = [
        " ",
        ":",
        ",",
        '"',
        '"a:b"',
        "{}",
        "[]",
        "null",
        "true",
        "1.0",
        "1e0",
        "-0",
        "\\u003a",
        "\\u0061",
        '"v":1,',
        '"v":true,',
        '"extra":{"a":1},',
    ]
    pieces += [
        '"voter_id":"x",',
        '"votes":{"story":1},',
        '"story":2,',
        '"st\\u006fry":2,',
        '"ballots":[],',
        '"received_at":5,',
        f'"cast_at":{NOW},',
    ]
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.sampled_from([place for place, letter in enumerate(body) if letter in '{},:["'])) + draw(
            st.integers(0, 1)
        )
        body = body[:start] + draw(st.sampled_from(pieces)) + body[start + draw(st.sampled_from([0, 0, 0, 1, 2, 9])) :]
    return body


FIELDS = f'"voter_id":"a","title_id":"t","votes":{{"story":1}},"ballot_id":"b","cast_at":{NOW}'


@settings(derandomize=True, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(tampered())
@example(f'{{"v":1,"received_at":{NOW},"ballots":[{{"voter_id":"a",{FIELDS}}}]}}')
@example(f'{{"v":1,"received_at":{NOW},"ballots":[{{"extra":1,{FIELDS}}}]}}')
@example(f'{{"v":true,"received_at":{NOW},"ballots":[{{{FIELDS}}}]}}')
@example(f'{{ "ballots":[{{{FIELDS}}}],"received_at":{NOW},"v":1}}')
def test_what_the_quick_way_takes_the_careful_way_takes_too(body: str) -> None:
    """It counts colons to see that no key is there twice; before, it compared with what would be
    written. It must be as safe.
    """
    quick = messages.decode_sent(body, RULES, sent_at=NOW)
    if quick is not None:
        careful = messages.decode_ingest(body, sent_at=NOW)
        assert quick == (careful.received_at, [RULES.read(raw, now_us=NOW, queued=True) for raw in careful.ballots])
    else:
        with suppress(ValidationError, KeyError):  # a key that is missing is for who reads it to see
            assert rewritten(RULES.parse_sent(body)) != body


@pytest.mark.parametrize("kind", ["ingest", "count"])
@pytest.mark.parametrize("wide", [False, True])
def test_parts_stay_within_the_limit_and_lose_nothing(kind: str, wide: bool) -> None:
    widest = Ballot("v" * 64, "t" * 64, dict.fromkeys(ASPECTS, -1000), "b" * 64, 2**53 - 1)
    many = [(widest if wide else GOOD)._replace(cast_at=GOOD.cast_at + place) for place in range(5_000)]
    parts = list(messages.in_messages(many, RULES))
    assert [one for part in parts for one in part] == many
    sizes = [
        len(encode_ingest(1, part) if kind == "ingest" else encode_count(CountMessage(0, 1, list(part))))
        for part in parts
    ]
    assert max(sizes) <= messages.MESSAGE_BYTES + 100  # the envelope
    assert sizes[0] > messages.MESSAGE_BYTES * (0.75 if wide else 0.15)
    assert list(messages.in_messages([], RULES)) == []


def test_a_smaller_limit_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [GOOD] * 100
    with monkeypatch.context() as small:
        small.setattr(messages, "MESSAGE_BYTES", 1_200)
        assert len(list(messages.in_messages(many, RULES))) > 20
    assert len(list(messages.in_messages(many, RULES))) == 1


ROW: list[Any] = list(GOOD)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (None, Code.NOT_AN_OBJECT),
        ({}, Code.NOT_AN_OBJECT),
        ([], Code.MISSING_FIELD),
        (ROW[:4], Code.MISSING_FIELD),
        ([*ROW, 1], Code.NOT_AN_OBJECT),
        (["\0", *ROW[1:]], Code.BAD_IDENTIFIER),
        ([*ROW[:1], 5, *ROW[2:]], Code.BAD_IDENTIFIER),
        ([*ROW[:2], {}, *ROW[3:]], Code.EMPTY_VOTES),
        ([*ROW[:2], [], *ROW[3:]], Code.BAD_VOTES),
        ([*ROW[:2], {"plot": 1}, *ROW[3:]], Code.UNKNOWN_ASPECT),
        ([*ROW[:2], {"story": 1001}, *ROW[3:]], Code.BAD_SCORE),
        ([*ROW[:2], {"story": True}, *ROW[3:]], Code.BAD_SCORE),
        ([*ROW[:4], 1.5], Code.BAD_TIME),
        ([*ROW[:4], "2026-11-21T08:00:00Z"], Code.BAD_TIME),
        ([*ROW[:4], -1], Code.BAD_TIME),
        ([*ROW[:4], 2**53], Code.BAD_TIME),
    ],
)
def test_a_bad_row_is_refused_alone(row: Any, code: Code) -> None:
    body = json.dumps({"v": 1, "shard": 0, "shards": 4, "ballots": [ROW, row, ROW]})
    read = decode_count(body, RULES)
    assert read.ballots == [GOOD, GOOD]
    ((kept, refusal),) = read.refused
    assert (kept, refusal.code) == (row, code)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "poison",
        "[]",
        "{}",
        '{"v": 1, "shard": 0, "shards": 4}',
        '{"v": 1, "shard": 0, "shards": 4, "ballots": {}}',
        '{"v": 1, "shard": 0, "shards": 4, "ballots": []}',
        '{"v": 1, "shard": 4, "shards": 4, "ballots": [1]}',
        '{"v": 1, "shard": -1, "shards": 4, "ballots": [1]}',
        '{"v": 1, "shard": true, "shards": 4, "ballots": [1]}',
        '{"v": 1, "shard": "0", "shards": 4, "ballots": [1]}',
        '{"v": true, "shard": 0, "shards": 4, "ballots": [1]}',
        '{"v": 1, "v": 1, "shard": 0, "shards": 4, "ballots": [1]}',
    ],
)
def test_what_is_no_count_message_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode_count(body, RULES)
    assert caught.value.reason in {Code.NOT_JSON, Code.NOT_A_MESSAGE, Code.DUPLICATE_KEY}
    assert caught.value.detail


def test_a_newer_message_is_not_for_this_release() -> None:
    with pytest.raises(NewerVersion, match="has version 2, this release reads up to 1"):
        decode_count('{"v": 2, "rows": "packed"}', RULES)


def test_shards_never_move() -> None:
    assert [shard_of(f"voter-{i}", 32) for i in range(8)] == [20, 15, 8, 23, 10, 13, 2, 6]
    spread = [sum(shard_of(f"voter-{i}", 16) == shard for i in range(16_000)) for shard in range(16)]
    assert min(spread) > 850
    assert max(spread) < 1150
