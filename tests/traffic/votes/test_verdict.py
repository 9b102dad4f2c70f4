"""The verdict notices whatever is not as it must be."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tools.traffic.client import Answer
from tools.traffic.votes import load
from tools.traffic.votes.bad_input import GOOD, Request, ballots_request
from tools.traffic.votes.verdict import Verdict

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PLAN = load.build(1, 20, NOW)
STAMPED = GOOD | {"ballot_id": "b1", "cast_at": "2026-11-21T08:00:00Z"}
TAKEN = {"index": 0, "ballot_id": "b1", "cast_at": "2026-11-21T08:00:00Z"}
SPOILT = GOOD | {"votes": {"story": 6}}
REFUSED = {"index": 0, "code": "bad-score", "message": "no"}


def _verdict(request: Request, answer: Answer) -> Verdict:
    verdict = Verdict()
    verdict.add_answers(PLAN, [request], [answer])
    return verdict


def _taken(ballot: dict[str, Any], **changes: Any) -> Verdict:
    return _verdict(ballots_request([ballot]), Answer(202, {"accepted": [TAKEN | changes], "rejected": []}))


def test_what_is_as_it_must_be_is_no_problem() -> None:
    verdict = _taken(STAMPED)
    verdict.add_answers(PLAN, [ballots_request([STAMPED])], [Answer(202, {"accepted": [TAKEN], "rejected": []})])
    assert (verdict.problems, verdict.sent, verdict.accepted, verdict.repeats, verdict.distinct_counted) == (
        [],
        2,
        2,
        1,
        1,
    )
    refused = _verdict(
        Request(b"", (SPOILT,), {0: "bad-score"}, 400), Answer(400, {"details": {"rejected": [REFUSED]}})
    )
    assert (refused.problems, refused.rejected, refused.refused_requests) == ([], 1, 1)


@pytest.mark.parametrize(
    ("request_", "answer", "text"),
    [
        (ballots_request([GOOD]), Answer(400, {"message": "no"}), "answered 400 instead of 202"),
        (
            ballots_request([GOOD]),
            Answer(202, {"accepted": [], "rejected": [REFUSED]}),
            "rejected {0: 'bad-score'} instead of {}",
        ),
        (
            Request(b"", (SPOILT,), {0: "bad-score"}, 400),
            Answer(202, {"accepted": [TAKEN], "rejected": []}),
            "answered 202 instead of 400",
        ),
        (
            Request(b"", (SPOILT,), {0: "bad-score"}, 400),
            Answer(400, {"details": {"rejected": []}}),
            "rejected {} instead of",
        ),
        (
            ballots_request([STAMPED]),
            Answer(202, {"accepted": [TAKEN | {"cast_at": "2026-11-21T09:00:00Z"}], "rejected": []}),
            "another stamp",
        ),
    ],
)
def test_an_answer_that_is_not_the_expected_one(request_: Request, answer: Answer, text: str) -> None:
    assert text in " ".join(_verdict(request_, answer).problems)


def test_a_title_that_is_counted_wrong_or_not_asked_for() -> None:
    verdict = _taken(STAMPED)
    assert verdict.check_results(["mv0001"], [None]) == 1
    assert _taken(STAMPED).check_results([], []) == 1


def test_what_a_window_shuts_out_is_expected_in_quarantine_once() -> None:
    verdict = _taken(STAMPED | {"title_id": load.CLOSED})
    line = {
        "reason": "title-closed",
        "ballot": {"voter_id": "careful-client", "title_id": load.CLOSED, "ballot_id": "b1"},
    }
    assert verdict.check_quarantine([line, line]) == Counter({"title-closed": 1})
    assert verdict.problems == []
    assert verdict.distinct_counted == 0
    verdict.check_quarantine([])
    verdict.check_quarantine([line, line | {"ballot": {"ballot_id": "other"}}])
    assert len(verdict.problems) == 2
