"""`make runs`: what there is, one of them live, and what a person asks of it."""

from __future__ import annotations

import sys

import pytest

from tests.operations.harvest.operated_harvest import OperatedHarvest
from tools.common.errors import CommandError
from tools.operations.harvest import asking


def test_a_run_is_begun_followed_and_listed(harvest: OperatedHarvest) -> None:
    assert "no run yet" in harvest.command()
    text = harvest.command(start="daily", confirm=True, follow=True)
    lines = [line for line in text.splitlines() if " of " in line and "429s" in line]
    assert len(lines) > 2, "a line a look, and the last"
    assert "completed  47 of 47 (100.0 %)" in lines[-1]
    assert "bound 97.1 %" in lines[-1]
    assert "data: 33 expected = 33 ok + 0 gone + 0 failed\n" in text
    listed = harvest.command()
    assert listed.count("completed") == 1


def test_nothing_is_asked_of_a_run_before_somebody_agrees(
    harvest: OperatedHarvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert "`make runs START=daily CONFIRM=yes` does it" in harvest.command(start="daily")
    assert harvest.world.stage.actors == set()
    run_id = harvest.begun()
    said = harvest.command(run=run_id, cancel=True)
    assert f"`make runs RUN={run_id} CANCEL=yes CONFIRM=yes` does it" in said
    assert asking.run(harvest.deployment, run_id)["state"] == "running"


def test_pause_resume_rate_and_cancel(harvest: OperatedHarvest) -> None:
    run_id = harvest.begun()
    assert "paused" in harvest.command(run=run_id, pause=True, confirm=True)
    harvest.command(run=run_id, rate=2.0, confirm=True)
    assert asking.run(harvest.deployment, run_id)["rate"]["cap"] == 2
    harvest.command(run=run_id, rate=0.0, confirm=True)
    assert asking.run(harvest.deployment, run_id)["rate"]["cap"] is None
    assert "running" in harvest.command(run=run_id, resume=True, cap=77, confirm=True)
    assert asking.run(harvest.deployment, run_id)["cap"] == 77
    assert "cancelled" in harvest.command(run=run_id, cancel=True, confirm=True)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"run": "a", "pause": True, "cancel": True}, "one thing at a time: pause or cancel"),
        ({"pause": True}, "say which"),
        ({"follow": True}, "say which"),
        ({"run": "nobody"}, "there is no run"),
        ({"start": "Not A Name", "confirm": True}, '"name": '),
    ],
)
def test_what_cannot_be_done_says_why(harvest: OperatedHarvest, options: dict[str, object], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        harvest.command(**options)


def test_a_second_run_of_the_same_name_is_refused(harvest: OperatedHarvest) -> None:
    run_id = harvest.begun()
    with pytest.raises(CommandError, match=f"run {run_id} of that name is running.*409 run-running"):
        harvest.command(start="daily", confirm=True)
