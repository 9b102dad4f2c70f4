"""What the APIs of three environments answer, right and wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tools.operations.api import Answer
from tools.operations.deployment import Deployment
from tools.rehearsal.votes import ballots
from tools.rehearsal.votes.ballots import Votes

SETTINGS = {
    "aspects": ["story", "music"],
    "scale": {"lowest": 1, "highest": 5},
    "latency_seconds": 0,
    "slot_seconds": 0,
}


def _votes(name: str = "staging", number: int = 2) -> Votes:
    return Votes(Deployment(name, {"settings": SETTINGS, "tables": {"catalogue": "titles"}}, None, {}), number)


def _answer(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, body, json.dumps(body))


def _results(voters: int, score: int, aspect: str = "story", more: int = 0) -> Answer:
    histogram = {str(at): voters * (at == score) for at in range(1, 6)}
    other = {"votes": more, "mean": None, "histogram": {str(at): more * (at == 1) for at in range(1, 6)}}
    aspects = {"story": other, "music": other} | {aspect: {"votes": voters, "mean": score, "histogram": histogram}}
    return _answer(200, {"title_id": "t", "voters": voters, "aspects": aspects, "as_of": None})


@pytest.fixture
def tokens() -> list[str]:
    """What tokens the API was sent, "" for none."""
    return []


@pytest.fixture
def answered(
    monkeypatch: pytest.MonkeyPatch, tokens: list[str]
) -> Callable[[Callable[[str, str], Answer]], list[tuple[str, str, Any]]]:
    """Has an API answer by method and path, and returns what it was asked."""

    def by(answer: Callable[[str, str], Answer]) -> list[tuple[str, str, Any]]:
        asked: list[tuple[str, str, Any]] = []

        def ask(_deployment: Deployment, method: str, path: str, body: object = None, *, token: str = "") -> Answer:
            asked.append((method, path, body))
            tokens.append(token)
            return answer(method, path)

        monkeypatch.setattr("tools.rehearsal.votes.ballots.ask", ask)
        monkeypatch.setattr("tools.rehearsal.votes.ballots.within", lambda _: 0.0)
        return asked

    return by


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles that are put into the catalogue."""
    titles: list[str] = []
    put = "tools.rehearsal.votes.ballots.catalogue.put"
    monkeypatch.setattr(put, lambda _client, _table, rows: titles.extend(row.title_id for row in rows))
    monkeypatch.setattr(Deployment, "client", lambda *_: None)
    return titles


def _taken(rejected: str = "bad-score") -> Answer:
    accepted = [{"index": 0}]
    return _answer(202, {"accepted": accepted, "rejected": [{"index": 1, "code": rejected, "message": "1 to 5"}]})


def test_good_ballots_are_sent_twice_and_a_bad_one_alone(answered: Any, listed: list[str]) -> None:
    alone = _answer(400, {"code": "no-ballots", "details": {"rejected": [{"index": 0, "code": "bad-score"}]}})
    answers = iter([*[_taken()] * 6, alone])
    asked = answered(lambda *_: next(answers))
    assert ballots.post(_votes()) == []
    (*sent, last) = [body for _, _, body in asked]
    assert sent[:3] == sent[3:], "the same again"
    assert [body["ballots"][0]["voter_id"] for body in sent[:3]] == ["voter-0", "voter-1", "voter"]
    assert {len(body["ballots"]) for body in sent} == {2}, "no more than prod takes of a voter"
    assert {body["ballots"][0]["title_id"] for body in sent} == set(listed)
    assert last["ballots"][0]["votes"] == {"story": 99}


@pytest.mark.usefixtures("listed")
def test_each_voter_has_a_token_of_their_own_where_one_is_asked_for(answered: Any, tokens: list[str]) -> None:
    votes = replace(_votes(), sign=lambda subject: f"token of {subject}")
    answered(lambda *_: _taken())
    ballots.post(votes)
    assert tokens[:3] == ["token of voter-0", "token of voter-1", "token of voter"]
    answered(lambda *_: _answer(401, {"message": "Unauthorized"}))
    assert ballots.without_a_token(votes) == []
    assert tokens[-1] == ""
    answered(lambda *_: _taken())
    assert "must refuse who has no token" in ballots.without_a_token(votes)[0]


@pytest.mark.parametrize(
    "wrong",
    [
        _answer(202, {"accepted": [], "rejected": []}),
        _taken(rejected="empty-votes"),
        _answer(500, {}),
        Answer(502, None, "Bad Gateway"),
    ],
)
@pytest.mark.usefixtures("listed")
def test_any_other_answer_is_a_problem(answered: Any, wrong: Answer) -> None:
    answered(lambda *_: wrong)
    problems = ballots.post(_votes())
    assert len(problems) == 7
    assert all(str(wrong) in problem for problem in problems)


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        (_results(2, 3), True),
        (_results(1, 3), False),
        (_results(3, 3), False),
        (_results(2, 4), False),
        (_results(2, 3, aspect="music"), False),
        (_results(2, 3, more=1), False),
        (_answer(404, {"code": "unknown-title"}), False),
    ],
)
def test_results_are_what_was_sent_no_more_and_no_less(answer: Answer, counted: bool) -> None:
    assert ballots.is_counted(answer, "story", 3, 2) is counted


def test_votes_that_are_not_counted_in_time_are_a_problem(answered: Any) -> None:
    answered(lambda _, path: _results(1, 3) if path.endswith("rehearsal-staging/results") else _results(3, 3))
    (problem,) = ballots.read_back(_votes())
    assert problem.startswith("staging: results of rehearsal must be 2 votes of 3")


def test_what_both_titles_count_is_added_up(answered: Any) -> None:
    answered(lambda _, path: _results(1, 3) if path.endswith("rehearsal-staging/results") else _results(2, 3))
    assert ballots.counted(_votes()) == 3
    answered(lambda *_: Answer(502, None, "Bad Gateway"))
    assert ballots.counted(_votes()) == 0


def test_a_vote_of_another_environment_that_shows_is_a_problem(answered: Any) -> None:
    other = _votes("dev", 1)
    answered(lambda *_: _answer(404, {"code": "unknown-title"}))
    assert ballots.knows_no_titles_of(_votes(), [other]) == []
    answered(lambda *_: _results(1, 2))
    (problem,) = ballots.knows_no_titles_of(_votes(), [other])
    assert "staging must not know rehearsal-dev" in problem
