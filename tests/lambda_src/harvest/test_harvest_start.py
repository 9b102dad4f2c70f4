"""Runs begin by the schedule and by hand, one of a name at a time."""

from __future__ import annotations

import json

import pytest

from harvest import parcels, vendors
from harvest.accounts import NEVER_MS
from harvest.start import Start
from shared import logs
from tests.lambda_src.harvest.steered import ACCOUNT, NOW_MS, Steered
from tests.lambda_src.stack import metrics
from tests.support.captured import own_logger
from tools.simulation.aws.errors import Refused


@pytest.fixture
def steered(monkeypatch: pytest.MonkeyPatch) -> Steered:
    return Steered(monkeypatch)


def test_a_run_begins_with_its_root_and_a_turn(steered: Steered) -> None:
    answer = steered.post(name="nightly", cap=500, rate=2.5)
    assert (answer.status, answer.body["state"], answer.body["since"]) == (201, "running", None)
    run_id = answer.body["run_id"]
    assert run_id.startswith("nightly-2026")
    run, rows = steered.ledger.read(run_id)
    assert run is not None
    assert (run.name, run.account, run.started, run.cap, run.rate, run.roots) == (
        "nightly",
        ACCOUNT,
        NOW_MS,
        500,
        2.5,
        1,
    )
    (child,) = rows["root-0"].child_ids()
    assert [task.id for task in rows[child].tasks] == ["groups"]
    assert steered.accounts.get(ACCOUNT).runs == (run_id,)
    assert steered.turns() == [1]


def test_a_run_of_some_groups(steered: Steered) -> None:
    run_id = steered.begun(groups=["a", "b", "a"])
    _, rows = steered.ledger.read(run_id)
    assert list(rows["root-0"].child_ids()) == [parcels.group_id("a"), parcels.group_id("b")]
    assert rows[parcels.group_id("b")].tasks[0].id == "hosts/b"


def test_a_second_run_of_that_name_is_refused_while_one_is_under_way(steered: Steered) -> None:
    first = steered.begun()
    for state in ("running", "paused", "stopped"):
        assert state == "running" or steered.ledgers.set_state(first, state, "", of=[steered.run(first).state])
        answer = steered.post(name="nightly")
        assert (answer.status, answer.body["code"]) == (409, "run-running")
        assert answer.body["details"] == {"run_id": first}
    assert steered.post(name="other").status == 201
    assert steered.post(name="nightly", if_running="another").status == 201
    assert len(steered.accounts.get(ACCOUNT).runs) == 3


def test_a_run_that_is_over_is_followed_by_the_next(steered: Steered) -> None:
    first = steered.begun()
    steered.ledgers.set_state(first, "cancelled", "", of=["running"])
    assert steered.begun() != first


def test_groups_are_added_to_the_run_that_is_under_way(steered: Steered) -> None:
    run_id = steered.begun()
    steered.paced()
    before = steered.accounts.get(ACCOUNT)
    answer = steered.post(name="nightly", groups=["late"], if_running="add")
    after = steered.accounts.get(ACCOUNT)
    assert (after.stops, after.asked) == (before.stops, before.asked + 1), "nobody hands back for it"
    assert not steered.accounts.rest(before, before.granted, 0, 0), "a pacer that would rest looks again"
    assert (answer.status, answer.body) == (200, {"run_id": run_id, "state": "running", "added": 1})
    assert steered.run(run_id).roots == 2
    assert parcels.group_id("late") in steered.ledger.read(run_id)[1]
    assert steered.turns() == [], "its pacer sees it"
    assert steered.post(name="nightly", if_running="add").body["code"] == "no-groups"
    steered.now_ms += 10_000
    steered.post(name="nightly", groups=["later"], if_running="add")
    assert steered.turns() == [2], "a silent pacer is woken"


def test_since_moves_only_when_a_run_completed_and_to_its_start(steered: Steered) -> None:
    assert steered.run(steered.begun(since=True)).since is None
    first = steered.run(steered.ledgers.name("nightly").last or "")
    steered.now_ms += 1000
    steered.end(first.run_id)
    steered.now_ms += 1000
    second = steered.run(steered.begun(since=True))
    assert second.since == first.started
    steered.ledgers.set_state(second.run_id, "cancelled", "", of=["running"])
    third = steered.run(steered.begun(since=False))
    assert third.since is None
    steered.ledgers.set_state(third.run_id, "cancelled", "", of=["running"])
    fourth = steered.run(steered.begun(since=True))
    assert fourth.since == first.started, "neither of those was completed"


def test_the_schedule_starts_a_run_and_takes_a_second_call_for_the_same(steered: Steered) -> None:
    run_id = steered.start.handle({"name": "nightly", "since": True})["run_id"]
    assert steered.start.handle({"name": "nightly", "since": True}) == {"run_id": run_id}
    assert steered.accounts.get(ACCOUNT).runs == (run_id,)


def test_what_died_before_the_pacer_knew_is_mended_by_the_next_call(
    steered: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Start, "_pace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            steered.start.handle({"name": "nightly"})
    assert steered.accounts.get(ACCOUNT).runs == ()
    run_id = steered.start.handle({"name": "nightly"})["run_id"]
    assert steered.accounts.get(ACCOUNT).runs == (run_id,)
    assert steered.turns() == [1]


BAD: list[tuple[object, str]] = [
    ("", "bad-field"),
    ("[]", "not-an-object"),
    ("{", "not-json"),
    ('{"name": "a", "name": "b"}', "duplicate-key"),
    ({"name": "Nightly"}, "bad-field"),
    ({"name": "x" * 41}, "bad-field"),
    ({"name": "a", "more": 1}, "bad-field"),
    ({"name": "a", "groups": []}, "bad-field"),
    ({"name": "a", "groups": [""]}, "bad-field"),
    ({"name": "a", "groups": ["x"] * 1001}, "bad-field"),
    ({"name": "a", "cap": 0}, "bad-field"),
    ({"name": "a", "cap": True}, "bad-field"),
    ({"name": "a", "rate": -1}, "bad-field"),
    ('{"name": "a", "rate": NaN}', "bad-field"),
    ({"name": "a", "since": "yes"}, "bad-field"),
    ({"name": "a", "if_running": "maybe"}, "bad-field"),
    (json.dumps({"name": "a", "groups": ["x"] * 9000}), "not-json"),
]


@pytest.mark.parametrize(("body", "code"), BAD, ids=[str(body)[:40] for body, _ in BAD])
def test_a_request_that_is_wrong_is_refused_in_words(steered: Steered, body: object, code: str) -> None:
    answer = steered.post(body or "{}")
    assert (answer.status, answer.body["code"]) == (400, code)
    assert answer.body["message"]
    assert not steered.cloud.dynamodb.tables["ledger"].items


def test_a_ledger_that_does_not_answer_is_a_503(steered: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(call: object) -> None:
        raise Refused("InternalServerError", "not now")

    monkeypatch.setitem(steered.cloud.dynamodb.operations, "GetItem", refuse)
    answer = Steered.post(_again(steered), name="a")
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "ledger-unavailable", "5")


def _again(steered: Steered) -> Steered:
    """The functions with new clients, which look their operations up."""
    client = steered.cloud.client
    before = steered.start
    steered.start = Start(before._config, before._vendor, before._mending, client("dynamodb"), client("sqs"))
    return steered


def test_the_minute_wakes_a_silent_pacer_and_says_for_how_long(
    steered: Steered, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "harvest-start")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()

    def minute() -> tuple[float, float]:
        with own_logger("harvest-start"):
            assert steered.start.handle({"wake": True}) == {}
        said = metrics([json.loads(line) for line in capsys.readouterr().out.splitlines()])
        return said["BeatAgeSeconds"], said["RunsRunning"]

    assert minute() == (0, 0)
    run_id = steered.begun()
    steered.paced()
    steered.now_ms += 1500
    assert minute() == (1.5, 1)
    assert steered.turns() == [], "it is not silent yet"
    steered.now_ms += 60_000
    assert minute() == (61.5, 1)
    assert minute() == (61.5, 1)
    assert steered.turns() == [2], "one of several"
    steered.now_ms += 3000
    minute()
    assert steered.turns() == [2, 2], "that one may have died with its pacer"
    steered.ledgers.set_state(run_id, "paused", "", of=["running"])
    assert minute() == (0, 0)
    logs.metrics.cache_clear()


def test_the_shipped_vendor_offers_what_start_asks() -> None:
    vendor = vendors.named("monitor")
    assert [task.group for task in vendor.roots()] == [""]
    assert vendor.group("a").group == "a"


def test_the_minute_wakes_the_pacer_of_a_run_that_its_starter_could_not(
    steered: Steered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rested when nothing ran; who started the run, or led it on, died before waking it."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    steered.begun()
    steered.paced()
    account = steered.accounts.get(ACCOUNT)
    assert steered.accounts.rest(account, account.granted, steered.now_ms, NEVER_MS - 60_000)
    with own_logger("harvest-start"):
        steered.start.handle({"wake": True})
    assert steered.turns() == [2]
