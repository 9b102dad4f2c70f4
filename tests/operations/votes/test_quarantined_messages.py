"""The messages that quarantined lines go back as: packed, and each ballot as it was."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from shared.quarantine import line_of
from tests.lambda_src.stack import NOW_US, RULES, stamped
from tools.operations.votes.redrive_quarantine import messages_of, restamped
from votes import messages
from votes.ballot import Ballot


@pytest.mark.parametrize(
    "raw", [7, None, [], "x", {"ballot_id": "b"}, {"cast_at": 5}, stamped(cast_at=5), ["v1", "up", {}, "b", 5]], ids=str
)
def test_other_input_goes_back_as_it_was(raw: Any) -> None:
    assert restamped(line_of("ingest", "r", "d", 5, ballot=raw)) == raw


def _text(*lines: dict[str, Any]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_row_of_a_count_message_goes_back_as_a_ballot() -> None:
    row = ["v1", "up", {"story": 3}, "b1", NOW_US]
    text = _text(
        line_of("count", "wrong-shard", "d", NOW_US, ballot=row), line_of("count", "r", "d", NOW_US, ballot=[1, 2])
    )
    (message,) = messages_of(text)
    assert (message.queue, message.first, message.last, message.items) == ("ingest", 1, 2, 2)
    received_at, ballots = messages.decode_ingest(message.body, sent_at=NOW_US)
    assert received_at == NOW_US
    assert RULES.read(ballots[0], now_us=NOW_US, queued=True) == Ballot("v1", "up", {"story": 3}, "b1", NOW_US)
    assert ballots[1] == [1, 2]


def test_whole_messages_go_back_as_they_were_and_where_they_came_from() -> None:
    lines = [
        line_of("ingest", "not-json", "d", NOW_US, body="non\nsense é"),
        line_of("ingest", "r", "d", NOW_US, ballot=5),
        line_of("count", "not-json", "d", NOW_US, body="{"),
    ]
    made = messages_of(_text(*lines))
    assert [(message.queue, message.first, message.last) for message in made] == [
        ("ingest", 1, 1),
        ("ingest", 2, 2),
        ("count", 3, 3),
    ]
    assert [message.body for message in made[::2]] == ["non\nsense é", "{"]


def test_packed_by_when_they_were_received_up_to_a_messages_size() -> None:
    lines = [
        line_of("ingest", "r", "d", NOW_US + number // 3_000, ballot=stamped(ballot_id=f"b{number}"))
        for number in range(4_500)
    ]
    made = messages_of(_text(*lines))
    assert all(after.first == before.last + 1 for before, after in pairwise(made))
    assert max(len(message.body) for message in made) <= messages.MESSAGE_BYTES + 100
    # 3,000 ballots of 130 bytes are two messages' worth
    assert (made[0].first, made[-1].last, len(made)) == (1, 4_500, 3)
    seen = []
    for message in made:
        received_at, ballots = messages.decode_ingest(message.body, sent_at=NOW_US + 2)
        taken = lines[message.first - 1 : message.last]
        assert {line["received_at"] for line in taken} == {received_at}
        seen += [one["ballot_id"] for one in ballots]
    assert seen == [f"b{number}" for number in range(4_500)]


def test_a_pack_is_never_more_than_a_message_may_hold() -> None:
    """Small ones by number, wide ones by their values: process would refuse the whole message."""
    small: list[dict[str, int]] = [{}] * 4_000
    wide = [{f"k{key}": 1 for key in range(8_000)}] * 6
    for ballots in (small, wide):
        made = messages_of(_text(*(line_of("ingest", "r", "d", NOW_US, ballot=ballot) for ballot in ballots)))
        assert len(made) == 3
        assert sum(len(messages.decode_ingest(one.body, sent_at=NOW_US).ballots) for one in made) == len(ballots)
