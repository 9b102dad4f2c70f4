"""account: what has become of every file of a batch, for its customer alone."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from receipts import accounting
from receipts.accounting import Account
from receipts.customers import batch_of
from receipts.ids import rfc3339
from receipts.ledger import Ledger
from receipts.rows import Batch
from receipts.settings import AccountSettings
from shared import clients, clock, http, logs, settings
from shared.http import HttpError
from shared.versions import NewerVersion
from shared.visible import shown

FILES_A_PAGE = 500
PASSING = (ClientError, BotoCoreError, NewerVersion)
UNAVAILABLE = HttpError(
    503,
    "ledger-unavailable",
    "the account cannot be read now: ask again later",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class Accounts:
    """The function's work."""

    def __init__(self, config: AccountSettings, ledger: Ledger) -> None:
        self._config, self._ledger = config, ledger

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        return http.answered("account", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        batch_id = str((event.get("pathParameters") or {}).get("batch_id"))
        http.require(event, "GET", f"/v1/batches/{batch_id}")
        after = _after(event.get("queryStringParameters") or {})
        answer = self._answer(batch_of(event, self._config, self._ledger), after)
        logs.logger().info("answered", extra={"status": 200})
        return http.reply(200, answer)

    def _answer(self, batch: Batch, after: int) -> Json:
        rows = accounting.sort(self._ledger.items(batch.batch_id))
        if batch.archive is not None and batch.entries is None:
            batch = self._ledger.batch(batch.batch_id) or batch  # it may be planned meanwhile
        return answer_of(accounting.account(batch, rows, clock.now_us()), after)


def answer_of(account: Account, after: int) -> Json:
    """The answer's body, with the files behind that place of the account, a page of them."""
    batch = account.batch
    files = account.lines[after : after + FILES_A_PAGE]
    end = after + len(files)
    return {
        "batch_id": batch.batch_id,
        "kind": batch.kind,
        "created_at": rfc3339(batch.created_at),
        "expires_at": rfc3339(batch.expires_at),
        "open": account.is_open,
        "counts": account.counts,
        "to_review": account.to_review,
        "to_deliver": account.to_deliver,
        "files": [accounting.told(line) for line in files],
        "next": end if end < len(account.lines) else None,
    }


def _after(asked: Mapping[str, str]) -> int:
    after = asked.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 6):
        message = f"after must be the next of another answer; got {shown(after)}"
        raise HttpError(400, "bad-cursor", message)
    return int(after)


@cache
def _worker() -> Accounts:
    config = settings.load(AccountSettings)
    return Accounts(config, Ledger(clients.client("dynamodb"), config.ledger_table))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
