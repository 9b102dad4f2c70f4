"""What stands of one's own vote, as a voter sees it."""

from typing import Any

import pytest

from shared.bearer import id_of
from tests.lambda_src.fakes import DynamoDB, refusal, unreachable
from tests.lambda_src.stack import NOW_US, Answer, Stack
from votes import rows
from votes.shards import shard_of

ALICE, BOB = "alice", "bob"
ISSUER = "https://login.example.com"


def put_vote(stack: Stack, voter_id: str, n: int = 3, title_id: str = "the-wire", version: int = 1) -> None:
    """A standing vote that entry `n` put: story 5, music withdrawn."""
    said = {
        aspect: {"M": {"score": score, "cast_at": {"N": str(NOW_US)}, "ballot_id": {"S": f"ballot-of-{voter_id}"}}}
        for aspect, score in (("story", {"N": "5"}), ("music", {"NULL": True}))
    }
    key = {"voter_id": {"S": voter_id}, "title_id": {"S": title_id}}
    row: dict[str, Any] = {**key, "n": {"N": str(n)}, "v": {"N": str(version)}, "standing": {"M": said}}
    stack.dynamodb.put_item(TableName=stack.tables["votes"], Item=row)


def put_fold(stack: Stack, voter_id: str, upto: int) -> None:
    """The fold row, past so many entries of the voter's shard."""
    numbers = {name: {"N": str(value)} for name, value in {"epoch": 1, "as_of": NOW_US, "shards": 4, "v": 1}.items()}
    bounds = {"M": {str(shard_of(voter_id, 4)): {"N": str(upto)}}}
    stack.dynamodb.put_item(
        TableName=stack.tables["tallies"], Item={"title_id": {"S": "#fold"}, "upto": bounds, **numbers}
    )


def by_token(stack: Stack, subject: str | None, headers: dict[str, str] | None = None) -> Answer:
    """Ask where the API wants a token: the gateway hands on its claims."""
    claims = {"iss": ISSUER, "sub": subject} if subject else {}
    context = {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": claims}}}
    return stack.vote("the-wire", headers or {}, requestContext=context)


def test_a_voter_reads_back_what_stands(stack: Stack) -> None:
    put_vote(stack, ALICE)
    answer = stack.vote("the-wire", {"voter-id": ALICE})
    said = {"ballot_id": "ballot-of-alice", "cast_at": "2026-11-21T08:00:00.000000Z"}
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == {
        "title_id": "the-wire",
        "voter_id": ALICE,
        "votes": {"music": {"score": None, **said}, "story": {"score": 5, **said}},
        "in_results": False,
    }


@pytest.mark.parametrize(("upto", "shown"), [(2, False), (3, True), (4, True)])
def test_it_says_whether_results_hold_the_vote(stack: Stack, upto: int, shown: bool) -> None:
    put_vote(stack, ALICE, n=3)
    put_fold(stack, ALICE, upto)
    assert stack.vote("the-wire", {"voter-id": ALICE}).body["in_results"] is shown


def test_who_has_not_voted_has_nothing_and_learns_of_nobody_else(stack: Stack) -> None:
    put_vote(stack, ALICE)
    put_fold(stack, ALICE, 9)
    answer = stack.vote("the-wire", {"voter-id": BOB})
    assert answer.body == {"title_id": "the-wire", "voter_id": BOB, "votes": {}, "in_results": False}
    assert stack.vote("another", {"voter-id": ALICE}).body["votes"] == {}


def test_where_there_is_an_authoriser_the_voter_is_the_tokens_whatever_the_request_says(stack: Stack) -> None:
    stack.setenv(VOTER_FROM="token")
    voter = id_of(ISSUER, ALICE)
    put_vote(stack, voter)
    put_vote(stack, BOB)
    mine = by_token(stack, ALICE, {"voter-id": BOB, "Voter-Id": BOB})
    assert (mine.body["voter_id"], mine.body["votes"]["story"]["ballot_id"]) == (voter, f"ballot-of-{voter}")
    assert by_token(stack, "carol", {"voter-id": BOB}).body["votes"] == {}


def test_without_a_token_where_there_should_be_one_nothing_is_read(stack: Stack) -> None:
    stack.setenv(VOTER_FROM="token")
    put_vote(stack, BOB)
    stack.replace_client("dynamodb", None)  # it is not asked
    for answer in (by_token(stack, None, {"voter-id": BOB}), stack.vote("the-wire", {"voter-id": BOB})):
        assert (answer.status, answer.body["code"]) == (401, "no-token")


def test_claims_say_nothing_where_there_is_no_authoriser(stack: Stack) -> None:
    put_vote(stack, id_of(ISSUER, ALICE))
    assert by_token(stack, ALICE, {"voter-id": BOB}).body["votes"] == {}


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, "no-voter"), *(({"voter-id": bad}, "bad-identifier") for bad in ("", "a b", "a,b", "#fold", "é", "v" * 65))],
)
def test_a_voter_that_can_be_none_is_400(stack: Stack, headers: dict[str, str], code: str) -> None:
    answer = stack.vote("the-wire", headers)
    assert (answer.status, answer.body["code"]) == (400, code)


@pytest.mark.parametrize("title_id", ["#fold", "", "t" * 65, "a b", "\0", "\ud800", None])
def test_a_title_that_can_be_none_is_400(stack: Stack, title_id: str | None) -> None:
    answer = stack.vote(title_id, {"voter-id": ALICE})
    assert (answer.status, answer.body["code"]) == (400, "bad-identifier")


def test_other_methods_and_paths_are_refused(stack: Stack) -> None:
    assert stack.vote("t", {"voter-id": ALICE}, requestContext={"http": {"method": "POST"}}).status == 405
    assert stack.vote("t", {"voter-id": ALICE}, rawPath="/v1/titles/t").status == 404


@pytest.mark.parametrize("error", [refusal("GetItem", "ProvisionedThroughputExceededException"), unreachable()])
def test_a_table_that_does_not_answer_is_503(stack: Stack, error: Exception) -> None:
    stack.replace_client("dynamodb", DynamoDB(error))
    answer = stack.vote("t", {"voter-id": ALICE})
    assert (answer.status, answer.body["code"]) == (503, "table-unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_a_row_of_a_later_release_is_not_guessed_at(stack: Stack) -> None:
    put_vote(stack, ALICE, version=rows.VERSION + 1)
    assert stack.vote("the-wire", {"voter-id": ALICE}).status == 503


def test_an_answer_costs_two_read_units(stack: Stack) -> None:
    put_vote(stack, ALICE)
    put_fold(stack, ALICE, 9)
    asked: list[tuple[str, bool]] = []
    stack.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.*",
        lambda params, model, **_: asked.append((model.name, params["ConsistentRead"])),
    )
    stack.vote("the-wire", {"voter-id": ALICE})
    assert asked == [("GetItem", True)] * 2
