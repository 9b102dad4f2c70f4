"""split: uploads become rows and messages, each once, and whatever else came is accounted for."""

import json
from typing import Any

import pytest

from receipts.ids import file_id_of
from receipts.ledger import ReadResult
from receipts.rows import UPLOAD_LASTS_US, Outcome
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US, SECOND, Failing, Refusing, Tables
from tests.lambda_src.stack import Context

ONE, TWO = jpeg("one"), jpeg("two")


class TestFiles:
    def test_each_becomes_a_row_and_a_message(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE, TWO)
        for slot, content in enumerate((ONE, TWO)):
            receiving.upload(batch_id, slot, content)
        receiving.run(time.later)
        assert receiving.outcomes(batch_id) == [
            Outcome(0, "0.jpg", file_id=file_id_of(ONE)),
            Outcome(1, "1.jpg", file_id=file_id_of(TWO)),
        ]
        first = next(one for one in receiving.images() if one.file_id == file_id_of(ONE))
        assert (first.batch_id, first.customer_id, first.name) == (batch_id, CUSTOMER, "0.jpg")
        got = receiving.s3.get_object(Bucket=first.bucket, Key=first.key, IfMatch=first.etag)
        assert got["Body"].read() == ONE
        assert receiving.tables.states(batch_id) == {"0.jpg": "received", "1.jpg": "received"}

    def test_a_name_of_what_cannot_be_seen_keeps_no_file_back(self, receiving: Receiving, time: Clock) -> None:
        asked = asking.files(asking.file(ONE, name="\U000e0001" * 255))
        batch_id = asking.post(receiving.accept, asked).body["batch_id"]
        receiving.upload(batch_id, 0, ONE)
        receiving.run(time.later)
        assert [one.name for one in receiving.images()] == [("\\U000e0001" * 255)[:255]]

    def test_the_same_content_twice_is_one_file(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE, ONE)
        for slot in (0, 1):
            receiving.upload(batch_id, slot, ONE)
        receiving.run(time.later)
        assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(ONE)] * 2
        assert len(receiving.tables.states(batch_id)) == 1
        assert {one.file_id for one in receiving.images()} == {file_id_of(ONE)}

    def test_an_upload_that_comes_again_after_it_was_read_changes_nothing(
        self, receiving: Receiving, time: Clock
    ) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, ONE)
        receiving.run(time.later)
        receiving.images()
        receiving.ledger.read(batch_id, file_id_of(ONE), ReadResult("r", 1, is_for_review=False, read_at=NOW_US))
        receiving.upload(batch_id, 0, ONE)
        receiving.run(time.later)
        assert receiving.images() == []
        assert receiving.tables.states(batch_id) == {"0.jpg": "read"}

    @pytest.mark.parametrize(
        ("content", "content_type", "reason"),
        [
            (jpeg("two"), "image/jpeg", "bad-checksum"),
            (jpeg("more"), "image/jpeg", "bad-size"),
            (ONE, "text/html", "wrong-type"),
        ],
    )
    def test_what_is_not_as_announced_is_refused(
        self, receiving: Receiving, time: Clock, content: bytes, content_type: str, reason: str
    ) -> None:
        """S3 refuses these at the door; this is for whoever puts an object by another way."""
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, content, content_type)
        receiving.run(time.later)
        assert receiving.reasons(batch_id) == {"0.jpg": reason}
        (line,) = receiving.quarantined()
        assert (line["reason"], line["batch_id"], line["key"]) == (reason, batch_id, f"in/{batch_id}/000")
        assert receiving.images() == []
        receiving.upload(batch_id, 0, ONE)  # and the right one is taken all the same
        receiving.run(time.later)
        assert receiving.outcomes(batch_id) == [Outcome(0, "0.jpg", file_id=file_id_of(ONE))]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"hello", "not-an-image"),
            (b"GIF89a....", "unsupported-type"),
            (zipped({"a.jpg": ONE}), "nested-archive"),
        ],
    )
    def test_what_is_no_picture_is_refused(
        self, receiving: Receiving, time: Clock, content: bytes, reason: str
    ) -> None:
        batch_id = receiving.open_files(content, TWO)
        receiving.upload(batch_id, 0, content)
        receiving.upload(batch_id, 1, TWO)
        receiving.run(time.later)
        assert receiving.reasons(batch_id) == {"0.jpg": reason}
        assert [one.file_id for one in receiving.images()] == [file_id_of(TWO)]

    def test_a_png_named_jpg_is_what_its_bytes_say(self, receiving: Receiving, time: Clock) -> None:
        png = b"\x89PNG\r\n\x1a\n" + b"rest"
        batch_id = receiving.open_files(png)
        receiving.upload(batch_id, 0, png)
        receiving.run(time.later)
        assert receiving.reasons(batch_id) == {}

    def test_a_file_too_many_is_refused(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE)
        for slot in (1, 25, None):
            receiving.upload(batch_id, slot, TWO)
        receiving.run(time.later)
        assert sorted(receiving.reasons(batch_id).items()) == [
            ("001", "unknown-slot"),
            ("025", "unknown-slot"),
            ("archive.zip", "unknown-slot"),
        ]
        assert receiving.images() == []

    def test_an_upload_long_after_its_address_expired_is_refused(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE, TWO)
        time.later(asking.SECONDS + UPLOAD_LASTS_US / SECOND - 1)
        receiving.upload(batch_id, 0, ONE)  # which may have begun in time
        time.later(2)
        receiving.upload(batch_id, 1, TWO)
        receiving.run(time.later)
        assert receiving.reasons(batch_id) == {"1.jpg": "upload-expired"}

    def test_an_upload_that_was_deleted_is_accounted_for(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, ONE)
        receiving.s3.delete_object(Bucket="uploads", Key=f"in/{batch_id}/000")
        receiving.run(time.later)
        assert receiving.reasons(batch_id) == {"0.jpg": "bytes-gone"}


class TestOtherMessages:
    @pytest.mark.parametrize("key", ["in/x/000", f"in/{BATCH_ID}/1", "other", f"in/{BATCH_ID}/a/b", "in/../000"])
    def test_what_belongs_to_no_batch_is_quarantined(self, receiving: Receiving, time: Clock, key: str) -> None:
        receiving.tell(receiving.put(key, ONE))
        receiving.run(time.later)
        (line,) = receiving.quarantined()
        assert (line["reason"], line["bucket"], line["key"]) == ("no-batch", "uploads", key)
        assert receiving.images() == []

    def test_another_buckets_event_is_quarantined(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.tell(receiving.put(f"in/{batch_id}/000", ONE).replace('"uploads"', '"others"'))
        receiving.run(time.later)
        assert [line["reason"] for line in receiving.quarantined()] == ["no-batch"]

    def test_s3s_test_event_is_done_with(self, receiving: Receiving) -> None:
        receiving.tell(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}))
        assert receiving.step() == (1, 0)
        assert receiving.quarantined() == []

    def test_what_cannot_be_read_is_quarantined_as_it_came(self, receiving: Receiving) -> None:
        receiving.tell("no JSON")
        assert receiving.step() == (1, 0)
        (line,) = receiving.quarantined()
        assert (line["reason"], line["body"]) == ("not-json", "no JSON")

    def test_whatever_is_refused_is_counted_for_the_alarm(
        self, receiving: Receiving, time: Clock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.tell("no JSON")
        receiving.tell(receiving.put("other", ONE))
        receiving.upload(batch_id, 0, TWO)
        capsys.readouterr()
        assert receiving.step() == (3, 0)
        written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        counted = [line["IntakeQuarantined"] for line in written if "IntakeQuarantined" in line]
        assert sum(n for (n,) in counted) == 3 == len(receiving.quarantined())

    def test_a_later_releases_message_waits(self, receiving: Receiving) -> None:
        receiving.tell('{"v": 2}')
        assert receiving.step() == (1, 1)
        assert receiving.quarantined() == []

    def test_one_bad_message_fails_alone(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.tell('{"v": 2}')
        receiving.upload(batch_id, 0, ONE)
        assert receiving.step() == (2, 1)
        assert len(receiving.images()) == 1


def _settled(receiving: Receiving, batch_id: str) -> Any:
    """All that a batch has come to, without times."""
    return (
        receiving.outcomes(batch_id),
        receiving.tables.states(batch_id),
        sorted(receiving.cloud.s3.buckets["documents"]),
        receiving.tables.used(),
    )


ARCHIVE = zipped({"a.jpg": ONE, "b.txt": b"no picture", "c/d.jpg": TWO, "again.jpg": ONE, "__MACOSX/._a.jpg": b"x"})


PLACES = 36  # twice the calls that split makes for this archive


class TestTrouble:
    def test_every_place_is_tried(self, receiving: Receiving, time: Clock) -> None:
        receiving.archived(ARCHIVE)
        counting = receiving.cloud.meddler = Breaking(-1)
        receiving.run(time.later)
        assert counting.seen == PLACES

    @pytest.mark.parametrize("place", range(PLACES))
    @pytest.mark.parametrize("crashes", [False, True], ids=["fails", "crashes"])
    def test_a_call_that_fails_changes_nothing_in_the_end(
        self, simulated: Any, tables: Tables, time: Clock, place: int, crashes: bool
    ) -> None:
        """Every call of split fails once, or is its last: before its effect, or after it."""
        receiving = Receiving(simulated, tables)
        batch_id = receiving.archived(ARCHIVE)
        failing = Breaking(place, crashes=crashes)
        simulated.meddler = failing
        receiving.run(time.later)
        assert failing.failed
        assert _settled(receiving, batch_id) == (
            [
                Outcome(0, "a.jpg", file_id=file_id_of(ONE)),
                Outcome(1, "b.txt", reason="not-an-image", detail="its first bytes are those of no picture"),
                Outcome(2, "c/d.jpg", file_id=file_id_of(TWO)),
                Outcome(3, "again.jpg", file_id=file_id_of(ONE)),
                Outcome(4, "__MACOSX/._a.jpg", reason="ignored", detail="a file of the system's", ignored=True),
            ],
            {"a.jpg": "received", "c/d.jpg": "received"},
            sorted(f"images/{batch_id}/{file_id_of(content)}" for content in (ONE, TWO)),
            {"batches": 1, "files": 4, "bytes": len(ARCHIVE)},
        )
        assert len(receiving.quarantined()) == 1
        assert {one.file_id for one in receiving.images()} == {file_id_of(ONE), file_id_of(TWO)}

    def test_a_queue_that_takes_no_image_holds_the_upload_up(self, receiving: Receiving, time: Clock) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, ONE)
        receiving.cloud.meddler = Refusing("SendMessageBatch")
        assert receiving.step() == (1, 1)
        assert receiving.outcomes(batch_id) == []
        receiving.good_again()
        time.later(61)
        assert receiving.step() == (1, 0)
        assert len(receiving.images()) == 1

    def test_messages_that_no_time_is_left_for_are_kept(self, receiving: Receiving) -> None:
        batch_id = receiving.open_files(ONE)
        receiving.upload(batch_id, 0, ONE)
        assert receiving.step(Context(30_000, 1_000)) == (1, 1)
        assert receiving.outcomes(batch_id) == []


class Breaking(Failing):
    """Fails one call of split's own: not those by which the test receives and deletes."""

    def _step(self, call: Any) -> None:
        if call.operation not in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibilityBatch"):
            super()._step(call)
