"""settle: writes down what became of each fact in the database, and how its lanes are.

Whatever comes twice, late or in another order changes nothing that is true already: a fact that
stands stands, and what was refused once may stand later.
"""

from functools import cache
from typing import Any, TypeVar

from receipts import settled
from receipts.deliveries import Deliveries
from receipts.delivery import messages
from receipts.delivery.messages import Delivered, Heartbeat, RowRefused, Standing
from receipts.heartbeats import Heartbeats
from receipts.ledger import Ledger
from receipts.messages import Unreadable
from receipts.reasons import Reason, Refusal
from receipts.revisions import STANDS
from receipts.rows import Batch, FileRow
from receipts.settings import SettleSettings
from receipts.standing import Answers
from shared import clients, logs, queues, settings
from shared.quarantine import Quarantine, QuarantineStore, line_of

SOONEST_SECONDS, LATEST_SECONDS = 2, 300

Json = dict[str, Any]
About = TypeVar("About", Batch, FileRow)


class Settle:
    """The function's work; one a worker. `aws` is clients of SQS, S3 and DynamoDB."""

    def __init__(
        self, config: SettleSettings, aws: tuple[Any, Any, Any], store: QuarantineStore
    ) -> None:
        self._sqs, s3, dynamodb = aws
        self._queue_url, self._store = config.delivered_queue_url, store
        self._ledger = Ledger(dynamodb, config.ledger_table)
        self._deliveries = Deliveries(dynamodb, config.ledger_table)
        self._heartbeats = Heartbeats(dynamodb, config.ledger_table)
        self._answers = Answers(s3, config.documents_bucket)

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to an event of the delivered queue."""
        queues.out_of_time(context)
        figures = settled.Figures()
        failed: list[Json] = []
        later: list[Json] = []
        for record in event["Records"]:
            if queues.out_of_time(context):
                later.append(record)
                continue
            try:
                self._one(record, figures)
            except Exception as error:  # one nobody foresaw must not fail the others
                failed.append(record)
                kind, cause = logs.kind_of(error), logs.cause_of(error)
                queues.failed("settle", kind, self._queue_url, [record], **cause)
        if failed or later:
            queues.back_off(
                self._sqs,
                self._queue_url,
                failed + later,
                base=SOONEST_SECONDS,
                cap=LATEST_SECONDS,
                context=context,
            )
        figures.write()
        return queues.failures(
            (record["messageId"] for record in failed),
            kept=(record["messageId"] for record in later),
        )

    def _one(self, record: Json, figures: settled.Figures) -> None:
        """Settle a message. Raises NewerVersion, Busy, or a client's errors: then it comes again.

        What names another customer than its batch's is a stranger's, and goes to quarantine.
        """
        try:
            outcome = messages.decode_outcome(record["body"])
        except Unreadable as error:
            self._put_away(record, error.reason, error.detail)
            return
        if isinstance(outcome, Heartbeat):
            self._heartbeats.note(outcome)
            figures.beat(outcome)
        elif isinstance(outcome, Standing):
            if self._theirs(record, outcome, self._ledger.batch(outcome.batch_id)):
                self._answers.keep(outcome)
        else:
            file = self._ledger.file(outcome.batch_id, outcome.file_id)
            if row := self._theirs(record, outcome, file):
                self._of_file(row, outcome, figures)

    def _theirs(
        self, record: Json, outcome: Delivered | RowRefused | Standing, about: About | None
    ) -> About | None:
        """What an outcome is about; None where there is nothing of its customer's."""
        if about is None:  # it has expired
            logs.logger().warning("unknown", extra={"batch_id": outcome.batch_id})
        elif about.customer_id != outcome.customer_id:
            self._put_away(record, Reason.NO_BATCH, "it is about another customer's batch")
        else:
            return about
        return None

    def _of_file(
        self, row: FileRow, outcome: Delivered | RowRefused, figures: settled.Figures
    ) -> None:
        if outcome.revision >= len(row.revisions):  # of a backup: what the ledger waits for comes
            logs.logger().warning("unknown revision", extra={"batch_id": row.batch_id})
        elif isinstance(outcome, RowRefused):
            self._refuse(row, outcome, figures)
        elif self._deliveries.delivered(row, outcome.revision, outcome.at):
            figures.delivered(outcome, row)

    def _refuse(self, row: FileRow, refused: RowRefused, figures: settled.Figures) -> None:
        """Put the refusal into quarantine, and then let the ledger say so."""
        if row.revisions[refused.revision] == STANDS:
            return
        refusal = Refusal(refused.reason, settled.why(refused))
        line = line_of(
            settled.SOURCE,
            *refusal,
            row.received_at,
            batch_id=row.batch_id,
            customer_id=row.customer_id,
            file_id=row.file_id,
            revision=refused.revision,
            receipt=refused.receipt,
            name=row.name,
        )
        self._store.put(refused.reason, row.received_at, [line])
        self._deliveries.refused(row, refused.revision, refusal)
        figures.refused(refused)

    def _put_away(self, record: Json, reason: Reason, detail: str) -> None:
        """Keep a message that tells of nothing there is."""
        sent_at = queues.sent_at_us(record)
        line = line_of("delivered", reason, detail, sent_at, body=record["body"])
        self._store.put(reason, sent_at, [line])
        logs.count_by("Quarantined", "reason", {str(reason): 1})


@cache
def _worker() -> Settle:
    config = settings.load(SettleSettings)
    s3 = clients.client("s3")
    aws = (clients.client("sqs"), s3, clients.client("dynamodb"))
    return Settle(config, aws, Quarantine(s3, config.quarantine_bucket))


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
