"""sweep of facts: an outage of weeks sends nothing twice in vain, and a purge loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from receipts import sweep as sweeping
from receipts.delivery.messages import Delivery
from receipts.ledger import RESENT_US, ReadResult
from receipts.rows import FileRow, State
from receipts.settings import SweepSettings
from receipts.sweep import FEW, PATIENT_US, Sweep
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.reading import counted
from tests.lambda_src.receipts.tables import SECOND, Failing, file_row
from tests.lambda_src.stack import Context
from tests.simulation.aws.backends import Shapes

AGAIN = RESENT_US / SECOND + 5
DAY = 86_400


@pytest.fixture
def sweep(delivering: Delivering) -> Callable[[], int]:
    """Sweep once: how many files' facts were sent again."""

    def swept() -> int:
        config = SweepSettings(
            intake_queue_url="i",
            image_queue_url="i",
            uploads_bucket="documents",
            ledger_table="ledger",
            **delivering.pointing,
        )
        done = Sweep(config, delivering.ledger, delivering.s3, delivering.sqs).handle(Context(60_000))
        return int(done["FactsSentAgain"])

    return swept


def named(delivering: Delivering) -> list[tuple[str, int]]:
    """What was sent to the lanes, by file and revision."""
    return sorted((one.file_id, one.revision) for one in delivering.pointers() if isinstance(one, Delivery))


def pointed(delivering: Delivering, count: int) -> None:
    """Put so many pointers on the delivery queue."""
    for _ in range(count):
        delivering.sqs.send_message(QueueUrl=delivering.urls["delivery"], MessageBody="{}")


def test_what_a_queue_lost_is_sent_again_and_wakes_a_lane(
    delivering: Delivering, sweep: Callable[[], int], time: Clock
) -> None:
    row = delivering.read(b"one", CERTAIN)
    time.later(AGAIN - 60)
    assert sweep() == 0
    time.later(60)
    assert sweep() == 1
    assert named(delivering) == [(row.file_id, 0)]
    assert len(delivering.ticks()) == 1
    assert sweep() == 0, "and later the next time"
    delivering.settled(delivering.delivered(row))
    time.later(30 * DAY)
    assert sweep() == 0


def test_each_fact_that_waits_is_sent(delivering: Delivering, sweep: Callable[[], int], time: Clock) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    delivering.close(row, {"accept": True})
    delivering.pointers()
    time.later(AGAIN)
    assert sweep() == 1
    assert named(delivering) == [(row.file_id, 0), (row.file_id, 1)]
    delivering.settled(delivering.delivered(row))
    time.later(3 * AGAIN)
    assert sweep() == 1
    assert named(delivering) == [(row.file_id, 1)]


def test_what_is_refused_is_left_to_a_person(delivering: Delivering, sweep: Callable[[], int], time: Clock) -> None:
    delivering.settled(delivering.refused(delivering.read(b"one", CERTAIN)))
    time.later(30 * DAY)
    assert sweep() == 0


def test_an_outage_of_weeks_multiplies_nothing(delivering: Delivering, sweep: Callable[[], int], time: Clock) -> None:
    """The queue holds their pointers; before it forgets them they are sent again, once."""
    delivering.read(b"one", CERTAIN)
    pointed(delivering, FEW)
    sent = []
    for half in range(1, 43):
        time.later(DAY / 2)
        if sweep():
            sent.append(half / 2)
    assert len(sent) <= 3
    assert PATIENT_US / SECOND / DAY <= sent[0] <= PATIENT_US / SECOND / DAY + 1


def test_a_purge_in_an_outage_loses_nothing(delivering: Delivering, sweep: Callable[[], int], time: Clock) -> None:
    rows = [delivering.read(b"%d" % n, CERTAIN) for n in range(3)]
    pointed(delivering, FEW)
    time.later(2 * DAY)
    assert sweep() == 0
    delivering.sqs.purge_queue(QueueUrl=delivering.urls["delivery"])
    assert sweep() == 3
    assert named(delivering) == sorted((row.file_id, 0) for row in rows)


def test_all_shards_and_pages_are_swept(
    delivering: Delivering, sweep: Callable[[], int], time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MOST_A_SHARD", 3)
    count = 80
    for n in range(count):
        row = delivering.ledger.receive(file_row(b"%d" % n), 1)
        _read(delivering, row)
    time.later(AGAIN)
    sent = 0
    for _ in range(12):
        sent += sweep()
        time.later(10)  # the index is a moment behind
    assert sent == count
    assert len(set(named(delivering))) == count


def test_files_of_the_release_before_are_delivered(
    delivering: Delivering, sweep: Callable[[], int], time: Clock
) -> None:
    row = delivering.read(b"one", CERTAIN)
    delivering.tables.client.update_item(
        TableName="ledger",
        Key={"batch_id": {"S": row.batch_id}, "item": {"S": f"file#{row.file_id}"}},
        UpdateExpression="REMOVE revisions, facts",
    )
    time.later(400 * DAY)
    assert sweep() == 1
    assert named(delivering) == [(row.file_id, 0)]
    delivering.settled(delivering.delivered(row))
    assert delivering.now(row).state is State.DELIVERED


@pytest.mark.parametrize("place", range(12))
def test_whatever_call_fails_it_is_sent_at_last(
    delivering: Delivering, sweep: Callable[[], int], time: Clock, place: int
) -> None:
    row = delivering.read(b"one", CERTAIN)
    time.later(AGAIN)
    delivering.cloud.meddler = Failing(36 + place)
    with suppress(ClientError):
        sweep()
    delivering.cloud.meddler = Shapes()
    time.later(3 * AGAIN)
    sweep()
    assert set(named(delivering)) == {(row.file_id, 0)}


def test_where_nothing_is_delivered_nothing_is_sent(delivering: Delivering, time: Clock) -> None:
    delivering.read(b"one", CERTAIN)
    time.later(AGAIN)
    config = SweepSettings(intake_queue_url="i", image_queue_url="i", uploads_bucket="documents", ledger_table="ledger")
    done = Sweep(config, delivering.ledger, delivering.s3, delivering.sqs).handle(Context(60_000))
    assert done["FactsSentAgain"] == 0


def test_how_long_the_first_waits_is_measured(
    delivering: Delivering, sweep: Callable[[], int], time: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep()
    assert counted(capsys.readouterr().out) == {}, "where nothing waits, nothing is measured"
    rows = [delivering.read(b"%d" % n, DOUBTFUL) for n in range(9)]
    time.later(100)
    sweep()
    assert counted(capsys.readouterr().out) == {"UndeliveredAge": 100}
    delivering.settled(*map(delivering.delivered, rows))
    time.later(100)
    capsys.readouterr()
    sweep()
    assert counted(capsys.readouterr().out) == {"ReviewAge": 200}
    for row in rows:
        assert delivering.close(row, {"accept": True}).status == 200
    time.later(50)
    capsys.readouterr()
    sweep()
    assert counted(capsys.readouterr().out) == {"UndeliveredAge": 50}, "a correction is as old as itself"
    for row in rows:
        delivering.settled(delivering.delivered(row, 1))
    time.later(100)
    capsys.readouterr()
    sweep()
    assert counted(capsys.readouterr().out) == {}


def _read(delivering: Delivering, row: FileRow) -> None:
    result = ReadResult("results/c/f.json", 1, is_for_review=False, read_at=row.received_at)
    assert delivering.ledger.read(row.batch_id, row.file_id, result)
