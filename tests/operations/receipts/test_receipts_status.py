"""`make status` of receipts: what waits, files by state, and why files were refused."""

from __future__ import annotations

from tests.operations.receipts.receipts_operated import Operated, operated
from tools.operations.receipts import status

__all__ = ["operated"]


def test_an_empty_ledger(operated: Operated) -> None:
    waits, files, read, refused = status.lines(operated.deployment)
    assert waits == "waits: batches open for their uploads 0; files to be read 0; files to be delivered 0"
    assert files.endswith(": none")
    assert read == "receipts in them: 0; read in an earlier batch: 0"
    assert refused == "files refused, by reason: none"


def test_each_file_is_counted_in_its_state(operated: Operated) -> None:
    batch_id = operated.batch()
    assert "files to be read 2;" in next(status.lines(operated.deployment))
    operated.read(batch_id, "a.jpg", review=True)
    operated.refuse(batch_id, "deep/b.jpg")
    waits, files, read, refused, review = status.lines(operated.deployment)
    assert waits.startswith("waits: batches open for their uploads 1; files to be read 0; files to be delivered 1")
    assert files.endswith(": review 1, quarantined 1")
    assert read.startswith("receipts in them: 1;")
    assert refused == "files refused, by reason: truncated 1"
    assert review == "for review: 1: make review PIPELINE=receipts ENV=simulated"


def test_what_is_overdue_says_so(operated: Operated) -> None:
    operated.batch()
    operated.later(3595)
    assert "files to be read 2 (first due 2700 s ago)" in next(status.lines(operated.deployment))
