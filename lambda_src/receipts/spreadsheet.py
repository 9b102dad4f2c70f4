"""CSV for spreadsheets, whose cells cannot be formulas.

A program that opens a file with another separator than ours cuts cells elsewhere: so what may begin
a formula is disarmed behind every separator too, by the apostrophe that spreadsheets take for "this
is text" (OWASP: "CSV Injection").
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
_FORMULA = re.compile(r"(^|[;,|\t\r\n])( *)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])")


def text_of(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """The file; None is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for line in lines:
        writer.writerow(["" if cell is None else disarmed(str(cell)) for cell in line])
    return BYTE_ORDER_MARK + file.getvalue()


def disarmed(cell: str) -> str:
    """The cell as text that no spreadsheet computes."""
    return _FORMULA.sub(r"\1'\2", cell)
