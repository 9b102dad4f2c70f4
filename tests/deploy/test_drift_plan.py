"""`make drift` of an account on the local cloud, where somebody changes things by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.plans_world import World, small_world
from tools.common.errors import CommandError
from tools.deploy import drift, drift_plan

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with small_world(tmp_path_factory.mktemp("drift")) as deployed:
        deployed.propose()
        deployed.promote()
        yield deployed


def test_what_somebody_changed_is_drift_and_what_waits_is_not(world: World, tmp_path: Path) -> None:
    result = drift_plan.plan(world.target)
    assert (result.outside, result.waiting) == ([], [])
    stored = world.stored()

    world.client("sqs").set_queue_attributes(**world.queue, Attributes={"VisibilityTimeout": "99"})
    world.code = "not promoted yet"
    result = drift_plan.plan(world.target)
    assert result.outside == ["module.votes.aws_sqs_queue.work: visibility_timeout_seconds"]
    assert result.waiting
    assert all("module.count" in change for change in result.waiting)
    assert drift.write(result, tmp_path).name == "dev.json"

    world.client("sqs").delete_queue(**world.queue)
    assert [change for change in drift_plan.plan(world.target).outside if "aws_sqs_queue.work: deleted" in change]
    assert world.stored() == stored, "a plan puts nothing"


def test_another_account_is_not_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
    with pytest.raises(CommandError, match="222222222222"):
        drift_plan.plan(world.target)
