"""Quarantine: where input goes that can never succeed, with the reason.

One S3 object of JSON lines a message and reason.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from shared import strict_json


class QuarantineStore(Protocol):
    """What can hold quarantined lines."""

    def put(self, reason: str, day_us: int, lines: Iterable[Mapping[str, Any]]) -> str: ...


class Quarantine:
    """The bucket of quarantined input."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, reason: str, day_us: int, lines: Iterable[Mapping[str, Any]]) -> str:
        """Store `lines` (see `line_of`) by `reason` and the day of `day_us`: the object's key.

        The name comes from the content: putting the same lines again overwrites the object with
        itself. Raises ClientError or BotoCoreError when S3 does not take it.
        """
        body = "".join(strict_json.canonical(line) + "\n" for line in lines).encode("ascii")
        day = datetime.fromtimestamp(day_us // 1_000_000, UTC).date().isoformat()
        key = f"quarantine/reason={reason}/day={day}/{sha256(body).hexdigest()[:32]}.jsonl"
        self._s3.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType="application/x-ndjson"
        )
        return key


def line_of(
    source: str, reason: str, detail: str, received_at: int, **item: object
) -> dict[str, Any]:
    """One line, with the `item` that was refused under the name that its readers know it by.

    `body=` is the whole text of a message that could not be read; a pipeline names the others
    (votes: `ballot=`, any JSON value as it came), and what belongs to them.
    """
    return {
        "reason": reason,
        "detail": detail,
        "source": source,
        "received_at": received_at,
        **item,
    }
