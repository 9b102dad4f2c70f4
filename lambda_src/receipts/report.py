"""report: what was sent in a batch beside what stands in the database, as a CSV file.

Only a lane reaches the database: a question goes to it on the way of the documents, and its answer
comes back by settle. Until one is there that is not older than a minute, the answer is 202.
"""

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from receipts import accounting, reconciling, spreadsheet
from receipts.accounting import Account
from receipts.customers import batch_of
from receipts.deliveries import Deliveries
from receipts.delivery.messages import Question, Standing
from receipts.delivery.pointers import Pointers
from receipts.ledger import Ledger
from receipts.reconciling import Reported
from receipts.rows import Batch
from receipts.settings import ReportSettings
from receipts.standing import Answers
from shared import clients, clock, http, logs, settings
from shared.http import HttpError
from shared.versions import NewerVersion

OLDEST_US = 60 * 1_000_000  # of an answer of a lane's that a report may be made of
RETRY_AFTER_SECONDS = 5
PASSING = (ClientError, BotoCoreError, NewerVersion)
UNAVAILABLE = HttpError(
    503,
    "ledger-unavailable",
    "the report cannot be made now: ask again later",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class Reports:
    """The function's work. `answers` are the lanes', `pointers` send them questions."""

    def __init__(
        self,
        config: ReportSettings,
        ledger: Ledger,
        deliveries: Deliveries,
        answers: Answers,
        pointers: Pointers,
    ) -> None:
        self._config, self._ledger, self._deliveries = config, ledger, deliveries
        self._answers, self._pointers = answers, pointers

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        return http.answered("report", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        batch_id = str((event.get("pathParameters") or {}).get("batch_id"))
        http.require(event, "GET", f"/v1/batches/{batch_id}/report.csv")
        batch = batch_of(event, self._config, self._ledger)
        if self._config.delivery_queue_url is None:
            message = "nothing is delivered into a database here: the batch's account has all"
            raise HttpError(409, "no-delivery", message)
        found = accounting.sort(self._ledger.items(batch_id))
        account = accounting.account(self._ledger.batch(batch_id) or batch, found, clock.now_us())
        files = reconciling.files_asked_of(account)
        answer = self._fresh(batch, files) if files else None
        if files and answer is None:
            return self._counting(batch, files)
        logs.logger().info("answered", extra={"status": 200})
        return _csv(account, answer)

    def _fresh(self, batch: Batch, files: list[str]) -> Standing | None:
        """A young answer that says of each file what stands.

        A question may wait for as long as the database is away, and knew of fewer files.
        """
        answer = self._answers.last(batch.customer_id, batch.batch_id)
        if answer is None or answer.at < clock.now_us() - OLDEST_US:
            return None
        return answer if answer.keys.keys() >= set(files) else None

    def _counting(self, batch: Batch, files: list[str]) -> Json:
        """Ask a lane, unless that was done just now, and say when to come again."""
        if self._deliveries.may_ask(batch.batch_id, clock.now_us()):
            asked = {"batch_id": batch.batch_id, "customer_id": batch.customer_id}
            self._pointers.send([Question.model_validate(asked | {"keys": files})])
        logs.logger().info("answered", extra={"status": 202})
        message = "the database is asked what stands of this batch: ask again in a few seconds"
        body = {"batch_id": batch.batch_id, "message": message}
        return http.reply(202, body, {"retry-after": str(RETRY_AFTER_SECONDS)})


def _csv(account: Account, answer: Standing | None) -> Json:
    name = f"report-{account.batch.batch_id}.csv"
    return {
        "statusCode": 200,
        "headers": {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
        "body": spreadsheet.text_of(Reported._fields, reconciling.lines(account, answer)),
    }


@cache
def _worker() -> Reports:
    config = settings.load(ReportSettings)
    dynamodb = clients.client("dynamodb")
    return Reports(
        config,
        Ledger(dynamodb, config.ledger_table),
        Deliveries(dynamodb, config.ledger_table),
        Answers(clients.client("s3"), config.documents_bucket),
        Pointers(clients.client("sqs"), config),
    )


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
