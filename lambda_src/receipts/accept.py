"""accept: opens a batch, and says where its files or its archive may be uploaded."""

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from receipts import asked, presigned
from receipts.asked import Asked
from receipts.customers import customer_of
from receipts.ids import batch_id_of, rfc3339
from receipts.ledger import Ledger
from receipts.rows import SLOTS_A_ROW, Batch
from receipts.settings import AcceptSettings
from receipts.usage import DAY_SECONDS, OverLimit, Usage
from shared import clients, clock, fanout, http, logs, settings
from shared.http import HttpError
from shared.versions import NewerVersion

MOST_BYTES = 1_048_576
IF_LARGER = "send the files in several batches"
RETRY_AFTER_SECONDS = 5

Json = dict[str, Any]


class Accept:
    """The function's work; `s3` is a client that signs addresses."""

    def __init__(self, config: AcceptSettings, ledger: Ledger, usage: Usage, s3: Any) -> None:
        self._config, self._ledger, self._usage, self._s3 = config, ledger, usage, s3

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        try:
            http.require(event, "POST", "/v1/batches")
            customer = customer_of(event, self._config)
            wanted = asked.read(http.json_text(event, MOST_BYTES, IF_LARGER), customer)
            answer = self._accept(wanted)
            logs.logger().info("accepted", extra={"uploads": len(answer["uploads"])})
            return http.reply(201, answer)
        except HttpError as error:
            logs.logger().info("refused", extra={"status": error.status, "code": error.code})
            if error.status != 503:
                logs.count({"RequestsRefused": 1})
            return error.reply()
        except (ClientError, BotoCoreError, NewerVersion) as error:
            logs.error("accept", error)
            return _unavailable().reply()
        except Exception as error:
            logs.error("accept", error)
            return HttpError(
                500, "internal", "something went wrong on our side: send the request again"
            ).reply()

    def _accept(self, wanted: Asked) -> Json:
        """Open the batch, or find it; each step may be repeated, by this request or another.

        Nothing can be uploaded before all of the batch stands.
        """
        now = clock.now_us()
        batch = self._ledger.open_batch(self._new(wanted, now))
        if batch.content != wanted.content:
            raise HttpError(
                409,
                "token-reused",
                "the client_token stands for another batch: take a new one for each batch",
            )
        if not batch.is_ready:
            self._charge(batch, wanted)
            starts = range(0, len(wanted.files), SLOTS_A_ROW)
            fanout.each(lambda first: self._put_manifest(batch, wanted, first), starts)
        expires_at = now + self._config.upload_seconds * 1_000_000
        if not self._ledger.ready(batch, expires_at):
            raise _unavailable()  # another request's refusal took it away
        if not batch.is_ready:
            logs.count({"BatchesAccepted": 1, "FilesExpected": len(wanted.files)})
        return self._answer(batch, wanted, expires_at)

    def _new(self, wanted: Asked, now: int) -> Batch:
        return Batch(
            batch_id=batch_id_of(wanted.customer_id, wanted.client_token),
            customer_id=wanted.customer_id,
            kind=wanted.kind,
            content=wanted.content,
            created_at=now,
            expires_at=now + self._config.upload_seconds * 1_000_000,
            ttl=now // 1_000_000 + self._config.keep_days * DAY_SECONDS,
            files=len(wanted.files),
            archive=wanted.archive,
        )

    def _put_manifest(self, batch: Batch, wanted: Asked, first: int) -> None:
        self._ledger.put_manifest(batch, first, wanted.files[first : first + SLOTS_A_ROW])

    def _charge(self, batch: Batch, wanted: Asked) -> None:
        """Count the batch among its customer's of the day that it was opened on.

        Raises HttpError 429. How many files an archive holds is charged when that is known.
        """
        size = sum(one.size for one in wanted.uploads)
        units = {"batches": 1, "bytes": size} | (
            {"files": len(wanted.files)} if wanted.files else {}
        )
        over = self._usage.charge(batch.customer_id, batch.created_at, batch.batch_id, **units)
        if over is not None:
            self._ledger.forget_batch(batch.batch_id)
            raise _over(over)

    def _answer(self, batch: Batch, wanted: Asked, expires_at: int) -> Json:
        seconds, bucket = self._config.upload_seconds, self._config.uploads_bucket
        slots = [None] if batch.archive else range(len(wanted.files))
        uploads = [
            presigned.upload(self._s3, bucket, batch.batch_id, slot, one, seconds)
            for slot, one in zip(slots, wanted.uploads, strict=True)
        ]
        return {
            "batch_id": batch.batch_id,
            "kind": batch.kind,
            "expires_at": rfc3339(expires_at),
            "expires_in": seconds,
            "uploads": uploads,
        }


def _over(over: OverLimit) -> HttpError:
    now = clock.now_us() // 1_000_000
    return HttpError(
        429,
        "over-daily-limit",
        f"the batch would pass your {over.most} {over.unit} a day: send less, or send it tomorrow",
        over._asdict(),
        {"retry-after": str(DAY_SECONDS - now % DAY_SECONDS)},
    )


def _unavailable() -> HttpError:
    return HttpError(
        503,
        "ledger-unavailable",
        "the batch cannot be written down now: send the same request again",
        headers={"retry-after": str(RETRY_AFTER_SECONDS)},
    )


@cache
def _worker() -> Accept:
    config = settings.load(AcceptSettings)
    dynamodb = clients.client("dynamodb")
    ledger = Ledger(dynamodb, config.ledger_table)
    usage = Usage(dynamodb, config.usage_table, config.limits)
    return Accept(config, ledger, usage, clients.client("s3"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
