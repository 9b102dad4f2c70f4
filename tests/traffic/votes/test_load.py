"""The load is repeatable, holds all that clients do wrong, and expects of bad input what the rules
say of it.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import strict_json
from tools.traffic.votes import load
from tools.traffic.votes.bad_input import BAD_BALLOTS, BAD_REQUESTS
from tools.traffic.votes.direct_count import microseconds
from votes.ballot import Ballot, Refusal
from votes.rules import Rules

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
RULES = Rules(load.ASPECTS, 1, 5)


def _good(request: Any) -> Any:
    return [ballot for index, ballot in enumerate(request.ballots) if index not in request.refused]


@pytest.fixture(scope="module")
def built() -> Any:
    return load.build(1, 3600, NOW)


def test_a_seed_gives_the_same_load_again(built: Any) -> None:
    again, other = load.build(1, 3600, NOW), load.build(2, 3600, NOW)
    assert [request.body for request in again.requests] == [request.body for request in built.requests]
    assert [request.body for request in other.requests] != [request.body for request in built.requests]


def test_all_ballots_may_be_stamped() -> None:
    requests = load.build(1, 300, NOW, stamped=1).requests
    assert all("ballot_id" in ballot for request in requests if request.status == 202 for ballot in _good(request))


def test_it_holds_all_that_clients_do(built: Any) -> None:
    ballots = [ballot for request in built.requests if request.status == 202 for ballot in _good(request)]
    pairs = [(ballot["voter_id"], ballot["title_id"]) for ballot in ballots]
    stamped = [ballot["ballot_id"] for ballot in ballots if "ballot_id" in ballot]
    assert built.ballots >= 3600
    assert len(ballots) - len(set(pairs)) > 200, "changed minds"
    assert len(stamped) - len(set(stamped)) > 50, "exact duplicates"
    assert len(built.late) >= 36, "late retries"
    assert sum(None in ballot["votes"].values() for ballot in ballots) > 100, "withdrawn scores"
    assert {title for _, title in pairs} > set(built.windows), "titles with a window"
    sizes = {len(request.ballots) for request in built.requests}
    assert {1, 500} <= sizes
    assert len({request.name for request in BAD_REQUESTS}) > 20


def test_famous_films_get_more_ballots(built: Any) -> None:
    titles = [ballot["title_id"] for request in built.requests if request.status == 202 for ballot in _good(request)]
    first, last = ({film.title_id for film in part} for part in (built.films[:100], built.films[-100:]))
    assert sum(title in first for title in titles) > 5 * sum(title in last for title in titles) > 0


def test_good_ballots_are_good_by_the_rules(built: Any) -> None:
    for request in (*built.requests, *built.late):
        if request.status == 202:
            body = strict_json.loads(request.body.decode())
            sent = body.get("ballots", [body])
            read = {index: RULES.read(raw, now_us=microseconds(NOW.isoformat())) for index, raw in enumerate(sent)}
            assert {
                index: str(found.code) for index, found in read.items() if isinstance(found, Refusal)
            } == request.refused
            assert len(sent) == len(request.ballots)


@pytest.mark.parametrize(("bad", "code"), BAD_BALLOTS)
def test_bad_ballots_are_refused_with_the_expected_code(bad: Any, code: Any) -> None:
    read = RULES.read(strict_json.loads(json.dumps(bad)), now_us=microseconds(NOW.isoformat()))
    assert isinstance(read, Refusal)
    assert read.code == code


def test_messages_put_by_hand_are_what_they_are_said_to_be(built: Any) -> None:
    good = [json.loads(body) for body in built.by_hand[:3]]
    assert all(
        isinstance(RULES.read(ballot, now_us=microseconds(NOW.isoformat()), queued=True), Ballot) for ballot in good
    )
    assert len(built.by_hand) == 4 + len(built.by_hand_reasons)
