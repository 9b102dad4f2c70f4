"""A large archive: taken apart by many, going on where one's time was over, in few requests."""

import io
import zipfile
from typing import Any

import pytest

from receipts import archive
from receipts.ids import file_id_of
from receipts.ranged import BLOCK_BYTES, Ranged
from receipts.settings import MOST_ENTRIES, MOST_FILE_BYTES
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.receiving import LARGE, Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import Refusing, Tables
from tests.lambda_src.stack import Context
from tools.simulation.aws.calls import Call, Nobody


class TestALargeOne:
    COUNT = 60
    FILES = tuple(jpeg(f"{n}") for n in range(COUNT))

    def _archived(self, receiving: Receiving) -> str:
        return receiving.archived(zipped({f"{n}.jpg": one for n, one in enumerate(self.FILES)}))

    def test_is_taken_apart_by_many(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._archived(receiving)
        assert receiving.step() == (1, 0)
        assert receiving.cloud.sqs.queues["intake"].depths()[0] == 3, "a message for 25, 25 and 10 entries"
        found = receiving.ledger.batch(batch_id)
        assert found
        assert (found.entries, found.ranges) == (self.COUNT, 3)
        for _ in range(3):
            assert receiving.step(most=1) == (1, 0)
        assert receiving.step() == (0, 0), "two hops, and no more"
        assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(one) for one in self.FILES]
        assert len(receiving.images()) == self.COUNT

    def test_whose_parts_the_queue_does_not_take_is_not_taken_for_planned(
        self, receiving: Receiving, time: Clock
    ) -> None:
        batch_id = self._archived(receiving)
        receiving.cloud.meddler = Refusing("SendMessageBatch")
        assert receiving.step() == (1, 1)
        receiving.good_again()
        receiving.run(time.later)
        assert [one.place for one in receiving.outcomes(batch_id)] == list(range(self.COUNT))

    def test_goes_on_where_its_time_was_over(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._archived(receiving)
        receiving.step()
        receiving.step(Context(30_000, 30_000, 30_000, 30_000, 1_000), most=1)
        before = [one.place for one in receiving.outcomes(batch_id)]
        assert len(before) == 2
        assert len(receiving.images()) == 2, "what is taken out is sent at once"
        puts = len(receiving.cloud.s3.buckets["documents"])
        receiving.run(time.later)
        assert [one.place for one in receiving.outcomes(batch_id)] == list(range(self.COUNT))
        assert len(receiving.cloud.s3.buckets["documents"]) == self.COUNT
        assert puts == 2
        assert len(receiving.images()) == self.COUNT - 2

    def test_that_is_replaced_while_it_is_read_is_left_to_the_new_one(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._archived(receiving)
        receiving.step()
        other = zipped({f"{n}.jpg": one for n, one in enumerate(self.FILES)}).replace(b"0.jpg", b"x.jpg")
        receiving.put(f"in/{batch_id}/archive.zip", other)
        receiving.run(time.later)
        assert receiving.outcomes(batch_id) == []
        assert receiving.quarantined() == []

    def test_that_is_deleted_while_it_is_read_is_accounted_for(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._archived(receiving)
        receiving.step()
        receiving.step(most=1)
        receiving.s3.delete_object(Bucket="uploads", Key=f"in/{batch_id}/archive.zip")
        receiving.run(time.later)
        found = receiving.outcomes(batch_id)
        assert [one.place for one in found] == list(range(self.COUNT))
        assert {one.reason for one in found if not one.file_id} == {"bytes-gone"}

    def test_comes_twice_and_is_taken_once(self, receiving: Receiving, time: Clock) -> None:
        batch_id = self._archived(receiving)
        receiving.run(time.later)
        first = receiving.outcomes(batch_id)
        receiving.images()
        content = receiving.cloud.s3.buckets["uploads"][f"in/{batch_id}/archive.zip"].body
        receiving.upload(batch_id, None, content, "application/zip")
        writes = Counting("PutObject", "PutItem")
        receiving.cloud.meddler = writes
        receiving.run(time.later)
        assert receiving.outcomes(batch_id) == first
        assert writes.seen == 0
        assert receiving.images() == []


def test_the_same_bytes_become_one_object(receiving: Receiving, time: Clock) -> None:
    receiving.archived(zipped({f"{n}.jpg": jpeg("a") for n in range(20)}))
    puts = Counting("PutObject")
    receiving.cloud.meddler = puts
    receiving.run(time.later)
    assert puts.seen == 1
    assert len(receiving.images()) == 1


class Counting(Nobody):
    """Counts the calls of some operations."""

    def __init__(self, *operations: str) -> None:
        self._operations, self.seen = operations, 0

    def before(self, call: Call) -> None:
        self.seen += call.operation in self._operations


def test_an_archive_over_a_customers_day_is_refused_whole(simulated: Any, tables: Tables, time: Clock) -> None:
    receiving = Receiving(simulated, tables, LARGE.model_copy(update={"files": 1}))
    batch_id = receiving.archived(zipped({"a.jpg": jpeg("a"), "b.jpg": jpeg("b")}))
    receiving.run(time.later)
    assert receiving.reasons(batch_id) == {"archive.zip": "over-daily-limit"}
    assert receiving.images() == []


def test_what_unpacks_to_more_than_it_weighs_is_charged_so(receiving: Receiving, time: Clock) -> None:
    content = zipped({"a.jpg": jpeg("0" * 100_000)}, zipfile.ZIP_DEFLATED)
    receiving.archived(content)
    receiving.run(time.later)
    assert receiving.tables.used() == {"batches": 1, "files": 1, "bytes": 100_004}


class TestRanges:
    """What an archive costs in requests, in counted units."""

    def _gets(self, receiving: Receiving, time: Clock, content: bytes) -> int:
        receiving.archived(content)
        counting = Counting("GetObject")
        receiving.cloud.meddler = counting
        receiving.run(time.later)
        return counting.seen

    def test_few_requests_read_much(self, receiving: Receiving, time: Clock) -> None:
        """100 files of 20 KB: 2 MB in 5 invocations, each with one look at the directory."""
        content = zipped({f"{n}.jpg": jpeg(f"{n}").ljust(20_000, b"\0") for n in range(100)})
        assert len(content) // BLOCK_BYTES == 3
        assert self._gets(receiving, time, content) == 5 + 4

    def test_a_range_asks_for_the_object_that_is_meant(self, receiving: Receiving) -> None:
        etag = receiving.s3.put_object(Bucket="uploads", Key="k", Body=b"0123456789")["ETag"]
        file = Ranged(receiving.s3, "uploads", "k", etag, 10)
        assert (file.seek(4), file.read(3), file.read(9), file.read(1)) == (4, b"456", b"789", b"")
        assert (file.seek(-2, io.SEEK_END), file.read(), file.tell()) == (8, b"89", 10)
        with pytest.raises(OSError, match="before the start"):
            file.seek(-1)


def test_as_many_entries_as_may_be_are_parts_of_a_bounded_size() -> None:
    entries = [zipfile.ZipInfo(f"{n}") for n in range(MOST_ENTRIES)]
    for n, entry in enumerate(entries):
        entry.file_size = n * 20_000
    parts = archive.parts_of(entries)
    assert [part.first for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert (parts[0].first, parts[-1].end) == (0, MOST_ENTRIES)
    for part in parts:
        size = sum(min(entry.file_size, MOST_FILE_BYTES) for entry in entries[part.first : part.end])
        assert 1 <= part.end - part.first <= archive.RANGE_ENTRIES
        assert size <= archive.RANGE_BYTES or part.end - part.first == 1
