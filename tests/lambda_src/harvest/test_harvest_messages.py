"""What the functions tell each other, and how parcels are named."""

from __future__ import annotations

import json

import pytest

from harvest import messages, parcels
from harvest.messages import ParcelMessage, StoreMessage, TurnMessage, Unreadable
from shared.versions import NewerVersion

SLOTS = (1_795_000_000_000.123, 1_795_000_000_020.5)


def test_each_message_is_read_as_it_was_written() -> None:
    parcel = ParcelMessage("run-1", "p", SLOTS, 4)
    assert messages.decode_parcel(messages.encode_parcel(parcel).body) == parcel
    assert parcel.claim == 1_795_000_000_000
    turn = TurnMessage("acme", 7)
    assert messages.decode_turn(messages.encode_turn(turn, "once").body) == turn
    for group in ("", "group é"):
        store = StoreMessage("run-1", group)
        assert messages.decode_store(messages.encode_store(store).body) == store


def test_each_turn_has_a_message_group_of_its_own() -> None:
    first, second = (messages.encode_turn(TurnMessage("acme", turn), f"acme-{turn}") for turn in (7, 8))
    assert first.group != second.group
    assert first.deduplication_id == "acme-7"


GOOD = {"v": 1, "run_id": "r", "parcel": "p", "slots": [1], "stops": 0, "account": "a", "turn": 1, "group": ""}
BAD = [
    {"slots": []},
    {"slots": [-1]},
    {"slots": ["1"]},
    {"slots": [True]},
    {"slots": 1},
    {"stops": 1.5},
    {"stops": None},
    {"run_id": ""},
    {"run_id": "x" * 1000},
    {"parcel": None},
    {"v": "1"},
    {"v": None},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_a_parcels_message_that_is_none_of_ours(change: dict[str, object]) -> None:
    assert messages.decode_parcel(json.dumps(GOOD)).slots == (1,)
    with pytest.raises(Unreadable):
        messages.decode_parcel(json.dumps(GOOD | change))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "[" * 10_000, "1" * 20_000, '{"v": 1, "v": 1}'])
def test_a_text_that_is_no_message(body: str) -> None:
    for decode in (messages.decode_parcel, messages.decode_turn, messages.decode_store):
        with pytest.raises(Unreadable):
            decode(body)


def test_others_that_are_none_of_ours() -> None:
    for change in ({"turn": "1"}, {"account": 1}):
        with pytest.raises(Unreadable):
            messages.decode_turn(json.dumps(GOOD | change))
    with pytest.raises(Unreadable):
        messages.decode_store(json.dumps(GOOD | {"group": None}))


def test_a_later_releases_message_is_left_to_it() -> None:
    for decode in (messages.decode_parcel, messages.decode_turn, messages.decode_store):
        with pytest.raises(NewerVersion):
            decode(json.dumps(GOOD | {"v": messages.VERSION + 1}))


def test_no_two_parcels_have_one_id() -> None:
    ids = [parcels.child_id(parent, key, index) for parent in "pq" for key in (5, 6, "split") for index in range(3)]
    ids += [parcels.root_id(0), parcels.root_id(1), parcels.group_id("p"), parcels.group_id("q"), parcels.group_id("")]
    assert len(set(ids)) == len(ids)
    assert parcels.child_id("p", 5, 0) == parcels.child_id("p", "5", 0)
