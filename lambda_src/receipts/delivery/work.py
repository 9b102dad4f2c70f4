"""What a lane has in hand: what was asked, the rows that it comes to, and what to say of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from receipts import documents
from receipts.delivery import facts
from receipts.delivery.facts import BadDocument
from receipts.delivery.halving import Landed
from receipts.delivery.inbox import Asked, Json
from receipts.delivery.messages import Delivered, Delivery, Outcome, RowRefused, Standing
from receipts.delivery.port import Row
from receipts.ids import customer_key
from shared import clock, logs

BAD_DOCUMENT, NO_DOCUMENT, BY_DATABASE = "bad-document", "no-document", "refused-by-database"
# What S3 says of an object that is not there, to who may list what begins with its name; to others
# it says AccessDenied, which may be anything, so a document is never taken for gone by that.
GONE = ("NoSuchKey", "404")


@dataclass(eq=False)  # each message is itself alone
class Work:
    """One message. `trouble` is a code where its document is no rows; `standing` a question's
    answer, once it is known, and `counted_at` when it was asked for (µs): what another lane
    delivers meanwhile is later.
    """

    asked: Asked
    rows: Collection[Row] = ()
    trouble: str | None = None
    standing: Mapping[str, int] | None = None
    counted_at: int = 0

    @property
    def record(self) -> Json:
        """The message as it was received."""
        return self.asked.record


@dataclass
class Documents:
    """The bucket of documents; `s3` is a client."""

    s3: Any = field(repr=False)
    bucket: str

    def work(self, asked: Asked) -> Work:
        """What a message comes to. Raises the client's errors, and NewerVersion."""
        if not isinstance(asked.what, Delivery):
            return Work(asked)
        what = asked.what
        key = documents.key_of(customer_key(what.customer_id), what.file_id, what.revision)
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
            content = answer["Body"].read(documents.MOST_BYTES)
            return Work(asked, facts.rows_of(documents.decode(content), what))
        except (documents.Unreadable, BadDocument) as error:
            logs.failed("document", BAD_DOCUMENT, "", 1, key=key, **logs.cause_of(error))
            return Work(asked, trouble=BAD_DOCUMENT)
        except ClientError as error:
            if logs.kind_of(error) not in GONE:
                raise
            return Work(asked, trouble=NO_DOCUMENT)


def outcomes(work: Work, landed: Landed, lane: str) -> list[Outcome]:
    """What to say of a message; nothing where it is not done.

    A row that several of them asked for is new in the first.
    """
    what, at = work.asked.what, clock.now_us()
    of_batch: Json = {
        "batch_id": what.batch_id,
        "customer_id": what.customer_id,
        "at": at,
        "lane": lane,
    }
    if not isinstance(what, Delivery):
        if work.standing is None:
            return []
        return [Standing(**of_batch | {"at": work.counted_at}, keys=dict(work.standing))]
    of_file: Json = {**of_batch, "file_id": what.file_id, "revision": what.revision}
    if work.trouble is not None:
        return [RowRefused(**of_file, reason=work.trouble)]
    keys = {row.key for row in work.rows}
    if keys - landed.standing - landed.refused.keys():
        return []
    refused = sorted(keys & landed.refused.keys())
    if not refused:
        new = keys & landed.new
        landed.new -= new
        return [Delivered(**of_file, rows=len(keys), new=len(new))]
    return [
        RowRefused(
            **of_file,
            receipt=key.receipt,
            reason=BY_DATABASE,
            sqlstate=landed.refused[key].sqlstate,
            constraint=landed.refused[key].constraint,
        )
        for key in refused
    ]
