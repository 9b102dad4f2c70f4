"""`make catalogue FILE=…`: titles and their voting windows, from CSV to the catalogue table."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from devcloud.runs import LocalCloudError
from operations.place import Place
from votes.ballot import is_identifier

COLUMNS = ("title_id", "name", "opens", "closes")
MOST_TITLES = 100_000
MOST_NAME = 200
SHOWN_ERRORS = 20
BATCH = 25
ROUNDS = 8


@dataclass(frozen=True)
class Title:
    """A row of the catalogue; `opens` and `closes` are seconds since 1970."""

    title_id: str
    name: str | None
    opens: int | None
    closes: int | None

    def item(self) -> dict[str, Any]:
        row: dict[str, Any] = {"title_id": {"S": self.title_id}}
        if self.name:
            row["name"] = {"S": self.name}
        return row | {key: {"N": str(at)} for key, at in (("opens", self.opens), ("closes", self.closes)) if at is not None}


def load(place: Place, path: Path) -> int:
    """Put every title of a CSV file and return how many. Nothing is put unless the whole file is right."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LocalCloudError(
            f"cannot read {path} as UTF-8 text: {error}. FILE is a CSV file with the columns {', '.join(COLUMNS)}"
        ) from error
    titles = parse(text, str(path))
    put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], titles)
    return len(titles)


def parse(text: str, source: str = "the file") -> list[Title]:
    """Read CSV with the columns title_id[, name][, opens][, closes]. Raises LocalCloudError naming every wrong line."""
    rows = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(rows, [])]
    if "title_id" not in header or len(set(header)) != len(header) or not set(header) <= set(COLUMNS):
        raise LocalCloudError(f"{source} line 1: the header must be title_id[,name][,opens][,closes], not {','.join(header) or 'empty'}")
    titles: dict[str, Title] = {}
    errors: list[str] = []
    for values in rows:
        if not values:
            continue
        title = _title(dict(zip(header, (value.strip() for value in values), strict=False)), len(values) == len(header))
        if isinstance(title, str):
            errors.append(f"line {rows.line_num}: {title}")
        elif title.title_id in titles:
            errors.append(f"line {rows.line_num}: {title.title_id} stands in the file twice")
        else:
            titles[title.title_id] = title
        if len(titles) > MOST_TITLES:
            raise LocalCloudError(f"{source} holds more than {MOST_TITLES:,} titles: split it")
    if errors:
        more = f"\n… and {len(errors) - SHOWN_ERRORS} more" if len(errors) > SHOWN_ERRORS else ""
        raise LocalCloudError(f"{source} was not loaded:\n" + "\n".join(errors[:SHOWN_ERRORS]) + more)
    if not titles:
        raise LocalCloudError(f"{source} holds no title below its header")
    return list(titles.values())


def _title(row: dict[str, str], whole: bool) -> Title | str:
    """A title, or what is wrong with it."""
    if not whole:
        return "has another number of columns than the header"
    if not is_identifier(row["title_id"]):
        return f"title_id {row['title_id']!r} must be 1–64 of A–Z a–z 0–9 _ -"
    if len(row.get("name", "")) > MOST_NAME:
        return f"name is longer than {MOST_NAME} characters"
    times: dict[str, int | None] = {}
    for column in ("opens", "closes"):
        try:
            times[column] = _seconds(row.get(column, ""))
        except ValueError:
            return f"{column} {row[column]!r} must be a time with a zone, as in 2026-12-01T20:00:00Z"
    if times["opens"] is not None and times["closes"] is not None and times["opens"] >= times["closes"]:
        return f"closes {row['closes']} is not after opens {row['opens']}"
    return Title(row["title_id"], row.get("name") or None, times["opens"], times["closes"])


def _seconds(text: str) -> int | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or len(text) < len("2026-12-01T20:00Z"):
        raise ValueError(text)
    return int(at.timestamp())


def put(dynamodb: Any, table: str, titles: Sequence[Title], sleep: Callable[[float], None] = time.sleep) -> None:
    """Write titles, as often as needed for those that the table did not take, at most eight rounds a batch."""
    for start in range(0, len(titles), BATCH):
        left = {table: [{"PutRequest": {"Item": title.item()}} for title in titles[start : start + BATCH]]}
        for attempt in range(ROUNDS):
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
            if not left:
                break
            sleep(min(5.0, 0.1 * 2**attempt))
        else:
            raise LocalCloudError(
                f"the table {table} is throttled: {start} of {len(titles)} titles are put; repeat the command, it puts the same rows again"
            )
