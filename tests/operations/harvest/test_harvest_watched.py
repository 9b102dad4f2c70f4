"""Status, smoke test and invariants of a harvest: what is well is said, and what is not is seen."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.operations.harvest.operated_harvest import OperatedHarvest
from tools.operations import api
from tools.operations.findings import Finding, Invariant
from tools.operations.harvest import invariants, message_summary, smoke, status


@pytest.fixture(autouse=True)
def api_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "ask", lambda *_: api.Answer(404, {}, '{"code": "unknown-run"}'))


def violations(harvest: OperatedHarvest, watched: list[Invariant]) -> list[str]:
    said = chain.from_iterable(one.look() for one in watched)
    return [one for one in said if isinstance(one, Finding)]


def test_status_says_how_the_pacer_and_each_run_are(harvest: OperatedHarvest) -> None:
    assert "turn 0, never heard of; 0 runs under way" in next(status.lines(harvest.deployment))
    run_id = harvest.begun()
    harvest.world.play(3)
    pacer, permitted, run = status.lines(harvest.deployment)
    assert "turn 1, last heard of " in pacer
    assert "1 runs under way" in pacer
    assert "20.00 calls a second" in permitted
    assert run.startswith(f"{run_id}  running")


def test_a_smoke_test_goes_all_the_way_by_one_call(harvest: OperatedHarvest) -> None:
    harvest.world.vendor.groups[smoke.GROUP] = 0
    assert smoke.run(harvest.deployment, harvest.console) == 0
    assert "all well" in harvest.printed()
    assert [task.id for _, task in harvest.world.vendor.asked] == [f"hosts/{smoke.GROUP}"]


def test_a_smoke_test_says_what_is_not_well_in_bounded_time(harvest: OperatedHarvest) -> None:
    harvest.world.deaf, began = True, harvest.world.stage.now
    assert smoke.run(harvest.deployment, harvest.console) == 1
    text = harvest.printed()
    assert "is not over within" in text
    assert harvest.world.stage.now < began + 120e6


def test_what_runs_well_violates_nothing(harvest: OperatedHarvest) -> None:
    harvest.world.vendor.groups[smoke.GROUP] = 0
    watched = invariants.invariants(harvest.deployment)
    harvest.begun()
    for _ in range(10):
        assert violations(harvest, watched) == []
        harvest.world.play(5)
    (through,) = [said for one in watched for said in one.look() if "went through" in said]
    assert int(through.split()[0]) >= 2


def test_a_pacer_that_nobody_hears_of_is_a_violation(harvest: OperatedHarvest) -> None:
    harvest.begun()
    harvest.world.play(3)
    watched: list[Invariant] = [invariants.Beat(harvest.deployment)]
    harvest.world.kill()
    assert violations(harvest, watched) == []
    harvest.world.play(invariants.WOKEN_SECONDS + 1)
    (found,) = violations(harvest, watched)
    assert "was not heard of for" in found


def test_a_run_that_stops_is_a_violation_unless_it_had(harvest: OperatedHarvest) -> None:
    run_id = harvest.begun()
    watched: list[Invariant] = [invariants.Stopped(harvest.deployment)]
    assert harvest.world.runs.stop(run_id, "mend the secret")
    assert violations(harvest, watched) == [f"run {run_id} stopped: mend the secret"]
    watched = [invariants.Stopped(harvest.deployment)]
    assert list(watched[0].wrong()) == [f"run {run_id} stopped: mend the secret"]
    assert violations(harvest, watched) == []


def test_a_run_of_no_group_that_does_not_end_is_a_violation(harvest: OperatedHarvest) -> None:
    harvest.world.deaf = True
    watched: list[Invariant] = [invariants.Through(harvest.deployment)]
    assert violations(harvest, watched) == []
    harvest.world.play(smoke.within(harvest.deployment) + 1)
    (found,) = violations(harvest, watched)
    assert "of no group is running after" in found


@pytest.mark.parametrize(
    ("body", "kind", "tasks"),
    [
        ('{"v":1,"run_id":"r","parcel":"p","slots":[1.5,2.5],"stops":0}', "parcel of run r", 2),
        ('{"v":1,"account":"main","turn":7}', "turn 7 of account main", 0),
        ('{"v":1,"run_id":"r","group":"g"}', "group 'g' of run r to merge", 0),
        ('{"v":9,"run_id":"r","group":"g"}', "message of version 9, newer", 0),
        ('{"v":1}', "JSON of no known shape", 0),
        ("[]", "JSON, but no message", 0),
        ("not", "not JSON", 0),
    ],
)
def test_messages_in_words(body: str, kind: str, tasks: int) -> None:
    summary = message_summary.summary_of(body)
    assert summary.kind.startswith(kind)
    assert summary.items == tasks
