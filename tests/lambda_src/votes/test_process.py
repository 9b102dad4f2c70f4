"""process: what is on the ingest queue ends on the count queue, by shard, or in quarantine with the
reason.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambda_src.stack import (
    CAST_AT,
    NOW_US,
    RULES,
    Json,
    Stack,
    ballot,
    compact,
    counted,
    ingest,
    metrics,
    record,
    stamped,
)
from votes import messages
from votes.ballot import Ballot


def test_from_request_to_count_queue(stack: Stack) -> None:
    stack.post({"ballots": [stamped(voter_id=f"v{i}", ballot_id=f"b{i}") for i in range(40)]})
    taken = stack.take("ingest")
    assert stack.process(taken) == []
    found = counted(stack)
    assert sorted(found) == sorted(
        Ballot(f"v{i}", "the-wire", {"story": 5, "music": None}, f"b{i}", CAST_AT) for i in range(40)
    )
    assert stack.quarantined() == {}
    lines = stack.logged()
    assert metrics(lines) == {"BallotsProcessed": 40}
    (line,) = [line for line in lines if line.get("message") == "processed"]
    assert (line["messages"], line["ballots"], line["quarantined"], line["failed"]) == (1, 40, 0, 0)


def test_ten_thousand_messages_are_a_few_hundred_to_a_message(stack: Stack) -> None:
    records = [
        record(ingest(stamped(voter_id=f"voter-{i}", title_id=f"title-{i % 300}", ballot_id=f"b{i}")))
        for i in range(10_000)
    ]
    assert stack.process(records) == []
    taken = stack.take("count")
    assert 16 <= len(taken) <= 24
    assert all(len(one["body"]) <= 200_000 for one in taken)
    bodies = [messages.decode_count(one["body"], RULES) for one in taken]
    assert sorted(one.ballot_id for body in bodies for one in body.ballots) == sorted(f"b{i}" for i in range(10_000))


@pytest.mark.parametrize(
    ("body", "cast_at"),
    [
        (ballot(), NOW_US),
        (stamped(), CAST_AT),
        (stamped(cast_at=CAST_AT), CAST_AT),
        ({"ballots": [ballot()]}, NOW_US),
        ({"ballots": [stamped()]}, CAST_AT),
        ({"v": 1, "ballots": [ballot()], "received_at": NOW_US - 5}, NOW_US - 5),
    ],
)
def test_messages_put_by_hand_are_taken(stack: Stack, body: Json, cast_at: int) -> None:
    assert stack.process([record(json.dumps(body))]) == []
    (found,) = counted(stack)
    assert found[:3] == ("voter-1", "the-wire", {"story": 5, "music": None})
    assert found.cast_at == cast_at


def test_a_ballot_by_hand_gets_its_id_from_its_content(stack: Stack) -> None:
    mixed = {"music": None, "story": 5}
    for one in (ballot(), dict(reversed(ballot().items())) | {"votes": mixed}, ballot(votes={"story": 4})):
        assert stack.process([record(json.dumps(one))]) == []
    first, second, other = (found.ballot_id for found in counted(stack))
    assert first == second != other
    assert len(first) == len(other) == 22


def test_ballots_by_hand_keep_their_order(stack: Stack) -> None:
    stack.process([record(json.dumps({"ballots": [ballot(votes={"story": score}) for score in (3, 2, 1)]}))])
    assert [found.votes["story"] for found in sorted(counted(stack), key=lambda one: one.stamp)] == [3, 2, 1]


BAD_MESSAGES: list[tuple[str, str]] = [
    ("", "not-json"),
    ("poison", "not-json"),
    ('{"v": 1, "ballots": [', "not-json"),
    ("[" * 100_000, "not-json"),
    ("[]", "not-a-message"),
    ("5", "not-a-message"),
    ('"text"', "not-a-message"),
    ("null", "not-a-message"),
    ('{"ballots": []}', "not-a-message"),
    ('{"ballots": {}}', "not-a-message"),
    ('{"ballots": null}', "not-a-message"),
    ('{"ballots": [{}], "other": 1}', "not-a-message"),
    ('{"ballots": [{}], "received_at": "now"}', "not-a-message"),
    ('{"ballots": [{}], "received_at": -1}', "not-a-message"),
    ('{"ballots": [{}], "received_at": true}', "not-a-message"),
    (json.dumps({"ballots": [{}], "received_at": NOW_US + 3_600_000_001}), "not-a-message"),
    ('{"v": 0, "ballots": [{}]}', "not-a-message"),
    ('{"v": "1", "ballots": [{}]}', "not-a-message"),
    ('{"v": 1.0, "ballots": [{}]}', "not-a-message"),
    ('{"v": null}', "not-a-message"),
    ('{"v": 1, "v": 1}', "duplicate-key"),
]


@pytest.mark.parametrize(("body", "reason"), BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
def test_a_message_nobody_can_read_is_quarantined_whole(stack: Stack, body: str, reason: str) -> None:
    good = record(ingest(stamped()))
    assert stack.process([good, record(body), record(ingest(stamped(voter_id="v2")))]) == []
    assert len(counted(stack)) == 2
    (line,) = stack.quarantined().pop(reason)
    assert (line["reason"], line["source"], line["body"], line["received_at"]) == (reason, "ingest", body, NOW_US)
    assert line["detail"]
    (key,) = stack.quarantine_keys()
    assert key.startswith(f"quarantine/reason={reason}/day=2026-11-21/")
    assert metrics(stack.logged())["Quarantined"] == {reason: 1}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (5, "not-an-object"),
        ({}, "missing-field"),
        (stamped(votes={"story": 6}), "bad-score"),
        (stamped(votes={"plot": 5}), "unknown-aspect"),
        (stamped(voter_id="\ud800"), "bad-identifier"),
        (stamped(ballot_id="\ud800"), "bad-identifier"),
        (stamped(cast_at=NOW_US + 60_000_001), "too-late"),
        (stamped(cast_at=NOW_US - 31 * 86_400_000_000), "too-early"),
        (stamped(cast_at=True), "bad-time"),
        (stamped(cast_at=10**300), "too-late"),
        (ballot(ballot_id="b"), "stamp-incomplete"),
        (json.loads("[" * 400 + "]" * 400), "not-an-object"),
    ],
)
def test_a_bad_ballot_is_quarantined_alone(stack: Stack, bad: Any, reason: str) -> None:
    good = [stamped(ballot_id=name, cast_at=CAST_AT) for name in ("b1", "b3")]
    body = {"v": 1, "received_at": NOW_US, "ballots": [good[0], bad, good[1]]}
    assert stack.process([record(compact(body), sent_at_us=NOW_US + 3 * 86_400_000_000)]) == []
    assert [one.ballot_id for one in counted(stack)] == ["b1", "b3"]
    ((found, (line,)),) = stack.quarantined().items()
    assert (found, line["reason"], line["ballot"]) == (reason, reason, bad)
    assert line["received_at"] == NOW_US
    assert "day=2026-11-21/" in stack.quarantine_keys()[0]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"voter_id": "a", "voter_id": "b"}', {"duplicated keys": [["voter_id", "a"], ["voter_id", "b"]]}),
        ('{"votes": NaN}', {"votes": {"not a number": "NaN"}}),
        ('{"votes": ' + "9" * 5_000 + "}", {"votes": {"not a number": "9" * 5_000}}),
    ],
)
def test_quarantine_keeps_what_json_cannot_say_twice(stack: Stack, text: str, kept: Any) -> None:
    assert stack.process([record(f'{{"ballots": [{text}]}}')]) == []
    ((line,),) = stack.quarantined().values()
    assert line["ballot"] == kept


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('"voter_id":"voter-1","voter_id":"voter-2"', "duplicate-key"),
        ('"voter_id":"voter-1","extra":1', "unknown-field"),
    ],
)
def test_a_message_that_is_nearly_receive_s_is_looked_at_twice(stack: Stack, change: str, reason: str) -> None:
    body = ingest(stamped(), stamped(ballot_id="b2")).replace('"voter_id":"voter-1"', change, 1)
    assert stack.process([record(body)]) == []
    assert [one.ballot_id for one in counted(stack)] == ["b2"]
    assert stack.quarantined().keys() == {reason}


def test_nesting_at_any_depth_ends_in_quarantine(stack: Stack) -> None:
    depths = [*range(300, 1_000, 7), *range(1_000, 12_000, 501), 100_000]
    assert stack.process([record(f'{{"ballots": [{"[" * depth}{"]" * depth}]}}') for depth in depths]) == []
    assert sum(map(len, stack.quarantined().values())) == len(depths)


def test_a_newer_version_is_left_for_a_newer_function(stack: Stack) -> None:
    newer = record('{"v": 2, "rows": []}')
    assert stack.process([newer, record(ingest(stamped()))]) == [newer["messageId"]]
    assert len(counted(stack)) == 1
    assert stack.quarantined() == {}
    (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
    assert (line["message"], line["place"], line["kind"], line["count"]) == ("failed", "read", "NewerVersion", 1)
    assert line["queue"] == "sluice-local-votes-ingest"
    assert line["service"].startswith("votes-")


def test_redelivery_quarantines_under_the_same_keys(stack: Stack) -> None:
    poison = [record("poison"), record(ingest(stamped(votes={}), stamped(votes={"story": 0}), {})), record("poison")]
    stack.process(poison)
    keys = stack.quarantine_keys()
    assert sorted(key.split("/")[1] for key in keys) == [
        "reason=bad-score",
        "reason=empty-votes",
        "reason=missing-field",
        "reason=not-json",
    ]
    for again in (poison, poison[1:], [poison[1]]):
        stack.process(again)
    assert stack.quarantine_keys() == keys


def test_a_flood_of_refused_ballots_takes_few_objects(stack: Stack) -> None:
    stack.setenv(UNLISTED_TITLES="quarantine")
    records = [record(ingest(stamped(title_id=f"made-up-{i}"))) for i in range(300)] + [
        record("poison", sent_at_us=NOW_US + i * 10**6) for i in range(20)
    ]
    assert stack.process(records) == []
    keys = stack.quarantine_keys()
    assert len(keys) == 2
    assert {reason: len(lines) for reason, lines in stack.quarantined().items()} == {
        "unknown-title": 300,
        "not-json": 20,
    }
    stack.process(records)
    assert stack.quarantine_keys() == keys


def test_the_quarantined_settle_as_witnesses(stack: Stack) -> None:
    stack.list_title("closed", closes="1")
    stack.post({"ballots": [stamped(title_id="closed", ballot_id="w1"), stamped(ballot_id="w2")]})
    accepted = {line["ballot_id"] for line in stack.post(stamped(ballot_id="w3")).body["accepted"]}
    assert accepted == {"w3"}
    stack.logged()
    stack.process(stack.take("ingest"))
    (line,) = [line for line in stack.logged() if line.get("witness")]
    assert (line["witness"], line["outcome"]) == ("settled", "quarantined")
    assert len(line["hashes"]) == 1


def test_no_identifier_and_no_body_is_in_the_log(stack: Stack) -> None:
    secret = "who-nobody-may-read"
    stack.setenv(UNLISTED_TITLES="quarantine")
    stack.process(
        [
            record(ingest(stamped(voter_id=secret, title_id="t"), stamped(voter_id=secret, votes={"story": 9}))),
            record(f"{secret} poison"),
            record(json.dumps({"v": 9, "voter_id": secret})),
            {"messageId": "no-attributes", "receiptHandle": "r", "body": secret},
        ]
    )
    lines = stack.logged()
    assert {line.get("kind") for line in lines if line.get("message") == "failed"} == {"NewerVersion", "KeyError"}
    assert secret not in json.dumps(lines)
    assert "ballot-1" not in json.dumps(lines)


near_messages = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(stamped()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["v", "ballots", "received_at", "voter_id", "title_id", "votes", "cast_at", "ballot_id"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(near_messages.map(json.dumps) | st.text(), min_size=1, max_size=4))
def test_any_message_is_settled(stack: Stack, bodies: list[str]) -> None:
    records = [record(body) for body in bodies]
    failed = stack.process(records)
    newer = [one["messageId"] for one in records if _version(one["body"]) > 1]
    assert failed == newer


def _version(body: str) -> int:
    try:
        parsed = json.loads(body)
    except ValueError:
        return 1
    version = parsed.get("v") if isinstance(parsed, dict) else None
    return version if type(version) is int else 1
