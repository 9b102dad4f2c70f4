"""How much tables and buckets hold."""

from __future__ import annotations

from tools.live.flow import STORE
from tools.live.local.place import Place
from tools.live.source import Json

MOST_PAGES = 10  # of a bucket, 1,000 objects each


def tables(place: Place, *names: str) -> Json:
    """A node for each of these tables."""
    of, dynamodb = place.deployment.outputs["tables"], place.client("dynamodb")
    rows = {name: dynamodb.describe_table(TableName=of[name])["Table"]["ItemCount"] for name in names}
    return {f"{STORE}/{name}": {"count": count, "rate": None} for name, count in rows.items()}


def buckets(place: Place, *names: str) -> Json:
    """A node for each of these buckets."""
    of = place.deployment.outputs["buckets"]
    return {f"{STORE}/{name}": {"count": _objects(place, of[name]), "rate": None} for name in names}


def _objects(place: Place, bucket: str) -> int:
    count = 0
    pages = place.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for number, page in enumerate(pages, 1):
        count += page["KeyCount"]
        if number == MOST_PAGES:
            break
    return count
