"""sweep: what got lost on a queue is sent again, bounded, and what is gone is said so."""

import pytest
from botocore.exceptions import ClientError

from receipts.ids import file_id_of
from receipts.ledger import RESENT_US, ReadResult
from receipts.rows import UPLOAD_LASTS_US
from receipts.sweep import MOST_A_SHARD
from shared.versions import NewerVersion
from tests.lambda_src.fakes import refusal
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import NOW_US, SECOND, file_row
from tests.lambda_src.stack import Context
from tools.simulation.aws.calls import Call, Nobody

ONE, TWO = jpeg("one"), jpeg("two")
AGAIN = RESENT_US / SECOND
CLOSED = asking.SECONDS + UPLOAD_LASTS_US / SECOND


def _swept(receiving: Receiving, context: Context | None = None) -> tuple[int, int]:
    done = receiving.sweep.handle(context or Context(60_000))
    return done.get("ImagesSentAgain", 0), done.get("UploadsSentAgain", 0)


def _lose(receiving: Receiving, queue: str) -> None:
    receiving.sqs.purge_queue(QueueUrl=receiving.urls[queue])


class TestImages:
    def _lost(self, receiving: Receiving, time: Clock) -> str:
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, ONE)
        receiving.run(time.later)
        first = receiving.images()
        assert len(first) == 1
        return batch_id

    def test_that_nobody_read_are_sent_again_and_later_each_time(self, receiving: Receiving, time: Clock) -> None:
        self._lost(receiving, time)
        time.later(AGAIN - 1)
        assert _swept(receiving)[0] == 0
        times = []
        for minute in range(16, 500, 3):
            time.now = NOW_US + minute * 60 * SECOND
            if _swept(receiving)[0]:
                times.append(minute)
                assert [one.file_id for one in receiving.images()] == [file_id_of(ONE)]
        assert times == [16, 49, 112, 235, 478]

    def test_that_were_read_are_left_alone(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._lost(receiving, time)
        receiving.ledger.read(batch_id, file_id_of(ONE), ReadResult("r", 1, is_for_review=False, read_at=NOW_US))
        time.later(2 * AGAIN)
        assert _swept(receiving)[0] == 0
        assert receiving.images() == []

    def test_are_taken_up_for_as_long_as_there_is_time(self, receiving: Receiving, time: Clock) -> None:
        count = 10 * MOST_A_SHARD
        for n in range(count):
            receiving.ledger.receive(file_row(b"%d" % n), 1)
        time.later(AGAIN + 5)
        first = _swept(receiving, Context(*[60_000] * 5, 1_000))[0]
        assert MOST_A_SHARD <= first <= 4 * MOST_A_SHARD
        rest = [_swept(receiving)[0] for _ in range(3)]
        assert first + sum(rest) == count
        assert len({one.file_id for one in receiving.images()}) == count

    @pytest.mark.parametrize("place", range(10))
    def test_are_sent_again_whatever_call_fails(self, receiving: Receiving, time: Clock, place: int) -> None:
        self._lost(receiving, time)
        time.later(AGAIN + 5)
        failing = receiving.tables.failing_at(20 + place)
        try:
            _swept(receiving)
        except ClientError:
            assert failing.failed
        receiving.good_again()
        time.later(3 * AGAIN)
        _swept(receiving)
        assert {one.file_id for one in receiving.images()} == {file_id_of(ONE)}

    def test_wait_not_behind_a_row_of_a_later_release(self, receiving: Receiving, time: Clock) -> None:
        self._lost(receiving, time)
        for n in range(50):
            row = receiving.ledger.receive(file_row(b"%d" % n), 1)
            receiving.tables.client.update_item(
                TableName="ledger",
                Key={"batch_id": {"S": row.batch_id}, "item": {"S": f"file#{row.file_id}"}},
                UpdateExpression="SET v = :v",
                ExpressionAttributeValues={":v": {"N": "2"}},
            )
        time.later(AGAIN + 5)
        with pytest.raises(NewerVersion):
            _swept(receiving)
        assert [one.file_id for one in receiving.images()] == [file_id_of(ONE)]

    def test_wait_for_the_next_run_where_no_time_is_left(self, receiving: Receiving, time: Clock) -> None:
        self._lost(receiving, time)
        time.later(AGAIN + 5)
        assert _swept(receiving, Context(60_000, 1_000)) == (0, 0)
        assert _swept(receiving)[0] == 1

    def test_are_due_still_where_the_queue_does_not_take_them(self, receiving: Receiving, time: Clock) -> None:
        self._lost(receiving, time)
        time.later(AGAIN + 5)
        receiving.cloud.meddler = Closed("SendMessageBatch")
        with pytest.raises(Exception, match="images"):
            _swept(receiving)
        receiving.good_again()
        assert _swept(receiving)[0] == 1


class TestUploads:
    def test_that_nobody_was_told_of_are_found_in_the_bucket(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE, TWO, jpeg("never comes"))
        receiving.upload(batch_id, 0, ONE)
        receiving.run(time.later)
        receiving.upload(batch_id, 1, TWO)
        _lose(receiving, "intake")
        assert _swept(receiving)[1] == 0, "an upload may still be under way"
        time.later(asking.SECONDS + 5)
        assert _swept(receiving)[1] == 1
        receiving.run(time.later)
        assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(ONE), file_id_of(TWO)]
        time.later(CLOSED)
        assert _swept(receiving)[1] == 0
        lists = Listing()
        receiving.cloud.meddler = lists
        time.later(30 * 86_400)
        assert _swept(receiving)[1] == 0
        assert lists.seen == 0, "a batch that is closed is looked at no more"

    def test_are_found_on_each_page_of_the_buckets_list(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE, TWO, jpeg("three"))
        for slot, content in enumerate((ONE, TWO, jpeg("three"))):
            receiving.upload(batch_id, slot, content)
        _lose(receiving, "intake")
        time.later(asking.SECONDS + 5)
        receiving.cloud.meddler = Short()
        assert _swept(receiving)[1] == 3

    def test_an_archive_whose_parts_were_lost_is_taken_apart_again(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.archived(zipped({f"{n}.jpg": jpeg(f"{n}") for n in range(60)}))
        receiving.step()
        receiving.step(most=1)
        _lose(receiving, "intake")
        time.later(asking.SECONDS + 5)
        assert _swept(receiving)[1] == 1
        receiving.run(time.later)
        assert [one.place for one in receiving.outcomes(batch_id)] == list(range(60))
        assert len({one.file_id for one in receiving.images()}) == 60
        time.later(5 * AGAIN)
        assert _swept(receiving)[1] == 0

    def test_an_archive_that_is_gone_leaves_nothing_open(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.archived(zipped({f"{n}.jpg": jpeg(f"{n}") for n in range(60)}))
        receiving.step()
        receiving.step(most=1)
        _lose(receiving, "intake")
        receiving.s3.delete_object(Bucket="uploads", Key=f"in/{batch_id}/archive.zip")
        for _ in range(30):
            time.later(AGAIN)
            assert _swept(receiving)[1] == 0
        counts = receiving.account(batch_id).body["counts"]
        assert counts["expected"] == 0
        assert counts["received"] + counts["quarantined"] == 60
        assert set(receiving.reasons(batch_id).values()) == {"bytes-gone"}

    def test_what_split_never_takes_is_told_of_later_each_time(self, receiving: Receiving, time: Clock) -> None:
        receiving.archived(zipped({"a.jpg": ONE}))
        told = 0
        for _ in range(14 * 24):
            _lose(receiving, "intake")
            time.later(3600)
            told += _swept(receiving)[1]
        assert 8 <= told <= 20

    def test_a_batch_whose_ledger_is_out_holds_up_no_other(self, receiving: Receiving, time: Clock) -> None:
        for n in range(20):
            receiving.open_files(ONE, token=f"t{n}")
            receiving.put(f"in/{receiving.batch_of('customer-1', f't{n}')}/000", ONE)
        time.later(asking.SECONDS + 5)
        failing = receiving.tables.failing_at(60)
        with pytest.raises(Exception, match="InternalServerError"):
            _swept(receiving)
        assert failing.failed
        receiving.good_again()
        receiving.run(time.later)
        time.later(2 * AGAIN)
        _swept(receiving)
        receiving.run(time.later)
        assert len({one.batch_id for one in receiving.images()}) == 20


class Closed(Nobody):
    """Refuses an operation, always."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def before(self, call: Call) -> None:
        if call.operation == self._operation:
            raise refusal(call.operation)


class Listing(Nobody):
    """Counts the lists of a bucket."""

    seen = 0

    def before(self, call: Call) -> None:
        self.seen += call.operation == "ListObjectsV2"


class Short(Nobody):
    """Ends each page of a bucket's list after one key."""

    def before(self, call: Call) -> None:
        call.most_items = 1 if call.operation == "ListObjectsV2" else None
