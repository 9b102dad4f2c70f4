"""What stands on receipts of which somebody wrote it down: a folder of pictures and its keys.json.

The form is that of the SROIE set: {"006": {"company", "date", "address", "total"}}, as printed. Two
prints of a thing are compared by what they say: a name by letters and digits alone, a date by its
day, a total by its amount.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from receipts.labels.amounts import canonical, decimal_mark, numbers
from receipts.labels.days import DAY_FIRST, days
from receipts.labels.names import key as name_key
from tools.common.errors import CommandError

FILE = "keys.json"
MOST_BYTES = 50_000_000
MERCHANT, DATE, TOTAL = "merchant", "date", "total"
FIELDS = (DATE, TOTAL, MERCHANT)
_PRINTED = {DATE: "date", TOTAL: "total", MERCHANT: "company"}


@dataclass(frozen=True)
class Key:
    """A picture, and what stands on it as printed and as it is compared, by field; a field that
    cannot be compared ("around noon") is left out of `compared`.
    """

    picture: Path
    printed: dict[str, str]
    compared: dict[str, str]


def load(folder: Path) -> list[Key]:
    """The keys of a folder's pictures, by name. Raises CommandError where they are not as said."""
    file = folder / FILE
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} has more than {MOST_BYTES:,} bytes")
        given = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read ({error}): name a folder of pictures with it, DIR=…") from error
    if not isinstance(given, dict) or not all(isinstance(said, dict) for said in given.values()):
        raise CommandError(f'{file} must be {{"picture": {{"company", "date", "total"}}, …}}')
    pictures = {path.stem: path for path in sorted(folder.iterdir()) if path.is_file() and path.name != FILE}
    pictures |= {path.name: path for path in pictures.values()}
    missing = [name for name in given if name not in pictures]
    if missing:
        raise CommandError(f"{len(missing)} pictures of {file} are not there, {missing[0]!r} among them")
    return [_key(pictures[name], said) for name, said in sorted(given.items())]


def _key(picture: Path, said: dict[str, object]) -> Key:
    printed = {field: str(said.get(name) or "") for field, name in _PRINTED.items()}
    compared = {field: comparable(field, text) for field, text in printed.items()}
    return Key(picture, printed, {field: text for field, text in compared.items() if text})


def comparable(field: str, printed: str) -> str:
    """A print as it is compared; empty where it says nothing."""
    if field == MERCHANT:
        return name_key(printed)
    if field == TOTAL:
        found = list(numbers(printed, decimal_mark([printed])))
        return canonical(abs(found[0].value)) if found else ""
    found_days = days(printed)
    if not found_days:
        return ""
    readings = sorted(found_days[0].readings, key=lambda reading: reading[0] != DAY_FIRST)
    return readings[0][1].isoformat()
