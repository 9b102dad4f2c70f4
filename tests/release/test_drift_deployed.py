"""`make drift` of an account on the local cloud, where somebody changes things by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcloud.runs import LocalCloudError
from release import drift
from release.look import look
from tests.release.plans_world import World, small_world

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with small_world(tmp_path_factory.mktemp("drift")) as found:
        found.propose()
        found.promote()
        yield found


def test_what_somebody_changed_is_drift_and_what_waits_is_not(world: World, tmp_path: Path) -> None:
    found = look(world.ground)
    assert (found.outside, found.waiting) == ([], [])
    bucket = world.client("s3").list_objects_v2(Bucket=world.bucket)["KeyCount"]

    world.client("sqs").set_queue_attributes(**world.queue, Attributes={"VisibilityTimeout": "99"})
    world.code = "not promoted yet"
    found = look(world.ground)
    assert found.outside == ["module.votes.aws_sqs_queue.work: visibility_timeout_seconds"]
    assert found.waiting
    assert all("module.count" in change for change in found.waiting)
    assert drift.write(found, tmp_path).name == "dev.json"

    world.client("sqs").delete_queue(**world.queue)
    assert [change for change in look(world.ground).outside if "aws_sqs_queue.work: deleted" in change]
    assert world.client("s3").list_objects_v2(Bucket=world.bucket)["KeyCount"] == bucket, "a look puts nothing"


def test_another_account_is_not_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
    with pytest.raises(LocalCloudError, match="222222222222"):
        look(world.ground)
