"""The receipts' law: every file that was announced or sent is in one state, and what is delivered
stands in the database.

A file is known by its batch and its place there. The truth is the ledger: queues hold pointers,
which the sweep sends again. So a file is missing that has an outcome and no row; or that is
delivered, and the database has no row of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set

from receipts import accounting
from receipts.accounting import Rows
from receipts.rows import Batch, FileRow, State
from tools.live.law import Balance, Term
from tools.live.local.place import Place
from tools.operations.receipts.ledger_rows import batches_under_way, ledger

MOST_BATCHES, MOST_PAGES = 50, 20
DELIVERED, READ, REFUSED, TO_READ, AWAITED, NOTHING = (
    *("delivered", "read", "refused", "to be read", "awaited"),
    "no picture",  # what systems leave in archives
)
WORDS = {
    State.RECEIVED: TO_READ,
    State.READ: READ,
    State.REVIEW: READ,
    State.QUARANTINED: REFUSED,
    State.DELIVERED: DELIVERED,
}
TERMS = (DELIVERED, READ, TO_READ, AWAITED, REFUSED, NOTHING)
SHARE = 0.1  # of the time that reading the ledger may take

Files = dict[str, str]  # "batch/place" → its word
Key = tuple[str, str]  # customer and file, of a row of the database
# of these, those that stand in the database; None where it does not answer
Standing = Callable[[set[Key]], Set[Key] | None]


class FilesOf:
    """The files of a pipeline's batches."""

    def __init__(self, place: Place) -> None:
        self._place, self._ledger = place, ledger(place.deployment)
        self._known: dict[str, None] | None = None
        self._words: dict[str, Counter[str]] = {}  # of each batch: how many files have which
        self._closed: set[str] = set()
        self._lost: dict[str, set[str]] = {}
        self._next = 0.0

    def opened(self, batch_id: str) -> None:
        """A batch that is to be looked at."""
        self._batches()[batch_id] = None

    def read(self, standing: Standing) -> None:
        """Read every batch that is not closed, if it is time to.

        The ledger first, the database after it: there a file stands before it is delivered here.
        """
        began = time.monotonic()
        if began < self._next:
            return
        for batch_id in batches_under_way(self._place.deployment, MOST_BATCHES):
            self._batches()[batch_id] = None
        for batch_id in self._batches():
            if batch_id not in self._closed:
                self._read(batch_id, standing)
        self._next = began + (time.monotonic() - began) / SHARE

    def balance(self) -> Balance:
        """Where every file is."""
        counts = self._counts
        missing = frozenset[str]().union(*self._lost.values())
        right = [Term(name, counts[name]) for name in TERMS if counts[name] or name == DELIVERED]
        return Balance("files", Term("sent", counts.total()), right, missing)

    @property
    def done(self) -> int:
        """Files that are read or refused."""
        counts = self._counts
        return counts[READ] + counts[DELIVERED] + counts[REFUSED]

    @property
    def to_deliver(self) -> int:
        """Files that are read, and not delivered."""
        return self._counts[READ]

    @property
    def _counts(self) -> Counter[str]:
        """Of all batches."""
        return sum(list(self._words.values()), Counter())

    def _batches(self) -> dict[str, None]:
        if self._known is None:
            self._known = dict.fromkeys(self._listed())
        return self._known

    def _listed(self) -> Iterator[str]:
        """The batches that there are, as far as some pages of the table go."""
        pages = self._place.client("dynamodb").get_paginator("scan")
        table = self._place.deployment.outputs["tables"]["ledger"]
        for number, page in enumerate(pages.paginate(TableName=table, ProjectionExpression="batch_id, #i",
                                                     ExpressionAttributeNames={"#i": "item"}), 1):  # fmt: skip
            yield from (item["batch_id"]["S"] for item in page["Items"] if item["item"]["S"] == "#batch")
            if number == MOST_PAGES:
                return

    def _read(self, batch_id: str, standing: Standing) -> None:
        batch = self._ledger.batch(batch_id)
        if batch is None:
            return
        rows = accounting.sort(self._ledger.items(batch_id))
        files = places_of(batch, rows)
        stands = standing({_key(batch, file) for file in rows.files.values() if _is_delivered(file)})
        lost = {name for name, word in files.items() if not word}
        lost |= set(_not_delivered(batch, rows, stands)) if stands is not None else self._lost.get(batch_id, set())
        self._lost[batch_id] = lost
        for name in lost:
            files[name] = ""
        self._words[batch_id] = Counter(files.values())
        over = {DELIVERED, REFUSED, NOTHING}.issuperset(files.values())
        if over and files and stands is not None:
            self._closed.add(batch_id)


def places_of(batch: Batch, rows: Rows) -> Files:
    """Each place of a batch with what has become of its file; "" where nothing is known."""
    expected = batch.files if batch.archive is None else batch.entries or 0
    found = {f"{batch.batch_id}/{place}": AWAITED for place in range(expected)}
    for place, outcome in rows.outcomes.items():
        if place >= 0:
            name = f"{batch.batch_id}/{place}"
            if outcome.file_id is None:
                found[name] = NOTHING if outcome.ignored else REFUSED
            else:
                row = rows.files.get(outcome.file_id)
                found[name] = WORDS[row.state] if row else ""
    return found


def _not_delivered(batch: Batch, rows: Rows, stands: Set[Key]) -> Iterable[str]:
    """Places whose file is said to be delivered, and is not in the database."""
    gone = {file.file_id for file in rows.files.values() if _is_delivered(file) and _key(batch, file) not in stands}
    for place, outcome in rows.outcomes.items():
        if outcome.file_id in gone:
            yield f"{batch.batch_id}/{place}"


def _is_delivered(file: FileRow) -> bool:
    return file.state is State.DELIVERED and bool(file.receipts)


def _key(batch: Batch, file: FileRow) -> Key:
    return batch.customer_id, file.file_id
