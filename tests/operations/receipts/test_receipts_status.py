"""`make status` of receipts: what waits, files by state, and why files were refused."""

from __future__ import annotations

from tests.operations.receipts.receipts_operated import Operated, operated
from tools.operations.receipts import status

__all__ = ["operated"]


def test_an_empty_ledger(operated: Operated) -> None:
    waits, files, read, refused = status.lines(operated.deployment)
    assert (
        waits == "waits: batches open for their uploads 0; files to be read 0; files to be delivered 0; "
        "delivered ones for review 0"
    )
    assert files.endswith(": none")
    assert read == "receipts in them: 0; read in an earlier batch: 0"
    assert refused == "files refused, by reason: none"


def test_each_file_is_counted_in_its_state(operated: Operated) -> None:
    batch_id = operated.batch()
    assert "files to be read 2;" in next(status.lines(operated.deployment))
    operated.read(batch_id, "a.jpg", review=True)
    operated.refuse(batch_id, "deep/b.jpg")
    waits, oldest, files, read, refused, review = status.lines(operated.deployment)
    assert oldest.startswith("oldest undelivered: 10 s: ")
    assert waits.startswith("waits: batches open for their uploads 1; files to be read 0; files to be delivered 1")
    assert files.endswith(": review 1, quarantined 1")
    assert read.startswith("receipts in them: 1;")
    assert refused == "files refused, by reason: truncated 1"
    assert review == "for review: 1: make review PIPELINE=receipts ENV=simulated"


def test_what_is_overdue_says_so(operated: Operated) -> None:
    operated.batch()
    operated.later(3595)
    assert "files to be read 2 (first due 2700 s ago)" in next(status.lines(operated.deployment))


def test_how_each_lane_is(operated: Operated) -> None:
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg", review=True)
    operated.deliver(batch_id, "a.jpg")
    operated.beat()
    operated.beat(lane="agent-site", reached=False, reason="unreachable")
    operated.later(12)
    waits, agent, lane, files, *_, review = status.lines(operated.deployment)
    assert waits.endswith("files to be delivered 0; delivered ones for review 1 (first read 22 s ago)")
    assert agent == "lane agent-site: did not reach the database (unreachable), 12 s ago; release 1"
    assert lane == "lane lambda-0: reached the database, 12 ms, 100 rows a transaction, 12 s ago; release 1"
    assert files.endswith(": received 1, delivered 1")
    assert review.startswith("for review: 1"), "it is delivered, and open"
