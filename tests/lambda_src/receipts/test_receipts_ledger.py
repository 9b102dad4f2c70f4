"""The ledger: a row is the truth, a repeat changes nothing, a late write undoes nothing."""

from collections.abc import Callable
from typing import Any

from receipts.expected import Expected
from receipts.ledger import MOST_RESENT_US, RESENT_US, Ledger, ReadResult
from receipts.reasons import Reason, Refusal
from receipts.rows import WAITING_SHARDS, Outcome, State, Waiting
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.tables import BATCH_ID, NOW_US, SECOND, Tables, batch, create, file_row

READ = ReadResult("results/c/f.json", 2, is_for_review=False, read_at=NOW_US + 5 * SECOND)
REFUSED = Refusal(Reason.EMPTY, "it has no bytes")


def _due(ledger: Ledger, what: Waiting, before: int) -> list[tuple[str, str]]:
    return [one for shard in range(WAITING_SHARDS) for one in ledger.due(what, shard, before, 10)]


def test_a_batch_is_opened_once(tables: Tables) -> None:
    first = tables.ledger.open_batch(batch())
    assert first == batch()
    assert tables.ledger.open_batch(batch(content="d" * 64, created_at=NOW_US + 1)) == first
    assert tables.ledger.batch(BATCH_ID) == first
    assert tables.ledger.batch("other") is None


def test_an_archive_is_kept_as_it_was_announced(tables: Tables) -> None:
    archive = Expected("my.zip", 10**9, "a" * 64, "application/zip")
    made = batch(kind="archive", archive=archive, files=0)
    tables.ledger.open_batch(made)
    tables.ledger.ready(made, made.expires_at)
    tables.ledger.planned(BATCH_ID, 40, 2)
    tables.ledger.planned(BATCH_ID, 41, 3)  # of a late worker
    assert tables.ledger.batch(BATCH_ID) == made._replace(is_ready=True, entries=40, ranges=2)


def test_only_a_batch_that_is_not_ready_can_be_forgotten(tables: Tables) -> None:
    tables.ledger.open_batch(batch())
    tables.ledger.forget_batch(BATCH_ID)
    assert tables.ledger.batch(BATCH_ID) is None
    assert not tables.ledger.ready(batch(), NOW_US)
    tables.ledger.open_batch(batch())
    assert tables.ledger.ready(batch(), NOW_US + 1)
    tables.ledger.forget_batch(BATCH_ID)
    found = tables.ledger.batch(BATCH_ID)
    assert found
    assert (found.is_ready, found.expires_at) == (True, NOW_US + 1)


def test_a_slot_is_found_by_its_number(tables: Tables) -> None:
    files = [Expected(f"{n}.jpg", n + 1, f"{n:064x}", "image/jpeg") for n in range(30)]
    tables.ledger.put_manifest(batch(), 0, files[:25])
    tables.ledger.put_manifest(batch(), 25, files[25:])
    assert [tables.ledger.expected(BATCH_ID, n) for n in (0, 24, 25, 29)] == [files[n] for n in (0, 24, 25, 29)]
    assert [tables.ledger.expected(BATCH_ID, n) for n in (30, 50, 999)] == [None] * 3


def test_a_file_is_received_once_and_read_once(tables: Tables) -> None:
    ledger, row = tables.ledger, file_row()
    first = ledger.receive(row, batch().ttl)
    assert first == row._replace(due_at=NOW_US + RESENT_US)
    assert ledger.receive(file_row(name="again.jpg", received_at=NOW_US + 9), batch().ttl) == first
    assert ledger.read(BATCH_ID, row.file_id, READ)
    found = ledger.file(BATCH_ID, row.file_id)
    assert found
    assert (found.state, found.result_key, found.receipts, found.read_at) == (
        State.READ,
        READ.result_key,
        2,
        READ.read_at,
    )
    assert not ledger.read(BATCH_ID, row.file_id, READ._replace(receipts=7))
    assert not ledger.quarantine(BATCH_ID, row.file_id, REFUSED, NOW_US)
    assert ledger.receive(row, batch().ttl) == found
    assert ledger.file(BATCH_ID, row.file_id) == found


def test_what_is_not_there_is_neither_read_nor_refused(tables: Tables) -> None:
    assert not tables.ledger.read(BATCH_ID, "f" * 32, READ)
    assert not tables.ledger.quarantine(BATCH_ID, "f" * 32, REFUSED, NOW_US)
    assert not tables.ledger.claim_pixels(BATCH_ID, "f" * 32, 5)
    assert list(tables.ledger.items(BATCH_ID)) == []


def test_a_files_way_is_in_its_row(tables: Tables) -> None:
    for content, is_for_review in ((b"a", True), (b"b", False)):
        tables.ledger.receive(file_row(content, name=content.decode()), 1)
        result = READ._replace(is_for_review=is_for_review, same_as="x" * 26)
        tables.ledger.read(BATCH_ID, file_row(content).file_id, result)
    tables.ledger.receive(file_row(b"c", name="c"), 1)
    assert tables.ledger.quarantine(BATCH_ID, file_row(b"c").file_id, REFUSED, NOW_US + 3)
    found = tables.ledger.file(BATCH_ID, file_row(b"c").file_id)
    assert found
    assert (found.reason, found.detail, found.read_at) == ("empty", "it has no bytes", NOW_US + 3)
    assert tables.states() == {"a": "review", "b": "read", "c": "quarantined"}


def test_pixels_are_claimed_once(tables: Tables) -> None:
    row = file_row()
    tables.ledger.receive(row, 1)
    assert tables.ledger.claim_pixels(BATCH_ID, row.file_id, 500)
    assert not tables.ledger.claim_pixels(BATCH_ID, row.file_id, 600)
    found = tables.ledger.file(BATCH_ID, row.file_id)
    assert found
    assert found.pixels == 500


def test_later_outcomes_replace_fewer_and_good_ones_refusals(tables: Tables) -> None:
    refused = Outcome(0, "a.jpg", reason="truncated", detail="cut off")
    right, ignored = Outcome(0, "a.jpg", file_id="f" * 32), Outcome(1, "._b", reason="empty", ignored=True)

    def settle(*outcomes: Outcome) -> bool:
        return tables.ledger.settle(batch(), "range#0000", outcomes)

    assert settle(refused)
    assert not settle(refused)
    assert settle(right)
    assert not settle(refused)
    assert settle(right, ignored)
    assert not settle(right)
    assert tables.ledger.outcomes(BATCH_ID, "range#0000") == [right, ignored]
    assert tables.ledger.outcomes(BATCH_ID, "range#0025") == []


def test_rows_come_in_pages(tables: Tables) -> None:
    long = "x" * 900
    for n in range(1_500):
        tables.ledger.receive(file_row(b"%d" % n, name=long), 1)
    assert len({item["item"]["S"] for item in tables.ledger.items(BATCH_ID)}) == 1_500


def test_what_waits_too_long_is_due_and_later_each_time(tables: Tables, time: Clock) -> None:
    row = tables.ledger.receive(file_row(), 1)
    time.later(10)
    assert _due(tables.ledger, Waiting.IMAGE, NOW_US + RESENT_US) == []
    at = NOW_US + RESENT_US + 1
    assert _due(tables.ledger, Waiting.IMAGE, at) == [(BATCH_ID, f"file#{row.file_id}")]
    pauses = []
    for _ in range(7):
        assert tables.ledger.sent_again(row, at)
        assert not tables.ledger.sent_again(row, at)  # of another sweep
        again = tables.ledger.file(BATCH_ID, row.file_id)
        assert again
        assert again.due_at
        pauses.append((again.due_at - at) // (60 * SECOND))
        row = again
    assert pauses == [30, 60, 120, 240, 360, 360, 360]
    assert MOST_RESENT_US == 360 * 60 * SECOND


def test_what_is_read_waits_for_its_delivery_and_what_is_refused_for_nothing(tables: Tables, time: Clock) -> None:
    for content in (b"a", b"b"):
        tables.ledger.receive(file_row(content), 1)
    tables.ledger.read(BATCH_ID, file_row(b"a").file_id, READ)
    tables.ledger.quarantine(BATCH_ID, file_row(b"b").file_id, REFUSED, NOW_US)
    time.later(10)
    later = NOW_US + 10 * MOST_RESENT_US
    assert _due(tables.ledger, Waiting.IMAGE, later) == []
    assert _due(tables.ledger, Waiting.DELIVERY, later) == [(BATCH_ID, f"file#{file_row(b'a').file_id}")]
    assert _due(tables.ledger, Waiting.DELIVERY, READ.read_at + RESENT_US) == []


def test_a_batchs_uploads_are_looked_after_until_they_are_not(tables: Tables, time: Clock) -> None:
    tables.ledger.open_batch(batch())
    tables.ledger.ready(batch(), NOW_US + 900 * SECOND)
    time.later(10)
    assert _due(tables.ledger, Waiting.UPLOAD, NOW_US + 900 * SECOND) == []
    assert _due(tables.ledger, Waiting.UPLOAD, NOW_US + 901 * SECOND) == [(BATCH_ID, "#batch")]
    tables.ledger.look_again(BATCH_ID, NOW_US + 2000 * SECOND)
    time.later(10)
    assert _due(tables.ledger, Waiting.UPLOAD, NOW_US + 1999 * SECOND) == []
    tables.ledger.look_again(BATCH_ID, None)
    tables.ledger.look_again(BATCH_ID, NOW_US)  # by a sweep that was slower
    time.later(10)
    assert _due(tables.ledger, Waiting.UPLOAD, NOW_US + 9999 * SECOND) == []


def test_the_emulator_takes_every_write(emulator: Callable[[str], Any]) -> None:
    client = emulator("dynamodb")
    create(client, "receipts-ledger", "receipts-usage")
    ledger = Ledger(client, "receipts-ledger")
    made, row = batch(), file_row()
    assert ledger.open_batch(made) == made
    ledger.put_manifest(made, 0, [Expected("a", 1, "0" * 64, "image/png")])
    assert ledger.ready(made, NOW_US)
    assert ledger.settle(made, "slot#000", [Outcome(0, "a", file_id=row.file_id)])
    waiting = ledger.receive(row, 1)
    assert ledger.sent_again(waiting, NOW_US)
    assert _due(ledger, Waiting.IMAGE, NOW_US + 2 * RESENT_US + 1) == [(BATCH_ID, f"file#{row.file_id}")]
    assert ledger.claim_pixels(BATCH_ID, row.file_id, 3)
    assert ledger.read(BATCH_ID, row.file_id, READ)
    ledger.look_again(BATCH_ID, None)
    assert _due(ledger, Waiting.UPLOAD, NOW_US + 1) == []
    assert [item["item"]["S"] for item in ledger.items(BATCH_ID)] == [
        "#batch",
        f"file#{row.file_id}",
        "manifest#000",
        "slot#000",
    ]
