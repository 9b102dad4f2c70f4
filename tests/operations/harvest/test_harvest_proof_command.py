"""`make proof`: the sum of a run's tree, and each parcel's answers."""

from __future__ import annotations

import pytest

from tests.operations.harvest.operated_harvest import OperatedHarvest
from tools.common.errors import CommandError
from tools.operations.harvest import prove


def proven(harvest: OperatedHarvest, run_id: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    return prove.run(harvest.deployment, harvest.console, run_id), harvest.printed()


@pytest.fixture
def run_id(harvest: OperatedHarvest) -> str:
    """A run that is complete, with an object a parcel."""
    found = harvest.begun()
    harvest.world.finish(60, found)
    s3, rows = harvest.world.cloud.client("s3"), harvest.world.cloud.dynamodb.tables["ledger"].items
    for row in rows.values():
        if "object" in row:
            row["object"] = {"S": f"parcels/run={found}/group=-/{row['item']['S'][7:]}"}
            s3.put_object(Bucket="results", Key=row["object"]["S"], Body=b"")
    return found


def test_a_complete_run_adds_up(harvest: OperatedHarvest, run_id: str) -> None:
    code, text = proven(harvest, run_id)
    assert code == 0
    assert "data: 33 expected = 33 ok + 0 gone + 0 failed" in text
    assert "\ncomplete: " in text


def test_a_row_that_is_gone_is_found(harvest: OperatedHarvest, run_id: str) -> None:
    rows = harvest.world.cloud.dynamodb.tables["ledger"].items
    data = [key for key, row in rows.items() if row.get("level", {}).get("S") == "data"]
    del rows[data[0]]
    code, text = proven(harvest, run_id)
    assert code == 1
    assert "is named by a commit and is not there" in text
    assert "NOT complete" in text


def test_answers_that_are_gone_are_named_until_they_may_have_expired(harvest: OperatedHarvest, run_id: str) -> None:
    bucket = harvest.world.cloud.s3.buckets["results"]
    lost = min(bucket)
    del bucket[lost]
    code, text = proven(harvest, run_id)
    assert code == 1
    assert f"{lost} is named by a commit and is not there" in text
    harvest.deployment.outputs["settings"]["parcel_days"] = 0
    harvest.world.play(1)
    assert proven(harvest, run_id)[0] == 0


def test_what_is_under_way_is_not_complete(harvest: OperatedHarvest) -> None:
    run_id = harvest.begun()
    harvest.world.play(3)
    code, text = proven(harvest, run_id)
    assert code == 1
    assert "parcels are open" in text


def test_a_run_that_there_is_not(harvest: OperatedHarvest) -> None:
    with pytest.raises(CommandError, match="there is no run 'r'"):
        proven(harvest, "r")
    with pytest.raises(CommandError, match="say which"):
        proven(harvest, "")
