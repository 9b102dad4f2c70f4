"""Deliveries: a fact that stands stands, whatever comes late; a review is closed once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from receipts.deliveries import ASKED_AGAIN_US, Busy, Deliveries
from receipts.ledger import RESENT_US, Ledger, ReadResult
from receipts.reasons import Refusal
from receipts.revisions import Review
from receipts.rows import WAITING_SHARDS, FileRow, State, Waiting
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.tables import BATCH_ID, NOW_US, SECOND, Tables, batch, create, file_row
from tests.simulation.aws.backends import Shapes
from tools.simulation.aws.calls import Call

READ = ReadResult("results/c/f.json", 2, is_for_review=True, read_at=NOW_US)
REFUSED = Refusal("refused-by-database", "receipt 1: 23514 total_check")
FILE_ID = file_row().file_id


@pytest.fixture
def deliveries(tables: Tables) -> Deliveries:
    return Deliveries(tables.client, "ledger")


def read_row(ledger: Ledger, *, is_for_review: bool = True) -> FileRow:
    ledger.receive(file_row(), 1)
    assert ledger.read(BATCH_ID, FILE_ID, READ._replace(is_for_review=is_for_review))
    return now(ledger)


def now(ledger: Ledger) -> FileRow:
    found = ledger.file(BATCH_ID, FILE_ID)
    assert found
    return found


def due(ledger: Ledger, time: Clock, what: Waiting = Waiting.DELIVERY) -> bool:
    """Whether it waits for its delivery, or something else, by the index."""
    time.later(10)
    return any(ledger.due(what, shard, 2 * NOW_US, 10) for shard in range(WAITING_SHARDS))


def test_what_stands_is_delivered_beside_its_open_review(tables: Tables, deliveries: Deliveries, time: Clock) -> None:
    row = read_row(tables.ledger)
    assert (row.state, row.revisions, row.review, row.facts) == (State.REVIEW, "w", Review.OPEN, 2)
    assert due(tables.ledger, time)
    assert deliveries.delivered(row, 0, NOW_US + SECOND)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.review) == (State.DELIVERED, "d", Review.OPEN)
    assert (found.delivered_at, found.due_at) == (NOW_US + SECOND, READ.read_at)
    assert not due(tables.ledger, time)
    assert due(tables.ledger, time, Waiting.REVIEW), "a person has to look at it still"
    assert deliveries.close_review(found, 2, NOW_US + SECOND)
    assert due(tables.ledger, time)
    assert deliveries.delivered(now(tables.ledger), 1, NOW_US + SECOND)
    assert now(tables.ledger).due_at is None
    assert not any(due(tables.ledger, time, what) for what in Waiting)


@pytest.mark.parametrize("late", ["delivered", "refused", "read", "quarantine", "unknown"])
def test_a_late_or_repeated_word_takes_nothing_back(tables: Tables, deliveries: Deliveries, late: str) -> None:
    first = read_row(tables.ledger)
    deliveries.delivered(first, 0, NOW_US)
    before = now(tables.ledger)
    said = {
        "delivered": lambda: deliveries.delivered(first, 0, NOW_US + 9),
        "refused": lambda: deliveries.refused(first, 0, REFUSED),
        "read": lambda: tables.ledger.read(BATCH_ID, FILE_ID, READ),
        "quarantine": lambda: tables.ledger.quarantine(BATCH_ID, FILE_ID, REFUSED, NOW_US),
        "unknown": lambda: deliveries.delivered(before, 7, NOW_US),
    }
    assert not said[late]()
    assert now(tables.ledger) == before


def test_what_is_refused_waits_for_a_person_alone(tables: Tables, deliveries: Deliveries, time: Clock) -> None:
    row = read_row(tables.ledger)
    assert deliveries.refused(row, 0, REFUSED)
    assert not deliveries.refused(now(tables.ledger), 0, REFUSED)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.reason, found.detail) == (State.QUARANTINED, "r", *REFUSED)
    assert (due(tables.ledger, time), due(tables.ledger, time, Waiting.REVIEW)) == (False, True)
    assert deliveries.try_again(found, NOW_US + 5)
    assert not deliveries.try_again(now(tables.ledger), NOW_US + 6)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.due_at, found.sent) == (
        State.QUARANTINED,
        "w",
        NOW_US + 5 + RESENT_US,
        0,
    )
    assert due(tables.ledger, time)
    assert deliveries.delivered(found, 0, NOW_US + 9)
    found = now(tables.ledger)
    assert (found.state, found.reason, found.detail) == (State.DELIVERED, None, None)


def test_a_review_is_closed_once_and_its_fact_waits(tables: Tables, deliveries: Deliveries, time: Clock) -> None:
    row = read_row(tables.ledger)
    at = NOW_US + 60 * SECOND
    assert deliveries.close_review(row, 2, at)
    assert not deliveries.close_review(row, 3, at)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.review, found.reviewed_at) == (State.READ, "ww", Review.CLOSED, at)
    assert (found.facts, found.due_at) == (4, at + RESENT_US)
    assert deliveries.delivered(found, 0, at)
    assert now(tables.ledger).state is State.READ, "its correction waits"
    assert due(tables.ledger, time)
    assert deliveries.delivered(found, 1, at)
    assert now(tables.ledger).state is State.DELIVERED
    assert not due(tables.ledger, time)


def test_a_correction_of_what_was_delivered_waits_and_the_state_stays(tables: Tables, deliveries: Deliveries) -> None:
    deliveries.delivered(read_row(tables.ledger), 0, NOW_US)
    assert deliveries.close_review(now(tables.ledger), 2, NOW_US + 1)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.due_at) == (State.DELIVERED, "dw", NOW_US + 1 + RESENT_US)
    assert deliveries.refused(found, 1, REFUSED)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.reason) == (State.DELIVERED, "dr", REFUSED.reason)


@pytest.mark.parametrize("words", list(itertools.permutations(["d0", "d1", "r0", "r1"], 2)))
def test_two_words_mean_the_same_in_either_order(
    tables: Tables, deliveries: Deliveries, words: tuple[str, ...]
) -> None:
    """But for a refusal and a delivery of one fact, of which the delivery is true."""
    ends = set()
    for number, order in enumerate((words, words[::-1])):
        content = b"%d" % number
        row = tables.ledger.receive(file_row(content), 1)
        tables.ledger.read(BATCH_ID, row.file_id, READ)
        read = tables.ledger.file(BATCH_ID, row.file_id)
        assert read
        assert deliveries.close_review(read, 2, NOW_US)
        read = tables.ledger.file(BATCH_ID, row.file_id)
        assert read
        for word in order:
            if word[0] == "d":
                deliveries.delivered(read, int(word[1]), NOW_US)
            else:
                deliveries.refused(read, int(word[1]), REFUSED)
        found = tables.ledger.file(BATCH_ID, row.file_id)
        assert found
        ends.add((found.state, found.revisions, found.reason))
    assert len(ends) == 1


def test_a_row_that_changes_meanwhile_is_looked_at_again(tables: Tables, deliveries: Deliveries) -> None:
    old = read_row(tables.ledger)
    assert deliveries.close_review(old, 2, NOW_US)
    assert deliveries.delivered(old, 0, NOW_US), "of a reader that saw it before its review was closed"
    assert now(tables.ledger).revisions == "dw"


def test_a_row_that_always_changes_comes_again(tables: Tables, deliveries: Deliveries) -> None:
    row = read_row(tables.ledger)

    class Meanwhile(Shapes):
        def before(self, call: Call) -> None:
            super().before(call)
            if call.operation == "UpdateItem" and ":nobody" not in call.params["ExpressionAttributeValues"]:
                tables.client.update_item(
                    TableName="ledger",
                    Key=call.params["Key"],
                    UpdateExpression="SET revisions = :nobody",
                    ExpressionAttributeValues={":nobody": {"S": "w" + now(tables.ledger).revisions}},
                )

    tables.cloud.meddler = Meanwhile()
    with pytest.raises(Busy):
        deliveries.delivered(row, 0, NOW_US)


def test_a_row_that_is_gone_is_left_alone(tables: Tables, deliveries: Deliveries) -> None:
    row = read_row(tables.ledger)
    tables.client.delete_item(
        TableName="ledger", Key={"batch_id": {"S": BATCH_ID}, "item": {"S": f"file#{row.file_id}"}}
    )
    assert not deliveries.delivered(row, 0, NOW_US)
    assert tables.ledger.file(BATCH_ID, row.file_id) is None


@pytest.mark.parametrize(("is_for_review", "review"), [(True, Review.OPEN), (False, None)])
def test_a_row_of_the_release_before_is_delivered_too(
    tables: Tables, deliveries: Deliveries, is_for_review: bool, review: Review | None
) -> None:
    row = read_row(tables.ledger, is_for_review=is_for_review)
    tables.client.update_item(
        TableName="ledger",
        Key={"batch_id": {"S": BATCH_ID}, "item": {"S": f"file#{row.file_id}"}},
        UpdateExpression="REMOVE revisions, facts, review",
    )
    old = now(tables.ledger)
    assert (old.revisions, old.review, old.facts) == ("w", review, None)
    assert deliveries.delivered(old, 0, NOW_US)
    found = now(tables.ledger)
    assert (found.state, found.revisions, found.review) == (State.DELIVERED, "d", review)


def test_when_the_last_fact_came_is_not_moved_back_by_an_older_one(tables: Tables, deliveries: Deliveries) -> None:
    """Else a count between the two looks as if it were younger than both, and a row is missing."""
    assert deliveries.close_review(read_row(tables.ledger), 2, NOW_US + SECOND)
    assert deliveries.delivered(now(tables.ledger), 1, NOW_US + 9 * SECOND)
    assert deliveries.delivered(now(tables.ledger), 0, NOW_US + 5 * SECOND)
    assert now(tables.ledger).delivered_at == NOW_US + 9 * SECOND


def test_a_lane_is_asked_of_a_batch_now_and_then(tables: Tables, deliveries: Deliveries) -> None:
    assert not deliveries.may_ask(BATCH_ID, NOW_US)
    tables.ledger.open_batch(batch())
    tables.ledger.ready(batch(), NOW_US)
    assert deliveries.may_ask(BATCH_ID, NOW_US)
    assert not deliveries.may_ask(BATCH_ID, NOW_US + ASKED_AGAIN_US)
    assert deliveries.may_ask(BATCH_ID, NOW_US + ASKED_AGAIN_US + 1)


def test_the_emulator_takes_these_writes(emulator: Callable[[str], Any]) -> None:
    client = emulator("dynamodb")
    create(client, "deliveries-ledger", "deliveries-usage")
    ledger, deliveries = Ledger(client, "deliveries-ledger"), Deliveries(client, "deliveries-ledger")
    row = read_row(ledger)
    assert deliveries.close_review(row, 2, NOW_US)
    assert not deliveries.close_review(row, 2, NOW_US)
    assert deliveries.delivered(row, 0, NOW_US)
    assert deliveries.refused(now(ledger), 1, REFUSED)
    assert deliveries.try_again(now(ledger), NOW_US)
    assert deliveries.delivered(now(ledger), 1, NOW_US)
    assert (now(ledger).state, now(ledger).revisions) == (State.DELIVERED, "dd")
