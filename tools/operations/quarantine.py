"""What lies in quarantine, by reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from shared import strict_json
from tools.operations.deployment import Deployment

PREFIX = "quarantine/"
MOST_OBJECTS = 20_000
# the part in brackets: a redrive is at it, or broke off
REASON = re.compile(r"^quarantine/(?:redriving/[^/]+/)?reason=([^/]+)/")


def by_reason(deployment: Deployment, s3: Any) -> tuple[Counter[str], bool]:
    """Objects by reason, and whether that is all of them (at most 20,000 are listed)."""
    counts: Counter[str] = Counter()
    for number, key in enumerate(keys(deployment, s3), 1):
        counts[reason_of(key)] += 1
        if number >= MOST_OBJECTS:
            return counts, False
    return counts, True


def parsed(text: str) -> Iterator[dict[str, Any]]:
    """The lines of an object; one that cannot be read (or is no object) is empty."""
    for line in text.splitlines():
        try:
            value = strict_json.loads(line)
        except ValueError:
            value = None
        yield value if isinstance(value, dict) else {}


def lines(deployment: Deployment, s3: Any) -> Iterator[dict[str, Any]]:
    """Every quarantined item or message: reason, detail, source, the item or body, received_at."""
    for key in keys(deployment, s3):
        yield from parsed(
            s3.get_object(Bucket=deployment.outputs["quarantine_bucket"], Key=key)["Body"]
            .read()
            .decode("utf-8", "replace")
        )


def reason_of(key: str) -> str:
    """The reason in an object's name."""
    reason = REASON.match(key)
    return reason.group(1) if reason else "(no reason in its name)"


def keys(deployment: Deployment, s3: Any, reason: str = "") -> Iterator[str]:
    """The names of all objects in quarantine, or of those of a reason."""
    names = (item["Key"] for item in objects(deployment, s3))
    return (key for key in names if not reason or reason_of(key) == reason)


def objects(deployment: Deployment, s3: Any) -> Iterator[dict[str, Any]]:
    """All objects in quarantine, as S3 lists them: "Key", "LastModified" …"""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=deployment.outputs["quarantine_bucket"], Prefix=PREFIX)
    for page in pages:
        yield from page.get("Contents", [])


def times(deployment: Deployment, s3: Any, reason: str, since: datetime) -> Iterator[datetime]:
    """When each object of a reason was put, of those since then; a page a day at most.

    `since` is no more than a day ago.
    """
    for day in sorted({since.date(), datetime.now(UTC).date()}):
        prefix = f"{PREFIX}reason={reason}/day={day.isoformat()}/"
        page = s3.list_objects_v2(Bucket=deployment.outputs["quarantine_bucket"], Prefix=prefix)
        yield from (item["LastModified"] for item in page.get("Contents", []) if item["LastModified"] >= since)
