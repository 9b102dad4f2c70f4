"""What a harvest has stored, asked as docs/harvest/results.md does: a folder of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError

COUNTED = """
SELECT level, count(*) AS answers, count(DISTINCT path) AS things
FROM read_json($files, columns = {level: 'VARCHAR', path: 'VARCHAR[]', page: 'VARCHAR'})
GROUP BY level
"""


def fetch(s3: Any, bucket: str, run_id: str, folder: Path) -> int:
    """Copy a run's merged answers into a folder: how many objects there were.

    Raises CommandError for a key that leads out of the folder.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"data/run={run_id}/")
    keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    for key in keys:
        file = folder / key
        if not file.resolve().is_relative_to(folder.resolve()):
            raise CommandError(f"an object's key leads out of {folder}: {key!r}")
        file.parent.mkdir(parents=True, exist_ok=True)
        private.write(file, s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return len(keys)


def counted(folder: Path, run_id: str) -> Mapping[str, tuple[int, int]]:
    """By level: how many answers, and of how many things. Queried with DuckDB."""
    import duckdb

    files = str(folder / f"data/run={run_id}/*/*/*.jsonl.gz")
    with duckdb.connect() as connection:
        rows = connection.execute(COUNTED, {"files": files}).fetchall()
    return {level: (answers, things) for level, answers, things in rows}
