"""`make redrive QUEUE=quarantine`: quarantined tasks are tried again, each alone, by a run of their
own.
"""

from __future__ import annotations

import json

import pytest

from shared import quarantine
from shared.quarantine import Quarantine
from tests.lambda_src.harvest.toy_vendor import Vendor
from tests.operations.harvest.conftest import MakeHarvest
from tests.operations.harvest.operated_harvest import OperatedHarvest
from tools.operations import redrive_command
from tools.operations.harvest import asking
from tools.operations.harvest.pipeline import PIPELINE
from tools.operations.pipeline import Unsendable
from tools.operations.redrive_command import Options

POISON = "data/big/h4/d1"


@pytest.fixture
def poisoned(harvest_of: MakeHarvest) -> OperatedHarvest:
    """A harvest whose run ended with a task in quarantine that killed its workers."""
    harvest = harvest_of(Vendor({"big": 9, "small": 2}, 3, poison={POISON}))
    run_id = harvest.begun(since=True)
    harvest.world.finish(300, run_id)
    assert asking.run(harvest.deployment, run_id)["state"] == "completed-with-failures"
    return harvest


def redriven(harvest: OperatedHarvest, **options: object) -> str:
    """What the command prints."""
    chosen = Options("quarantine", **options)  # type: ignore[arg-type]
    assert redrive_command.run(harvest.deployment, harvest.console, chosen, PIPELINE) == 0
    return harvest.printed()


def objects(harvest: OperatedHarvest) -> list[str]:
    return [key for key in harvest.world.cloud.s3.buckets["quarantine"] if key.startswith("quarantine/")]


def test_a_poison_task_is_tried_again_alone(poisoned: OperatedHarvest, capsys: pytest.CaptureFixture[str]) -> None:
    assert "killed-its-worker" in redriven(poisoned)
    listed = redriven(poisoned, reason="killed-its-worker", dry_run=True)
    assert "1 tasks → a run" in listed
    assert len(objects(poisoned)) == 1, "a dry run changes nothing"
    poisoned.world.vendor.poison.clear()
    poisoned.world.vendor.asked.clear()
    text = redriven(poisoned, reason="killed-its-worker", confirm=True)
    assert "1 tasks are tried again by retry-" in text
    (retry,) = poisoned.world.accounts.get("acme").runs
    poisoned.world.finish(60, retry)
    assert [task.id for _, task in poisoned.world.vendor.asked] == [POISON]
    said = asking.run(poisoned.deployment, retry)
    assert (said["state"], said["known"]) == ("completed", 1)
    assert objects(poisoned) == []
    assert "came_of_it" in capsys.readouterr().out


def test_what_fails_again_is_in_quarantine_again(poisoned: OperatedHarvest) -> None:
    redriven(poisoned, reason="killed-its-worker", confirm=True)
    (retry,) = poisoned.world.accounts.get("acme").runs
    poisoned.world.finish(300, retry)
    (key,) = objects(poisoned)
    assert retry in poisoned.world.cloud.s3.buckets["quarantine"][key].body.decode()


def test_what_is_no_task_stays(harvest: OperatedHarvest) -> None:
    store = Quarantine(harvest.world.cloud.client("s3"), "quarantine")
    store.put("unreadable", 1, [quarantine.line_of("work", "unreadable", "", 1, body="x")])
    text = redriven(harvest, reason="unreadable", confirm=True)
    assert "stays: it holds no task" in text
    assert len(objects(harvest)) == 1
    assert harvest.world.accounts.get("acme").runs == ()


@pytest.mark.parametrize(
    "task",
    [None, "data/g", {}, {"level": "data"}, {"level": "data", "path": "g"}, {"level": 1, "path": []},
     {"level": "data", "path": [1]}, {"level": "data", "path": ["g"] * 9}, {"level": "data", "path": ["g" * 600]}],
)  # fmt: skip
def test_a_strangers_task_is_refused(task: object) -> None:
    with pytest.raises(Unsendable):
        PIPELINE.messages_of(json.dumps({"run_id": "r", "task": task}))
    assert PIPELINE.identity_of({"task": task})
