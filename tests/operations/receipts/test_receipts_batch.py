"""`make batch` and `make review`: the account of a batch, and what a person has to look at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from receipts import documents
from receipts.documents import Document
from receipts.fields import Box, Field, Receipt
from receipts.ids import customer_key
from tests.lambda_src.receipts.tables import CUSTOMER
from tests.operations.receipts.receipts_operated import Operated, operated
from tests.operations.screens import assert_screen
from tools.common.errors import CommandError
from tools.operations import audit
from tools.operations.receipts import batch, review

__all__ = ["operated"]


def test_the_account_adds_up_and_names_every_file(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.later(7)
    operated.read(batch_id, "a.jpg")
    assert batch.run(operated.deployment, operated.console, batch.Options(batch_id)) == 0
    said = operated.printed()
    assert f"batch {batch_id} of {CUSTOMER}: an archive of 4 entries, opened 2026-11-21T08:00:00" in said
    assert "1 received + 1 read + 1 quarantined + 1 same = 4 files; under way" in said
    assert re.search(r"last result .*, \d+\.0 s after it was opened", said)
    assert "a.jpg = again.jpg" in said
    assert "deep/b.jpg" in said
    assert "notes.jpg: quarantined\n      not-an-image: " in said
    kept = said.replace(batch_id, "b" * 26)
    assert_screen("batch", re.sub(r"file \w{16,}", "file " + "f" * 26, kept))


def test_a_batch_that_nothing_came_of(operated: Operated) -> None:
    batch_id = operated.receiving.open_archive(b"zip")
    batch.run(operated.deployment, operated.console, batch.Options(batch_id))
    said = operated.printed()
    assert "an archive that has not been looked into" in said
    assert "1 expected = 1 files; under way" in said


def test_a_long_account_is_cut_and_says_so(operated: Operated) -> None:
    batch_id = operated.batch()
    batch.run(operated.deployment, operated.console, batch.Options(batch_id, most=1))
    assert "… and 2 more: MOST=3 lists them" in operated.printed()


@pytest.mark.parametrize(
    ("batch_id", "words"),
    [("", "say which: make batch BATCH=…"), ("' OR 1", "is no batch's id"), ("a" * 26, "simulated has no batch aaaa")],
)
def test_a_batch_that_there_is_not(operated: Operated, batch_id: str, words: str) -> None:
    with pytest.raises(CommandError, match=re.escape(words)):
        batch.run(operated.deployment, operated.console, batch.Options(batch_id))


def document(operated: Operated, batch_id: str, *receipts: Receipt) -> bytes:
    """The document of a.jpg."""
    row = operated.file(batch_id, "a.jpg")
    values: dict[str, Any] = {name: getattr(row, name) for name in ("batch_id", "customer_id", "file_id")}
    made = Document(
        **values, names=["a.jpg"], read_at="2026-11-21T08:00:01Z", reader="textract", pages=1, width=100,
        height=200, notes=[], receipts=documents.receipts_of(receipts, [None] * len(receipts)),
    )  # fmt: skip
    return documents.encode(made)


SURE = Field("12.30", 99, "printed-twice", review=False, box=Box(1, 0.1, 0.1, 0.1, 0.1))
UNSURE = Field("2026-04-03", 40, "ambiguous-day-and-month", review=True, alternatives=("2026-03-04",))
GONE = Field(None, 0, "not-found", review=True)
RECEIPT = Receipt(
    page=1,
    kind=Field("purchase", 90, "no-sign", review=False),
    merchant=GONE,
    date=UNSURE,
    currency=Field("EUR", 99, "printed", review=False),
    total=SURE,
)


def test_what_is_not_sure_is_told_with_both_readings(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", document=document(operated, batch_id, RECEIPT), review=True)
    operated.read(batch_id, "deep/b.jpg")
    for options in (review.Options(), review.Options(batch_id)):
        assert review.run(operated.deployment, operated.console, options) == 0
        said = operated.printed()
        assert f"{batch_id} {operated.id_of(batch_id, 'a.jpg')} a.jpg ({CUSTOMER})" in said
        told = "date 2026-04-03 or 2026-03-04 (ambiguous-day-and-month)"
        assert f"receipt 1, page 1: merchant not found (not-found); {told}" in said
        assert "total" not in said
        assert "1 files for review in " in said
        assert "deep/b.jpg" not in said


def test_what_became_of_each_fact_is_told(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", document=document(operated, batch_id, RECEIPT), review=True)
    operated.deliver(batch_id, "a.jpg")
    assert operated.deliveries.close_review(operated.file(batch_id, "a.jpg"), 1, operated.now)
    batch.run(operated.deployment, operated.console, batch.Options(batch_id))
    said = operated.printed()
    assert "1 to be delivered, 0 to be looked at by a person" in said
    assert "last delivery 2026-11-21T08:0" in said
    assert "a.jpg = again.jpg: delivered\n      1 receipt; delivery stands, waits; review closed\n" in said


class TestClosing:
    """`make review FILE=…`: by the function's own work."""

    def close(self, operated: Operated, batch_id: str, file_id: str, **options: Any) -> str:
        chosen = review.Options(batch_id, file_id=file_id, confirm=True, **options)
        assert review.run(operated.deployment, operated.console, chosen) == 0
        return operated.printed()

    def opened(self, operated: Operated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, str]:
        monkeypatch.setattr(audit, "BUILD", tmp_path)
        batch_id = operated.batch()
        operated.read(batch_id, "a.jpg", document=document(operated, batch_id, RECEIPT), review=True)
        row = operated.file(batch_id, "a.jpg")
        key = documents.key_of(customer_key(row.customer_id), row.file_id)
        operated.receiving.s3.put_object(Bucket="documents", Key=key, Body=document(operated, batch_id, RECEIPT))
        return batch_id, row.file_id

    def test_a_value_is_corrected_and_sent(
        self, operated: Operated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        batch_id, file_id = self.opened(operated, monkeypatch, tmp_path)
        with pytest.raises(CommandError, match="something is still not sure"):
            self.close(operated, batch_id, file_id, fields="date=2026-03-04")
        with pytest.raises(CommandError, match="a field cannot be so"):
            self.close(operated, batch_id, file_id, fields="total=12,50", accept=True)
        with pytest.raises(CommandError, match="must be name=value"):
            self.close(operated, batch_id, file_id, fields="total")
        said = self.close(operated, batch_id, file_id, fields="date=2026-03-04; merchant=Café A, B")
        assert "closed, as revision 1" in said
        assert operated.file(batch_id, "a.jpg").revisions == "ww"
        (sent,) = operated.receiving.sqs.receive_message(QueueUrl=operated.cloud.sqs.url("delivery"))["Messages"]
        assert '"revision":1' in sent["Body"]
        with pytest.raises(CommandError, match="somebody else has closed this review"):
            self.close(operated, batch_id, file_id, accept=True)

    def test_nothing_is_closed_that_nobody_confirms(
        self, operated: Operated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        batch_id, file_id = self.opened(operated, monkeypatch, tmp_path)
        options = review.Options(batch_id, file_id=file_id, accept=True)
        assert review.run(operated.deployment, operated.console, options) == 0
        assert "nothing was changed" in operated.printed()
        assert operated.file(batch_id, "a.jpg").revisions == "w"


def test_a_picture_without_a_receipt_or_a_document(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", document=document(operated, batch_id), review=True)
    operated.read(batch_id, "deep/b.jpg", document=None, review=True)
    review.run(operated.deployment, operated.console, review.Options())
    said = operated.printed()
    assert "no receipt was found in it" in said
    assert "its document is no longer kept" in said
    review.run(operated.deployment, operated.console, review.Options(most=1))
    assert "… and more: MOST=1 were listed" in operated.printed()


def test_a_document_that_cannot_be_read_is_told_and_not_shown(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", document=b"\x1b[2J", review=True)
    review.run(operated.deployment, operated.console, review.Options())
    said = operated.printed()
    assert "its document cannot be read: it is not JSON that we write" in said
    assert "\x1b" not in said
