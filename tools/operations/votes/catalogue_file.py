"""A CSV file of titles and their voting windows, read: every wrong line is named."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.operations.votes.csv_rows import numbered
from votes.ballot import is_identifier

COLUMNS = ("title_id", "name", "opens", "closes")
SEPARATORS = {",": "", ";": "semicolons", "\t": "tabs"}  # as Excel writes them in one country or another
MOST_TITLES = 100_000
MOST_NAME = 200
SHOWN_ERRORS = 20


@dataclass(frozen=True)
class Title:
    """A row of the catalogue; `opens` and `closes` are seconds since 1970."""

    title_id: str
    name: str | None
    opens: int | None
    closes: int | None

    def item(self) -> dict[str, Any]:
        """The row as DynamoDB takes it, without what is not said."""
        row: dict[str, Any] = {"title_id": {"S": self.title_id}}
        if self.name:
            row["name"] = {"S": self.name}
        if self.opens is not None:
            row["opens"] = {"N": str(self.opens)}
        if self.closes is not None:
            row["closes"] = {"N": str(self.closes)}
        return row


@dataclass
class Read:
    """What a file holds, and in a sentence each what was forgiven in it."""

    titles: list[Title] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(path: Path) -> Read:
    """Read a CSV file. Raises CommandError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"cannot read {path} as UTF-8 text: {error}. FILE is a CSV file with the columns {', '.join(COLUMNS)}"
        ) from error
    return parse(text, str(path))


def parse(text: str, source: str = "the file") -> Read:
    """Read CSV with the columns title_id[, name][, opens][, closes].

    Raises CommandError naming every wrong line.
    """
    found = Read()
    separator = _separator(text)
    if SEPARATORS[separator]:
        found.notes.append(f"its columns are separated by {SEPARATORS[separator]}, and read so")
    rows = numbered(io.StringIO(text, newline=""), f"{source} was not loaded:", separator)
    header = _header(next(rows, (1, [])), source)
    titles: dict[str, Title] = {}
    errors: list[str] = []
    empty = 0
    for line, spaced in rows:
        values = [value.strip(" \t") for value in spaced]
        if not any(values):
            empty += bool(values)
            continue
        title = _title(header, values)
        if isinstance(title, str):
            errors.append(f"line {line}: {title}")
        elif title.title_id in titles:
            errors.append(f"line {line}: {title.title_id} stands in the file twice")
        else:
            titles[title.title_id] = title
        if len(titles) > MOST_TITLES:
            raise CommandError(f"{source} holds more than {MOST_TITLES:,} titles: split it")
    if errors:
        more = f"\n… and {len(errors) - SHOWN_ERRORS} more" if len(errors) > SHOWN_ERRORS else ""
        raise CommandError(f"{source} was not loaded:\n" + "\n".join(errors[:SHOWN_ERRORS]) + more)
    if not titles:
        raise CommandError(f"{source} holds no title below its header")
    if empty:
        found.notes.append(f"{empty} of its rows {'is' if empty == 1 else 'are'} empty, and passed over")
    found.titles = list(titles.values())
    return found


def _separator(text: str) -> str:
    """What separates the columns of the first line; a comma where nothing says otherwise."""
    first = text.partition("\n")[0]
    return next((one for one in SEPARATORS if one in first), ",")


def _header(first: tuple[int, list[str]], source: str) -> list[str]:
    """The names of the columns, without empty ones at the end. Raises CommandError."""
    header = [name.strip() for name in first[1]]
    while header and not header[-1]:
        header.pop()
    if "title_id" not in header or len(set(header)) != len(header) or not set(header) <= set(COLUMNS):
        raise CommandError(
            f"{source} line 1: the header must be title_id[,name][,opens][,closes], not {','.join(header) or 'empty'}"
        )
    return header


def _title(header: list[str], values: list[str]) -> Title | str:
    """A title, or what is wrong with its row."""
    if len(values) < len(header) or any(values[len(header) :]):
        return "has another number of columns than the header"
    row = dict(zip(header, values, strict=False))
    if not is_identifier(row["title_id"]):
        return f"title_id {row['title_id']!r} must be 1–64 of A–Z a–z 0–9 _ -"
    name = row.get("name", "")
    if wrong := _wrong_with(name):
        return wrong
    times: dict[str, int | None] = {}
    for column in ("opens", "closes"):
        try:
            times[column] = _seconds(row.get(column, ""))
        except ValueError:
            return f"{column} {row[column]!r} must be a time with a zone, as in 2026-12-01T20:00:00Z"
    if times["opens"] is not None and times["closes"] is not None and times["opens"] >= times["closes"]:
        return f"closes {row['closes']} is not after opens {row['opens']}"
    return Title(row["title_id"], name or None, times["opens"], times["closes"])


def _wrong_with(name: str) -> str | None:
    if not name.isprintable():
        lines = len(name.splitlines())
        hint = f", over {lines} lines: is a quotation mark opened there and not closed?" if lines > 1 else ""
        return f"name {name[:40]!r} holds what cannot be printed{hint}"
    return f"name is longer than {MOST_NAME} characters" if len(name) > MOST_NAME else None


def _seconds(text: str) -> int | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or len(text) < len("2026-12-01T20:00Z"):
        raise ValueError(text)
    return int(at.timestamp())
