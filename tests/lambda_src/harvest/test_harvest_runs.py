"""A run is looked at and steered by HTTP."""

from __future__ import annotations

import pytest

from harvest.adaptive import Found
from harvest.run_rows import Counts, Level
from tests.lambda_src.harvest.steered import ACCOUNT, NOW_MS, Steered


@pytest.fixture
def steered(monkeypatch: pytest.MonkeyPatch) -> Steered:
    return Steered(monkeypatch)


def test_a_run_says_how_far_it_is(steered: Steered) -> None:
    run_id = steered.begun(rate=25, cap=900)
    turn = steered.paced()
    steered.ledgers.adopt(run_id, turn)
    counts = Counts({"hosts": Level(10, 9, 1, 0), "data": Level(90, 38, 1, 1)}, 55, 2, {"http-503": 3})
    steered.now_ms += 11_000
    steered.ledgers.write_counts(run_id, turn, counts, NOW_MS + 1000, 10.0)
    body = steered.do(run_id).body
    expected = {
        "run_id": run_id,
        "state": "running",
        "reason": None,
        "started": "2026-11-18T11:06:40.000+00:00",
        "ended": None,
        "known": 100,
        "done": 50,
        "share": 0.5,
        "calls": 55,
        "throttled": 2,
        "failed": 1,
        "causes": {"http-503": 3},
        "cap": 900,
        "estimated_end": "2026-11-18T11:06:56.000+00:00",
    }
    assert {name: body[name] for name in expected} == expected
    assert body["levels"]["data"] == {"expected": 90, "ok": 38, "gone": 1, "failed": 1}
    assert body["rate"] == {
        "achieved": 10,
        "average": 5.5,
        "permitted": 25,
        "reachable": 25,
        "bound": 0.9709,
        "cap": 25,
    }
    assert body["pacer"]["turn"] == turn
    assert not body["pacer"]["paced"]


def test_the_bound_is_said_beside_what_is_permitted(steered: Steered) -> None:
    rate = steered.do(steered.begun()).body["rate"]
    assert (rate["permitted"], rate["reachable"], rate["bound"], rate["achieved"]) == (50, 48.54, 0.9709, 0)


def test_an_adaptive_rate_is_what_is_permitted_for_now(steered: Steered) -> None:
    run_id = steered.begun()
    turn = steered.paced()
    granted = steered.accounts.get(ACCOUNT).granted
    granted.found = Found(7.5, 0, 0, 0)
    assert steered.accounts.grant(ACCOUNT, turn, granted, NOW_MS, idle=True)
    assert steered.do(run_id).body["rate"]["permitted"] == 7.5


def test_pause_resume_and_cancel(steered: Steered) -> None:
    run_id = steered.begun()
    steered.paced()
    stops = steered.accounts.get(ACCOUNT).stops
    assert steered.do(run_id, "pause").body["state"] == "paused"
    assert steered.do(run_id, "pause").body["state"] == "paused", "twice is once"
    assert steered.accounts.get(ACCOUNT).stops > stops, "workers hand back"
    steered.now_ms += 60_000
    steered.queue.purge()
    assert steered.do(run_id, "resume", {"cap": 7}).body["state"] == "running"
    assert steered.run(run_id).cap == 7
    assert steered.turns() == [2], "and the pacer is woken"
    assert steered.do(run_id, "cancel").body["state"] == "cancelled"
    assert steered.do(run_id).body["ended"] is not None
    for what in ("pause", "resume"):
        answer = steered.do(run_id, what)
        assert (answer.status, answer.body["code"]) == (409, "wrong-state")
    assert steered.do(run_id, "rate", {"rate": 1}).body["code"] == "run-over"


def test_a_stopped_run_says_why_and_resumes(steered: Steered) -> None:
    run_id = steered.begun()
    steered.ledgers.stop(run_id, "the token was refused twice")
    body = steered.do(run_id).body
    assert (body["state"], body["reason"]) == ("stopped", "the token was refused twice")
    assert steered.do(run_id, "pause").status == 409
    body = steered.do(run_id, "resume").body
    assert (body["state"], body["reason"]) == ("running", None)


def test_the_rate_is_changed_within_what_is_declared(steered: Steered) -> None:
    run_id = steered.begun()
    steered.paced()
    stops = steered.accounts.get(ACCOUNT).stops
    assert steered.do(run_id, "rate", {"rate": 12.5}).body["rate"]["cap"] == 12.5
    assert steered.accounts.get(ACCOUNT).stops == stops + 1
    steered.do(run_id, "rate", {"rate": 12.5})
    assert steered.accounts.get(ACCOUNT).stops == stops + 2, "who was not answered asks again"
    answer = steered.do(run_id, "rate", {"rate": 51})
    assert (answer.status, answer.body["code"]) == (400, "rate-not-permitted")
    assert "50 calls a second" in answer.body["message"]
    asked = steered.accounts.get(ACCOUNT).asked
    assert steered.do(run_id, "rate", {"rate": None}).body["rate"]["cap"] is None
    after = steered.accounts.get(ACCOUNT)
    assert (after.stops, after.asked) == (stops + 2, asked + 1), "for more nobody hands back"


@pytest.mark.parametrize("body", [None, "{}", {"rate": 0}, {"rate": "1"}, {"rate": 1, "x": 1}, "[", {"rate": True}])
def test_a_wrong_rate_changes_nothing(steered: Steered, body: object) -> None:
    run_id = steered.begun()
    assert steered.do(run_id, "rate", body).status == 400
    assert steered.run(run_id).rate is None


def test_what_is_not_there_is_a_404(steered: Steered) -> None:
    run_id = steered.begun()
    for name in ("nobody", "x" * 200, "a/b", "é", "#run"):
        for what in ("", "pause", "rate"):
            answer = steered.do(name, what, {"rate": 1} if what == "rate" else None)
            assert (answer.status, answer.body["code"]) == (404, "unknown-run")
    assert steered.do(run_id, "restart").status == 404
    assert steered.do(run_id, method="DELETE").status == 405
    assert steered.do(run_id, "pause", method="GET").status == 405
    assert steered.run(run_id).state == "running"


def test_a_body_where_none_is_asked_for_is_refused(steered: Steered) -> None:
    run_id = steered.begun()
    assert steered.do(run_id, "pause", {"now": True}).body["code"] == "bad-field"
    assert steered.do(run_id, "pause", {}).status == 200
