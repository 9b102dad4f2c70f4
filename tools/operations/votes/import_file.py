"""The rows of a file of ballots from another system: CSV or JSON lines, one after the other.

However long the file is, one row of it is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from shared import strict_json
from tools.common.errors import CommandError
from tools.operations.votes.csv_rows import numbered

JSON_LINES = (".jsonl", ".ndjson", ".json")
LONGEST_LINE = 1_000_000  # characters


class Row(NamedTuple):
    """A row, the line that it begins on, and its fields by name; or in `wrong` why it has none."""

    line: int
    fields: dict[str, Any]
    wrong: str = ""


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file, by the end of its name. Raises CommandError where nobody can read on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _json_lines(file) if path.suffix.lower() in JSON_LINES else _csv(file, path)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {path} as UTF-8 text: {error}") from error


def _csv(file: TextIO, path: Path) -> Iterator[Row]:
    rows = numbered(_lines(file, path), f"{path}:")
    header = _header(next(rows, (1, []))[1], path)
    for line, values in rows:
        if len(values) == len(header):
            yield Row(line, dict(zip(header, map(str.strip, values), strict=True)))
        elif values:
            yield Row(line, {}, f"it has {len(values)} columns, the header {len(header)}")


def _header(names: Sequence[str], path: Path) -> list[str]:
    header = [name.strip() for name in names]
    if not header or len(set(header)) != len(header) or "" in header:
        raise CommandError(f"{path} line 1: the header must name each column, and each once: {header}")
    return header


def _json_lines(file: TextIO) -> Iterator[Row]:
    for line, text in enumerate(_lines(file, Path(file.name)), 1):
        if not text.strip():
            continue
        try:
            fields = strict_json.loads(text)
        except ValueError as error:
            yield Row(line, {}, f"it is not JSON: {error}")
            continue
        yield (
            Row(line, fields) if isinstance(fields, dict) else Row(line, {}, "it is no JSON object with distinct keys")
        )


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    number = 0
    while text := file.readline(LONGEST_LINE):
        number += 1
        if len(text) == LONGEST_LINE:
            raise CommandError(
                f"{path}: line {number} is longer than {LONGEST_LINE:,} characters: "
                f"a file is CSV, or JSON lines if its name ends with {' or '.join(JSON_LINES)}"
            )
        yield text
