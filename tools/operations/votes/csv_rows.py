"""Rows of CSV, each with the line that it begins on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from tools.common.errors import CommandError


def numbered(lines: Iterable[str], source: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """The rows. Raises CommandError, whose text begins with `source`, where it is no CSV."""
    rows = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    try:
        for values in rows:
            yield line, values
            line = rows.line_num + 1
    except csv.Error as error:
        raise CommandError(
            f"{source} line {line} is no CSV: {error}. Is a quotation mark opened there and not closed?"
        ) from error
