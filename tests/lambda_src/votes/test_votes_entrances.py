"""Titles and one's own vote, asked for by each of the three entrances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.bearer import id_of
from tests.lambda_src.stack import NOW_US, Answer, Context, Stack, request
from tests.lambda_src.votes.test_results import put_fold, put_tally
from tests.lambda_src.votes.test_vote import ALICE, ISSUER, put_vote
from tests.support.entrances import as_alb, as_url, from_alb, token
from votes import results, vote

Json = dict[str, Any]
AS: Mapping[str, tuple[Callable[[Json], Json], Callable[[Json], Json]]] = {
    "http_api": (lambda event: event, lambda reply: reply),
    "alb": (as_alb, from_alb),
    "function_url": (as_url, lambda reply: reply),
}


def asked(function: Any, entrance: str, event: Json) -> Answer:
    """What the function answers to an HTTP API's event that comes by this entrance."""
    shaped, read = AS[entrance]
    return Answer(read(function.handler(shaped(event), Context())))


def titles(**query: str) -> Json:
    return request(None, method="GET", path="/v1/titles", queryStringParameters=query)


def own(title_id: str, **more: Any) -> Json:
    """Of a path's parameters only an HTTP API's events have any."""
    path = f"/v1/titles/{title_id}/vote"
    return request(None, method="GET", path=path, pathParameters={"title_id": "the-wire"}) | more


@pytest.fixture
def votes(stack: Stack) -> Stack:
    """Two titles that are ranked otherwise by votes than by how good they are, and Alice's vote."""
    put_fold(stack, NOW_US)
    put_tally(stack, "the-wire", voters=50, story_5=50)
    put_tally(stack, "many", voters=90, story_1=90)
    stack.rank()
    put_vote(stack, ALICE)
    return stack


@pytest.mark.parametrize("entrance", AS)
def test_titles_are_listed_as_the_query_says(votes: Stack, entrance: str) -> None:
    votes.setenv(ENTRANCE=entrance)
    best = asked(results, entrance, titles(order="best"))
    assert (best.status, best.headers["cache-control"]) == (200, "max-age=30")
    assert [one["title_id"] for one in best.body["titles"]] == ["the-wire", "many"]
    first = asked(results, entrance, titles(order="most-voted", limit="1"))
    assert [one["title_id"] for one in first.body["titles"]] == ["many"]
    second = asked(results, entrance, titles(order="most-voted", limit="1", cursor=first.body["next"]))
    assert [one["title_id"] for one in second.body["titles"]] == ["the-wire"]
    wrong = asked(results, entrance, titles(order="be st&", limit="1"))
    assert (wrong.status, wrong.body["code"]) == (400, "bad-query")
    assert "be st&" in wrong.body["message"]


@pytest.mark.parametrize("entrance", AS)
def test_an_own_vote_is_read_by_the_voters_header(votes: Stack, entrance: str) -> None:
    votes.setenv(ENTRANCE=entrance)
    answer = asked(vote, entrance, own("the%2Dwire", headers={"voter-id": ALICE}))
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert (answer.body["voter_id"], answer.body["votes"]["story"]["score"]) == (ALICE, 5)
    assert asked(vote, entrance, own("the-wire", headers={"voter-id": "bob"})).body["votes"] == {}


def test_an_own_vote_is_the_tokens_where_a_listener_verifies_it(votes: Stack) -> None:
    votes.setenv(ENTRANCE="alb", VOTER_FROM="token", TOKENS=f'{{"issuer": "{ISSUER}", "audience": ["votes"]}}')
    put_vote(votes, id_of(ISSUER, ALICE))
    bearer = f"Bearer {token({'iss': ISSUER, 'sub': ALICE, 'aud': 'votes'})}"
    answer = asked(vote, "alb", own("the-wire", headers={"authorization": bearer, "voter-id": "bob"}))
    assert (answer.status, answer.body["voter_id"]) == (200, id_of(ISSUER, ALICE))
    assert asked(vote, "alb", own("the-wire", headers={"voter-id": ALICE})).status == 401
