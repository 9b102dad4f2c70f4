"""What must hold while receipts are read, beside what holds of any pipeline.

Every file of a batch is accounted for, and what waits too long is looked after by the sweep.
"""

from __future__ import annotations

from collections.abc import Iterator

from receipts import accounting
from receipts.accounting import Account, Rows
from receipts.rows import FileRow, State, Waiting
from receipts.sweep import PATIENT_US
from shared import clock
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant
from tools.operations.receipts.ledger_rows import batches_under_way, heartbeats, ledger, waits

MOST_BATCHES = 20  # that one look goes through
MOST_DOCUMENTS = 5  # of a batch whose documents are looked for
ROUNDS = 3  # of the sweep, until what is due must have been looked at …
A_ROUND = 400  # … and as many more as there are of these: one round takes up a bounded part
SILENT_SECONDS = 300.0  # five of a lane's rounds
# How long the sweep leaves to the queue what waits for it, once that is due (s).
LEFT = {Waiting.UPLOAD: 0.0, Waiting.IMAGE: 0.0, Waiting.DELIVERY: PATIENT_US / 1e6}


def invariants(deployment: Deployment) -> list[Invariant]:
    """The invariants of receipts, as of now."""
    return [Swept(deployment), Accounts(deployment), Lanes(deployment)]


class Swept(Invariant):
    """The sweep looks at what has been due for long."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._round = 60.0 * float(deployment.outputs["settings"]["sweep_minutes"])

    def look(self) -> Iterator[str]:
        """Compare what was due first with the sweep's rounds."""
        for what, left in LEFT.items():
            there = waits(self._deployment, what)
            limit = left + self._round * (ROUNDS + there.number // A_ROUND)
            if there.overdue_seconds > limit:
                yield Finding(
                    f"a row waits for {what} and was due {there.overdue_seconds:.0f} s ago, over {limit:.0f}: "
                    "the sweep does not run, or fails",
                    f"make logs {self._deployment.words} FUNCTION=sweep",
                    about="sweep",
                )
            yield f"{there.number} wait for {what}"


class Lanes(Invariant):
    """Each lane says how it is, whether it reaches the database or not."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        number = deployment.outputs["settings"].get("delivery", {}).get("lanes", 0)
        self._lanes = [f"lambda-{lane}" for lane in range(number)]

    def wrong(self) -> Iterator[Finding]:
        """Also a database that a lane does not reach: no release is to blame for that."""
        yield from (one for one in self.look() if isinstance(one, Finding))
        for beat in heartbeats(self._deployment):
            if not beat.reached:
                yield Finding(f"lane {beat.lane} does not reach the database ({beat.reason})", since=beat.at / 1e6)

    def look(self) -> Iterator[str]:
        """Compare when each lane was last heard with how often it is woken, once a minute."""
        heard = {beat.lane: beat.at / 1e6 for beat in heartbeats(self._deployment)}
        for lane in self._lanes:
            at = heard.get(lane)
            if at is not None and clock.now_us() / 1e6 - at > SILENT_SECONDS:
                cause = f"lane {lane} says nothing any more"
                command = f"make logs {self._deployment.words} FUNCTION=deliver"
                yield Finding(cause, command, since=at, about="deliver")
        yield f"{len(heard.keys() & set(self._lanes))} of {len(self._lanes)} lanes were heard"


class Accounts(Invariant):
    """Each file that came to a batch stands in its account, and what was read has its document."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment, self._ledger = deployment, ledger(deployment)
        self._s3 = deployment.client("s3")

    def look(self) -> Iterator[str]:
        """Go through the batches that something waits for."""
        files = batches = 0
        for batch_id in batches_under_way(self._deployment, MOST_BATCHES):
            batch = self._ledger.batch(batch_id)
            if batch is None:  # never ready, and forgotten again
                continue
            rows = accounting.sort(self._ledger.items(batch_id))
            account = accounting.account(batch, rows, clock.now_us())
            files, batches = files + sum(account.counts.values()), batches + 1
            for wrong in self._wrong(account, rows):
                yield Finding(f"batch {batch_id}: {wrong}", f"make batch {self._deployment.words} BATCH={batch_id}")
        yield f"{files} files of {batches} batches accounted for"

    def _wrong(self, account: Account, rows: Rows) -> Iterator[str]:
        """What is wrong in an account; a row that came between two pages is not."""
        batch_id = account.batch.batch_id
        for file_id in {one.file_id for one in rows.outcomes.values() if one.file_id} - rows.files.keys():
            if self._ledger.file(batch_id, file_id) is None:
                yield f"file {file_id} was taken in, and the ledger has no row of it"
        places = sum(len(line.names) for line in account.lines if line.place >= 0)
        expected = account.batch.files if account.batch.archive is None else account.batch.entries
        if expected is not None and places != expected:
            yield f"{places} files are accounted for, and {expected} were announced"
        read = [row for row in rows.files.values() if row.state in (State.READ, State.REVIEW, State.DELIVERED)]
        for row in read[-MOST_DOCUMENTS:]:
            if not self._has_document(row):
                yield f"file {row.file_id} was read, and its document {row.result_key} is not there"

    def _has_document(self, row: FileRow) -> bool:
        """Looked for in the bucket's list: who looks need not be able to read it."""
        bucket, key = self._deployment.outputs["buckets"]["documents"], str(row.result_key)
        found = self._s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
        return any(one["Key"] == key for one in found)
