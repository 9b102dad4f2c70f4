"""probe: its last ballot is looked for in the tables, where everybody's is, and the next goes the
way of everybody's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import clock
from shared.bearer import id_of
from tests.lambda_src.stack import NOW_US, Context, Json, Stack, ballot, counted, metrics, request
from votes import probe, receive, reserved
from votes.probe import NotTaken
from votes.shards import shard_of

SHARD = shard_of("probe", 4)
VOTE = {"voter_id": {"S": "probe"}, "title_id": {"S": "probe"}}
TITLE = {"title_id": {"S": "probe"}}
FOLD = {"title_id": {"S": "#fold"}}
CLAIMED = {"http": {"method": "POST"}, "authorizer": {"jwt": {"claims": reserved.CLAIMS}}}


def n(value: int) -> Json:
    return {"N": str(value)}


class Lambda:
    """Invokes receive's handler, as the service would; or answers something else."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.answer: Json | None = None

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Json:
        """Call it."""
        self.called.append(FunctionName)
        if self.answer is not None:
            return {"Payload": io.BytesIO(b"{}")} | self.answer
        return {
            "StatusCode": 200,
            "Payload": io.BytesIO(json.dumps(receive.handler(json.loads(Payload), Context())).encode()),
        }


class Rig:
    """The deployed probe, with tables to write in."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.lambda_ = stack, Lambda()
        stack.replace_client("lambda", self.lambda_)
        stack.dynamodb.delete_item(TableName=stack.tables["votes"], Key=VOTE)
        probe._worker.cache_clear()

    def stands(self, score: int, entry: int = 7, cast_at: int = NOW_US - 60_000_000) -> None:
        """Entry `entry` has put the probe's vote."""
        held = {"M": {"score": n(score), "cast_at": n(cast_at), "ballot_id": {"S": "b"}}}
        row = VOTE | {"n": n(entry), "v": n(1), "standing": {"M": {"story": held}}}
        self.stack.dynamodb.put_item(TableName=self.stack.tables["votes"], Item=row)

    def folded(self, upto: int = 7, **counters: int) -> None:
        """The fold is closed up to there, and the title's row holds these counters."""
        bounds = {"M": {str(SHARD): n(upto), str((SHARD + 1) % 4): n(1000)}}
        fold = FOLD | {"epoch": n(3), "upto": bounds, "as_of": n(1), "shards": n(4), "v": n(1)}
        for item in (
            fold,
            TITLE | {"epoch": n(3), "v": n(1)} | {name.replace("_", "#"): n(count) for name, count in counters.items()},
        ):
            self.stack.dynamodb.put_item(TableName=self.stack.tables["tallies"], Item=item)

    def call(self) -> tuple[Json, Json, list[Json]]:
        """What the probe answers, its metrics, and the error lines."""
        answer = probe.handler({}, Context())
        lines = self.stack.logged()
        return answer, metrics(lines), [line for line in lines if line.get("level") == "ERROR"]

    def cast(self) -> list[Json]:
        """The ballots on the ingest queue."""
        return [one for record in self.stack.take("ingest") for one in json.loads(record["body"])["ballots"]]


@pytest.fixture
def rig(stack: Stack) -> Rig:
    return Rig(stack)


def test_the_first_ballot_is_cast_and_no_age_is_made_up(rig: Rig) -> None:
    answer, said, errors = rig.call()
    assert answer == {"age_seconds": None, "counted": None, "wrong": None, "cast": True}
    assert (said, errors) == ({}, []), "missing data is what the alarm is for"
    (one,) = rig.cast()
    assert (one["voter_id"], one["title_id"], one["votes"], one["cast_at"]) == ("probe", "probe", {"story": 5}, NOW_US)
    (alias,) = rig.lambda_.called
    assert alias.endswith(":function:sluice-local-votes-receive:live")


@pytest.mark.parametrize(("stands", "next_one"), [(5, 1), (1, 5)])
def test_counted_then_the_next_changes_something(rig: Rig, stands: int, next_one: int) -> None:
    rig.stands(stands)
    rig.folded(voters=1, **{f"story_{stands}": 1, f"story_{next_one}": 0})
    answer, said, errors = rig.call()
    assert said == {"ProbeAgeSeconds": 60.0, "ProbeWrong": 0}
    assert (answer["counted"], answer["wrong"], errors) == (True, False, [])
    assert [one["votes"] for one in rig.cast()] == [{"story": next_one}]


@pytest.mark.parametrize(
    "fold", [lambda rig: rig.folded(upto=6, voters=1, story_5=1), lambda rig: None], ids=["behind", "never"]
)
def test_what_is_not_folded_is_not_counted_and_the_next_waits(
    rig: Rig, fold: Callable[[Rig], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.stands(5)
    fold(rig)
    for minutes in (1, 2, 30):
        monkeypatch.setattr(clock, "now_us", lambda: NOW_US + (minutes - 1) * 60_000_000)  # noqa: B023
        answer, said, _ = rig.call()
        assert said == {"ProbeAgeSeconds": 60.0 * minutes}
        assert (answer["counted"], answer["cast"]) == (False, False)
    assert rig.cast() == []


def test_a_ballot_that_never_arrives_lets_the_age_grow(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.stands(5)
    rig.folded(voters=1, story_5=1)
    rig.call()
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US + 600_000_000)
    answer, said, _ = rig.call()
    assert said["ProbeAgeSeconds"] == 660
    assert answer["cast"]
    assert len(rig.cast()) == 2


@pytest.mark.parametrize(
    "counters", [{"voters": 2, "story_5": 2}, {"voters": 1, "story_5": 1, "story_1": 1}, {"voters": 1}, {}]
)
def test_a_tally_that_is_not_the_standing_vote_is_wrong(rig: Rig, counters: dict[str, int]) -> None:
    rig.stands(5)
    rig.folded(**counters)
    answer, said, (error,) = rig.call()
    assert (said["ProbeWrong"], answer["wrong"], error["message"]) == (1, True, "probe counted wrongly")
    assert error["standing"] == {"voters": 1, "story#5": 1}


def test_another_ballot_that_comes_meanwhile_is_no_difference(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.stands(5)
    rig.folded(upto=8, voters=1, story_1=1)
    asked: list[str] = []
    get_item = rig.stack.dynamodb.get_item

    def noted(**asking: Any) -> Json:
        table = asking["TableName"].rsplit("-", 1)[-1]
        asked.extend({table} - {"keys"})  # receive's
        assert asking["ConsistentRead"] is True
        if asking["Key"] == TITLE:
            rig.stands(1, entry=8, cast_at=NOW_US)
        found: Json = get_item(**asking)
        return found

    monkeypatch.setattr(rig.stack.dynamodb, "get_item", noted)
    answer, said, errors = rig.call()
    assert asked == ["votes", "tallies", "tallies", "votes"], (
        "the vote first and last: what the tally holds in between is that vote"
    )
    assert (said, answer["wrong"], errors) == ({"ProbeAgeSeconds": 60.0}, None, [])


@pytest.mark.parametrize(
    "answer",
    [
        {"Payload": io.BytesIO(b'{"statusCode": 503}')},
        {"Payload": io.BytesIO(b'{"errorMessage": "x"}'), "FunctionError": "Unhandled"},
        {"Payload": io.BytesIO(b'{"statusCode": 202}'), "FunctionError": "Unhandled"},
    ],
)
def test_a_ballot_that_receive_does_not_take_is_an_error(rig: Rig, answer: Json) -> None:
    rig.stands(5)
    rig.folded(voters=1, story_5=1)
    rig.lambda_.answer = answer
    with pytest.raises(NotTaken):
        probe.handler({}, Context())
    lines = rig.stack.logged()
    assert metrics(lines)["ProbeAgeSeconds"] == 60, "the age is told before"
    assert [line["kind"] for line in lines if line.get("level") == "ERROR"] == ["NotTaken"]


def test_where_a_token_names_the_voter_the_probe_is_one_too(rig: Rig) -> None:
    rig.stack.setenv(VOTER_FROM="token")
    rig.call()
    (one,) = rig.cast()
    assert one["voter_id"] == id_of("urn:sluice:probe", "probe")
    assert probe._worker().voter == one["voter_id"]


@pytest.mark.parametrize("voter_from", ["body", "token"])
def test_nobody_else_votes_on_the_title(rig: Rig, voter_from: str) -> None:
    rig.stack.setenv(VOTER_FROM=voter_from)
    context = {"http": {"method": "POST"}} | (
        {"authorizer": {"jwt": {"claims": {"iss": "i", "sub": "s"}}}} if voter_from == "token" else {}
    )
    answer = rig.stack.post({"ballots": [ballot(title_id="probe"), ballot()]}, requestContext=context)
    assert [(one["index"], one["code"]) for one in answer.body["rejected"]] == [(0, "unknown-title")]
    assert [one["index"] for one in answer.body["accepted"]] == [1]
    assert receive.handler(request(ballot(title_id="probe"), requestContext=CLAIMED), Context())["statusCode"] == 202


def test_its_title_is_counted_where_only_listed_ones_are(rig: Rig) -> None:
    rig.stack.setenv(UNLISTED_TITLES="quarantine")
    rig.call()
    rig.stack.post(ballot(title_id="nobody-lists-this"))
    rig.stack.process(rig.stack.take("ingest"))
    assert [one.title_id for one in counted(rig.stack)] == ["probe"]
    assert list(rig.stack.quarantined()) == ["unknown-title"]
