"""Quarantine: where input goes that can never succeed, with the reason; one S3 object of JSON lines a message and reason."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from votes import strict_json


class Shelf(Protocol):
    """What can hold quarantined lines."""

    def put(self, reason: str, day_us: int, lines: Iterable[Mapping[str, Any]]) -> str: ...


class Quarantine:
    """The bucket of quarantined input."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, reason: str, day_us: int, lines: Iterable[Mapping[str, Any]]) -> str:
        """Store `lines` (see `line_of`) under `reason` and the day of `day_us`; return the object's key.

        The name comes from the content: putting the same lines again overwrites the object with itself.
        Raises ClientError or BotoCoreError when S3 does not take it.
        """
        body = "".join(strict_json.canonical(line) + "\n" for line in lines).encode("ascii")
        day = datetime.fromtimestamp(day_us // 1_000_000, UTC).date().isoformat()
        key = f"quarantine/reason={reason}/day={day}/{sha256(body).hexdigest()[:32]}.jsonl"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/x-ndjson")
        return key


def line_of(source: str, reason: str, detail: str, received_at: int, *, ballot: object = None, body: str | None = None) -> dict[str, Any]:
    """One line: a `ballot` as it came (any JSON value), or the whole `body` of a message that could not be read."""
    what = {"ballot": ballot} if body is None else {"body": body}
    return {"reason": reason, "detail": detail, "source": source, "received_at": received_at, **what}
