"""What a soak of receipts holds: every file accounted for, the sweep alive."""

from __future__ import annotations

import pytest

from tests.operations.receipts.receipts_operated import Operated, operated
from tools.operations import invariants as general
from tools.operations.findings import Finding
from tools.operations.invariants import Ages
from tools.operations.receipts.invariants import Accounts, Lanes, Swept, invariants

__all__ = ["operated"]


def violations(operated: Operated) -> list[Finding]:
    """What is violated now."""
    said = [sentence for one in invariants(operated.deployment) for sentence in one.look()]
    return [sentence for sentence in said if isinstance(sentence, Finding)]


def test_a_batch_under_way_holds(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg")
    assert violations(operated) == []
    assert "4 files of 1 batches accounted for" in list(Accounts(operated.deployment).look())
    assert all(not list(one.wrong()) for one in invariants(operated.deployment))


def test_a_file_whose_row_is_gone_is_missed(operated: Operated) -> None:
    batch_id = operated.batch()
    file_id = operated.id_of(batch_id, "a.jpg")
    del operated.cloud.dynamodb.tables["ledger"].items[(batch_id, f"file#{file_id}")]
    (said,) = violations(operated)
    assert f"file {file_id} was taken in, and the ledger has no row of it" in said
    assert said.command == f"make batch PIPELINE=receipts ENV=simulated BATCH={batch_id}"


def test_an_account_that_lacks_a_file_is_wrong(operated: Operated) -> None:
    batch_id = operated.batch()
    ledger = operated.tables.ledger
    operated.tables.client.update_item(
        TableName="ledger",
        Key={"batch_id": {"S": batch_id}, "item": {"S": "#batch"}},
        UpdateExpression="SET entries = :entries",
        ExpressionAttributeValues={":entries": {"N": "3"}},
    )
    assert ledger.batch(batch_id)
    (said,) = violations(operated)
    assert "4 files are accounted for, and 3 were announced" in said


def test_what_was_read_has_its_document(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", document=None)
    (said,) = violations(operated)
    assert "was read, and its document results/x/" in said


def test_a_sweep_that_does_not_run_is_seen(operated: Operated) -> None:
    operated.batch()
    operated.later(600 + 170)
    assert [one for one in Swept(operated.deployment).look() if isinstance(one, Finding)] == []
    operated.later(400)
    upload, image = [one for one in Swept(operated.deployment).look() if isinstance(one, Finding)]
    assert upload.startswith("a row waits for upload and was due ")
    assert image.startswith("a row waits for image and was due ")
    assert "the sweep does not run" in image


def test_a_picture_may_wait_for_the_readers_quota_and_an_upload_for_nobody(
    operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = {"intake": 601.0, "image": 43_000.0, "delivery": 0.0}
    monkeypatch.setattr(general, "oldest_seconds", lambda _, url, name: ages[name])

    def told() -> list[str]:
        return [
            one
            for one in Ages(operated.deployment, {"intake": "split", "image": "read"}).look()
            if isinstance(one, Finding)
        ]

    (said,) = told()
    assert said.startswith("the oldest message of intake has waited 601 s, over 600")
    ages |= {"intake": 599.0, "image": 43_201.0}
    assert [one.split(" has")[0] for one in told()] == ["the oldest message of image"]
    del operated.deployment.outputs["settings"]["oldest_seconds"]
    assert "over 300" in told()[0], "of a pipeline that says no limit, that of an alarm which says none"


def test_a_lane_that_says_nothing_any_more_is_seen(operated: Operated) -> None:
    operated.deployment.outputs["settings"]["delivery"] = {"lanes": 2}
    lanes = Lanes(operated.deployment)
    assert list(lanes.look()) == ["0 of 2 lanes were heard"], "a fresh stack has not said anything yet"
    operated.beat()
    operated.beat(lane="lambda-1", reached=False, reason="unreachable")
    operated.later(290)
    assert list(lanes.look()) == ["2 of 2 lanes were heard"]
    assert list(lanes.wrong()) == ["lane lambda-1 does not reach the database (unreachable)"]
    operated.beat(lane="lambda-1")
    operated.later(20)
    (silent,) = lanes.wrong()
    assert silent == "lane lambda-0 says nothing any more"
    assert silent.command == "make logs PIPELINE=receipts ENV=simulated FUNCTION=deliver"


def test_what_is_due_for_its_delivery_is_left_to_the_queue_for_a_week(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg")
    operated.later(7 * 86_400)
    said = [one for one in Swept(operated.deployment).look() if isinstance(one, Finding)]
    assert not any("waits for delivery" in one for one in said)
    operated.later(3_600)
    said = [one for one in Swept(operated.deployment).look() if isinstance(one, Finding)]
    assert any("a row waits for delivery and was due" in one for one in said)
