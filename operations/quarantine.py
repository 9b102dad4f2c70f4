"""What lies in quarantine, by reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from operations.place import Place

PREFIX = "quarantine/"
MOST_OBJECTS = 20_000
REASON = re.compile(r"^quarantine/(?:redriving/[^/]+/)?reason=([^/]+)/")  # the part in brackets: a redrive is at it, or broke off


def by_reason(place: Place, s3: Any) -> tuple[Counter[str], bool]:
    """Objects by reason, and whether that is all of them (at most 20,000 are listed)."""
    found: Counter[str] = Counter()
    for number, key in enumerate(keys(place, s3), 1):
        found[reason_of(key)] += 1
        if number >= MOST_OBJECTS:
            return found, False
    return found, True


def lines(place: Place, s3: Any) -> Iterator[dict[str, Any]]:
    """Every quarantined ballot or message: reason, detail, source, ballot or body, received_at."""
    for key in keys(place, s3):
        body = s3.get_object(Bucket=place.outputs["quarantine_bucket"], Key=key)["Body"].read().decode()
        yield from (json.loads(line) for line in body.splitlines())


def reason_of(key: str) -> str:
    """The reason in an object's name."""
    reason = REASON.match(key)
    return reason.group(1) if reason else "(no reason in its name)"


def keys(place: Place, s3: Any) -> Iterator[str]:
    """The names of all objects in quarantine."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.outputs["quarantine_bucket"], Prefix=PREFIX)
    for page in pages:
        yield from (item["Key"] for item in page.get("Contents", []))
