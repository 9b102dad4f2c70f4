"""The lines of a batch's report: what was sent, beside what stands in the database.

One line for each file that was sent, under each name that it came by; a receipt is a row of the
database, and so is each receipt of a correction.
"""

from collections.abc import Iterator
from typing import NamedTuple

from receipts import revisions
from receipts.accounting import EXPECTED, IGNORED, SAME, Account, Line
from receipts.delivery.messages import Standing
from receipts.ids import rfc3339
from receipts.rows import FileRow, State

STANDS, WAITING, MISSING, REFUSED = "stands", "waiting", "missing", "refused"
NO_RECEIPT, NOT_READABLE, NOT_READ, NOT_HERE = "no-receipt", "not-readable", "not-read", "not-here"
VERDICTS = (
    STANDS,
    WAITING,
    MISSING,
    REFUSED,
    NO_RECEIPT,
    NOT_READABLE,
    NOT_READ,
    NOT_HERE,
    SAME,
    IGNORED,
)


class Reported(NamedTuple):
    """A line, in the order of its columns.

    `rows_expected` are all receipts of all revisions that were not refused, `rows_standing` those
    that the database holds; `corrections` is how many times a review of it was closed.
    """

    place: int | None
    name: str
    file_id: str | None
    verdict: str
    state: str
    receipts: int | None
    corrections: int | None
    rows_expected: int | None
    rows_standing: int | None
    review: str | None
    reason: str | None
    detail: str | None
    received_at: str | None
    read_at: str | None
    delivered_at: str | None
    counted_at: str | None


def files_asked_of(account: Account) -> list[str]:
    """The files of which something may stand, by their ids."""
    return [line.row.file_id for line in account.lines if line.row and line.row.revisions]


def lines(account: Account, standing: Standing | None) -> Iterator[Reported]:
    """The report; `standing` is None where there was nothing to count."""
    for line in account.lines:
        first = _line(line, standing)
        yield first
        for name in line.names[1:]:
            yield first._replace(place=None, name=name, verdict=SAME)


def _line(line: Line, standing: Standing | None) -> Reported:
    row, there = line.row, None
    if row is not None and row.revisions and standing is not None:
        there = standing.keys.get(row.file_id)
        if (row.delivered_at or 0) > standing.at:
            there = None  # it came after the count
    return Reported(
        place=line.place if line.place >= 0 else None,
        name=line.names[0],
        file_id=row.file_id if row else None,
        verdict=_verdict(line, there),
        state=line.state,
        receipts=row.receipts if row else None,
        corrections=max(0, len(row.revisions) - 1) if row and row.revisions else None,
        rows_expected=_expected(row) if row and row.revisions else None,
        rows_standing=there,
        review=row.review if row else None,
        reason=line.reason,
        detail=line.detail,
        received_at=_time(row.received_at if row else None),
        read_at=_time(row.read_at if row else None),
        delivered_at=_time(row.delivered_at if row else None),
        counted_at=_time(standing.at if standing else None),
    )


def _verdict(line: Line, there: int | None) -> str:
    """What has become of a file; what the database says goes before what the ledger knows yet."""
    row = line.row
    if row is not None and row.revisions:
        return _of_facts(row, there)
    words = {EXPECTED: NOT_HERE, State.RECEIVED: NOT_READ, IGNORED: IGNORED}
    return words.get(line.state, NOT_READABLE)


def _of_facts(row: FileRow, there: int | None) -> str:
    if row.revisions.endswith(revisions.REFUSED):
        return REFUSED
    if _expected(row) == 0:
        return NO_RECEIPT
    if there is not None and there >= _expected(row):
        return STANDS
    if revisions.WAITS in row.revisions:
        return WAITING
    return STANDS if there is None else MISSING


def _expected(row: FileRow) -> int:
    """Rows of all facts, without those of what was refused."""
    receipts = row.receipts or 0
    facts = row.facts if row.facts is not None else receipts
    return facts - receipts * row.revisions.count(revisions.REFUSED)


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
