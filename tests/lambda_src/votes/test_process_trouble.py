"""process when something fails: exactly the messages concerned come again, and nothing that was
good is lost.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambda_src.fakes import S3, DynamoDB, Sqs, refusal, unreachable
from tests.lambda_src.stack import NOW_US, Context, Json, Stack, ballot, compact, counted, record, stamped
from votes import messages
from votes.rules import Rules
from votes.shards import shard_of

RULES = Rules(["story", "acting", "visuals", "music", "overall"], 1, 5)


def message(*voters: str, **changes: Any) -> Json:
    """A record with a ballot of each voter."""
    ballots = [ballot(voter_id=voter, ballot_id=voter, cast_at=NOW_US, **changes) for voter in voters]
    return record(json.dumps({"v": 1, "received_at": NOW_US, "ballots": ballots}))


def poison(number: int = 0) -> Json:
    """A record nobody can read."""
    return record(f"poison {number}")


def voters_of(shard: int, count: int = 3) -> list[str]:
    """Voters who belong to a shard of four."""
    return [name for name in (f"v{i}" for i in range(100)) if shard_of(name, 4) == shard][:count]


def in_shard(entry: Json, shard: int) -> bool:
    return bool(entry["MessageGroupId"] == str(shard))


def taken(sqs: Sqs) -> set[str]:
    """The voters whose ballots the count queue took."""
    return {one.voter_id for entry in sqs.taken for one in messages.decode_count(entry["MessageBody"], RULES).ballots}


def handles(records: list[Json]) -> set[str]:
    return {one["receiptHandle"] for one in records}


def test_a_count_message_that_is_refused_fails_all_its_sources(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if in_shard(entry, 2) else None)
    stack.replace_client("sqs", sqs)
    (a, b, c), (d, e, f) = voters_of(2), voters_of(1)
    records = [message(a), message(d), message(e, b), message(f), message(c, c)]
    assert stack.process(records) == [records[0]["messageId"], records[2]["messageId"], records[4]["messageId"]]
    assert taken(sqs) == {d, e, f}
    assert sqs.pauses.keys() == handles([records[0], records[2], records[4]])
    assert len(sqs.requests) == 3
    lines = [line for line in stack.logged() if line.get("level") == "ERROR"]
    assert [(line["place"], line["kind"], line["queue"]) for line in lines] == [
        ("send", "InternalError", "sluice-local-votes-count.fifo"),
        ("send", "NotSent", "sluice-local-votes-ingest"),
    ]
    assert lines[1]["message_ids"] == [records[0]["messageId"], records[2]["messageId"], records[4]["messageId"]]


@pytest.mark.parametrize("refused", range(3))
def test_a_part_that_is_refused_fails_the_messages_whose_ballots_are_in_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """The ballots of a shard, one of each message, are cut into parts of two."""
    most = messages._most_in_a_message(RULES.aspects, 1000)
    monkeypatch.setattr(messages, "MESSAGE_BYTES", 1000)
    voters = voters_of(2, 3 * most)
    lost = set(voters[refused * most : (refused + 1) * most])
    stack.replace_client("sqs", Sqs(lambda _, entry: "InternalError" if lost & set(body_voters(entry)) else None))
    records = [message(voter) for voter in voters]
    failed = stack.process(records)
    assert failed == [one["messageId"] for one, voter in zip(records, voters, strict=True) if voter in lost]
    assert len(failed) == most == 2


def body_voters(entry: Json) -> list[str]:
    return [one.voter_id for one in messages.decode_count(entry["MessageBody"], RULES).ballots]


def test_a_refusal_that_passes_fails_nothing(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if number == 0 and in_shard(entry, 2) else None)
    stack.replace_client("sqs", sqs)
    everyone = [name for shard in range(4) for name in voters_of(shard)]
    assert stack.process([message(name) for name in everyone]) == []
    assert taken(sqs) == set(everyone)
    assert sqs.pauses == {}


@pytest.mark.parametrize("error", [refusal("SendMessageBatch"), unreachable()])
def test_when_the_count_queue_takes_nothing_everything_with_ballots_comes_again(stack: Stack, error: Exception) -> None:
    def refuse(number: int, entry: Json) -> str:
        raise error

    stack.replace_client("sqs", Sqs(refuse))
    records = [message("a"), poison(), message("b")]
    assert stack.process(records) == [records[0]["messageId"], records[2]["messageId"]]
    assert stack.quarantined().keys() == {"not-json"}


def test_a_message_that_comes_again_is_quarantined_only_then(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if number < 3 else None)
    stack.replace_client("sqs", sqs)
    ballots = [ballot(voter_id="a"), ballot(voter_id="b", votes={})]
    mixed = record(json.dumps({"v": 1, "received_at": NOW_US, "ballots": ballots}))
    assert stack.process([mixed]) == [mixed["messageId"]]
    assert stack.quarantined() == {}
    assert not [line for line in stack.logged() if line.get("witness")]
    assert stack.process([mixed]) == []
    assert stack.quarantined().keys() == {"empty-votes"}
    assert taken(sqs) == {"a"}


@pytest.mark.parametrize(
    "error", [refusal("PutObject", "SlowDown"), refusal("PutObject", "AccessDenied"), unreachable()]
)
def test_what_quarantine_does_not_take_fails_its_message(stack: Stack, error: Exception) -> None:
    sqs, s3 = Sqs(), S3({1}, error)
    stack.replace_client("sqs", sqs)
    stack.replace_client("s3", s3)
    records = [poison(0), poison(1), message("a"), poison(2)]
    assert stack.process(records) == [records[1]["messageId"]]
    assert taken(sqs) == {"a"}
    assert len(s3.puts) == 3
    assert sqs.pauses.keys() == handles([records[1]])
    (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
    assert (line["place"], line["count"], line["message_ids"]) == ("quarantine", 1, [records[1]["messageId"]])


def test_a_throttled_catalogue_fails_the_messages_whose_titles_it_hides(stack: Stack) -> None:
    sqs, throttled = Sqs(), refusal("BatchGetItem", "ProvisionedThroughputExceededException")
    stack.replace_client("sqs", sqs)
    stack.replace_client("dynamodb", DynamoDB({"Responses": {}}, throttled))
    assert stack.process([message("a", title_id="known")]) == []
    records = [message("b", title_id="known"), message("c", title_id="hidden")]
    assert stack.process(records) == [records[1]["messageId"]]
    assert taken(sqs) == {"a", "b"}
    (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
    assert (line["place"], line["kind"], line["count"]) == ("catalogue", "Throttled", 1)
    assert line["message_ids"] == [records[1]["messageId"]]


class TestEarlyStop:
    """A timeout in mid-batch returns nothing, so process stops before it and returns the rest."""

    def test_in_the_middle_of_reading(self, stack: Stack) -> None:
        sqs = Sqs()
        stack.replace_client("sqs", sqs)
        records = [message(f"v{i}") for i in range(200)]
        context = Context(30_000, 30_000, 30_000, 4_499)
        failed = stack.process(records, context)
        # no time is left to send what was read either
        assert failed == [one["messageId"] for one in records]
        assert sqs.requests == []

    def test_before_sending_the_rest(self, stack: Stack) -> None:
        stack.setenv(SHARDS="32")
        sqs = Sqs()
        stack.replace_client("sqs", sqs)
        records = [message(f"v{i}") for i in range(60)]
        context = Context(30_000, 30_000, 30_000, 4_499)
        failed = stack.process(records, context)
        assert len(sqs.taken) == 10
        assert failed == [one["messageId"] for i, one in enumerate(records) if f"v{i}" not in taken(sqs)]
        assert 0 < len(failed) < 60
        # what was left comes back soon, not after six timeouts
        assert len(sqs.pauses) == len(failed)
        assert {line["kind"] for line in stack.logged() if line.get("level") == "ERROR"} == {"OutOfTime"}

    def test_before_the_rest_of_the_quarantine(self, stack: Stack) -> None:
        records = [poison(i) for i in range(4)]
        assert stack.process(records, Context(30_000, 30_000, 30_000, 4_499)) == [
            one["messageId"] for one in records[1:]
        ]
        assert len(stack.quarantined()["not-json"]) == 1

    def test_not_while_there_is_time(self, stack: Stack) -> None:
        assert stack.process([message("a")], Context(30_000, 4_500)) == []
        assert stack.process([message("a")], Context(10_000, 2_000)) == []


def test_pauses_grow_with_the_receives(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError")
    stack.replace_client("sqs", sqs)
    records = [
        message("a") | {"attributes": {"SentTimestamp": "1", "ApproximateReceiveCount": str(n)}}
        for n in (1, 2, 3, 4, 5, 6, 9, 99_999)
    ]
    for one in records:
        one["body"] = json.dumps({"received_at": 0, "ballots": [ballot()]})
    assert len(stack.process(records)) == 8
    pauses = [sqs.pauses[one["receiptHandle"]] for one in records]
    longest = [2, 4, 8, 16, 32, 60, 60, 60]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_pauses_that_cannot_be_set_are_only_noted(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError")
    sqs.visibility = lambda entry: {"Failed": [{"Id": "0", "Code": "MessageNotInflight"}]}
    stack.replace_client("sqs", sqs)
    records = [message("a") for _ in range(25)]
    assert len(stack.process(records)) == 25
    assert sqs.visibility_requests == 3
    (line,) = [line for line in stack.logged() if line.get("level") == "WARNING"]
    assert (line["message"], line["kind"], line["count"]) == ("back-off not set", "MessageNotInflight", 3)

    def throttled(entry: Json) -> Json:
        raise refusal("ChangeMessageVisibilityBatch")

    sqs.visibility = throttled
    assert len(stack.process(records)) == 25
    assert sqs.visibility_requests == 4


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(["good", "poison", "mixed", "newer"]), min_size=1, max_size=30),
    refused=st.sets(st.integers(0, 3)),
    unput=st.sets(st.integers(0, 20)),
)
def test_every_message_is_settled_or_fails(stack: Stack, kinds: list[str], refused: set[int], unput: set[int]) -> None:
    sqs, s3 = Sqs(lambda number, entry: "InternalError" if int(entry["MessageGroupId"]) in refused else None), S3(unput)
    stack.replace_client("sqs", sqs)
    stack.replace_client("s3", s3)
    bad = ballot(voter_id="bad", votes={})
    made: dict[str, Callable[[int], Json]] = {
        "good": lambda i: message(f"v{i}", f"w{i}"),
        "poison": poison,
        "mixed": lambda i: record(
            json.dumps({"v": 1, "ballots": [ballot(voter_id=f"v{i}"), {**bad, "title_id": f"t{i}"}]})
        ),
        "newer": lambda i: record('{"v": 2}'),
    }
    records = [made[kind](i) for i, kind in enumerate(kinds)]
    failed = stack.process(records)
    assert len(set(failed)) == len(failed)
    assert set(failed) <= {one["messageId"] for one in records}
    puts = "".join(put["Body"].decode() for number, put in enumerate(s3.puts) if number not in unput)
    for i, (kind, one) in enumerate(zip(kinds, records, strict=True)):
        counted = {"good": {f"v{i}", f"w{i}"}, "mixed": {f"v{i}"}}.get(kind, set()) <= taken(sqs)
        kept = {"poison": f"poison {i}" + '"', "mixed": f'"t{i}"'}.get(kind, "") in puts
        assert (one["messageId"] in failed) == (not (counted and kept) or kind == "newer"), kind


def test_a_stamp_over_an_hour_ahead_of_the_queue_is_quarantined(stack: Stack) -> None:
    """Of a sender by hand, whose clock may be an hour ahead and its ballots a minute more."""
    hour, minute = 3_600_000_000, 60_000_000
    received_at = NOW_US + hour - minute // 2
    for more in ({}, {"extra": 1}):  # as receive sends it, and not
        ballots = [
            stamped(ballot_id=f"{name}{len(more)}") | {"cast_at": NOW_US + hour + late} | ({} if good else more)
            for name, late, good in (("in-time", 0, True), ("ahead", 1, True), ("odd", 0, False))
        ]
        body = compact({"v": 1, "received_at": received_at, "ballots": ballots})
        assert stack.process([record(body)]) == []
    assert sorted(one.ballot_id for one in counted(stack)) == ["in-time0", "in-time1", "odd0"]
    assert sorted(line["ballot"]["ballot_id"] for line in stack.quarantined()["too-late"]) == ["ahead0", "ahead1"]
