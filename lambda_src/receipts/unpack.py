"""Taking an archive apart: one invocation plans, many take some entries out, side by side."""

import zipfile
from typing import Any

from receipts import archive, messages, ranged
from receipts.archive import Part
from receipts.ledger import Ledger
from receipts.messages import NotSent, Range
from receipts.reasons import Reason, Refusal
from receipts.rows import ARCHIVE_PLACE, Batch, FileRow, Outcome, range_name, slot_name
from receipts.taken import Place, Taking
from receipts.usage import Usage
from shared import queues
from shared.queues import OutgoingMessage


class StoppedEarly(Exception):
    """The invocation's time is nearly over: the rest comes again, and goes on where this ended."""


class Unpack:
    """Plans an archive, and takes entries out of it. `s3` and `sqs` are clients."""

    def __init__(
        self, ledger: Ledger, usage: Usage, s3: Any, sqs: Any, taking: Taking, intake_queue_url: str
    ) -> None:
        self._ledger, self._usage, self._s3, self._sqs = ledger, usage, s3, sqs
        self._taking, self._queue_url = taking, intake_queue_url

    def plan(self, batch: Batch, at: Place, size: int, came_at: int) -> None:
        """Send the archive's parts to be taken out, or refuse it whole.

        A message that came by this queue's own consumer sends no further ones: two hops, however
        large an archive is, so what Lambda does against loops (16 hops) stays far away.
        """
        try:
            with archive.opened(self._file(at, size), size) as opened:
                entries = opened.infolist()
            self._charge(batch, entries)
        except archive.Refused as error:
            refusal, name = Refusal(error.reason, error.detail), at.key.rsplit("/", 1)[-1]
            outcome = self._taking.refuse(batch, at, refusal, name, ARCHIVE_PLACE, came_at)
            self._ledger.settle(batch, slot_name(None), [outcome])
            return
        parts = archive.parts_of(entries)
        self._ledger.planned(batch.batch_id, len(entries), len(parts))
        outgoing = [self._message(batch, at, size, part, came_at) for part in parts]
        if queues.send_all(self._sqs, self._queue_url, outgoing):
            raise NotSent("ranges")

    def take(self, batch: Batch, message: Range, bucket: str, context: Any) -> int:
        """Take a part's entries out: how many this time. Raises StoppedEarly.

        What was settled before is not looked at again.
        """
        item = range_name(message.first)
        done = self._ledger.outcomes(batch.batch_id, item)
        if len(done) >= message.count:
            return 0
        at = Place(bucket, message.key, message.etag)
        rows: list[FileRow] = []
        outcomes = list(done)
        with archive.opened(self._file(at, message.size), message.size) as opened:
            entries = opened.infolist()[message.first : message.first + message.count]
            for entry in entries[len(done) :]:
                if queues.out_of_time(context):
                    break
                place = message.first + len(outcomes)
                outcomes.append(self._one(batch, opened, entry, place, message, at, rows))
        self._taking.send(rows)
        if len(outcomes) > len(done):
            self._ledger.settle(batch, item, outcomes)
        if len(outcomes) < message.count:
            raise StoppedEarly(f"{len(outcomes)} of {message.count} entries")
        return len(outcomes) - len(done)

    def gone(self, batch: Batch, message: Range, bucket: str) -> None:
        """Say of a part's entries that the archive was deleted before they were taken out."""
        item = range_name(message.first)
        outcomes = self._ledger.outcomes(batch.batch_id, item)
        at = Place(bucket, message.key, message.etag)
        refusal = Refusal(Reason.GONE, "the archive was deleted before this was taken out")
        for place in range(message.first + len(outcomes), message.first + message.count):
            name = f"entry {place}"
            refused = self._taking.refuse(batch, at, refusal, name, place, message.came_at)
            outcomes.append(refused)
        self._ledger.settle(batch, item, outcomes)

    def _one(
        self,
        batch: Batch,
        opened: zipfile.ZipFile,
        entry: zipfile.ZipInfo,
        place: int,
        message: Range,
        at: Place,
        rows: list[FileRow],
    ) -> Outcome:
        """What becomes of one entry; the row of a file is added to `rows`."""
        name = archive.name_of(entry)
        if what := archive.left_by_a_system(entry):
            return Outcome(place, name, reason="ignored", detail=what, ignored=True)
        try:
            content = archive.content_of(opened, entry)
            kind = archive.kind_of(content)
        except archive.Refused as error:
            if archive.is_beside_another(entry):
                return Outcome(place, name, reason="ignored", detail="beside another", ignored=True)
            refusal = Refusal(error.reason, error.detail)
            return self._taking.refuse(batch, at, refusal, name, place, message.came_at)
        row = self._taking.keep(batch, content, kind, name)
        rows.append(row)
        return Outcome(place, name, file_id=row.file_id)

    def _charge(self, batch: Batch, entries: list[zipfile.ZipInfo]) -> None:
        """Charge what an archive holds, once. Raises archive.Refused."""
        files = [one for one in entries if archive.left_by_a_system(one) is None]
        announced = batch.archive.size if batch.archive else 0
        units = {
            "files": len(files),
            "bytes": max(0, sum(one.file_size for one in files) - announced),
        }
        mark = f"{batch.batch_id}#entries"
        over = self._usage.charge(batch.customer_id, batch.created_at, mark, **units)
        if over is not None:
            detail = f"it would pass the customer's {over.most} {over.unit} a day"
            raise archive.Refused(Reason.OVER_LIMIT, detail)

    def _message(
        self, batch: Batch, at: Place, size: int, part: Part, came_at: int
    ) -> OutgoingMessage:
        message = Range(
            batch_id=batch.batch_id,
            key=at.key,
            etag=at.etag,
            size=size,
            first=part.first,
            count=part.end - part.first,
            came_at=came_at,
        )
        return OutgoingMessage(messages.encode(message))

    def _file(self, at: Place, size: int) -> Any:
        return ranged.opened(self._s3, at.bucket, at.key, at.etag, size)
