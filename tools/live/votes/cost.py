"""What AWS would bill for the votes' tables, counted from the journal and what tally reports."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tools.common.paths import ROOT
from tools.live.local.costs import Compared, Units
from votes.last_entry import HEAD_EVERY

RECORDED = ROOT / "docs" / "votes" / "performance.md"
# dollars of the API, of Lambda, six other parts, all
ROW = re.compile(
    r"^\| plain, 1 \| [\d.]+ \| (?P<of_lambda>[\d.]+) \|(?: [\d.]+ \|){6} (?P<total>[\d.]+) \|", re.MULTILINE
)
ROW_BYTES = 100  # of an entry's row beside its content
HEAD, VOTE = 1 / HEAD_EVERY, 1  # write units: the head, which moves at times, each vote that is put
READS_OF_ENTRY = 1  # read units: what is looked for after the head
WRITES_OF_EPOCH = 2  # its range is fixed, and it is closed


class Tables:
    """Units of the tables since they were `begun`."""

    def __init__(self) -> None:
        self._units: dict[str, float] = defaultdict(float)
        self.has_begun = False

    def appended(self, size: int, changes: int) -> None:
        """An entry of so many bytes and changes was appended."""
        if self.has_begun:
            self._units["write_units"] += math.ceil((size + ROW_BYTES) / 1024) + HEAD + changes * VOTE
            self._units["read_units"] += READS_OF_ENTRY + changes

    def folded(self, line: Mapping[str, Any]) -> None:
        """A line of tally's metrics."""
        epochs, titles = line.get("Epochs"), line.get("EpochTitles")
        if self.has_begun and isinstance(epochs, list) and isinstance(titles, list):
            self._units["write_units"] += int(sum(titles)) + WRITES_OF_EPOCH * int(sum(epochs))

    def units(self) -> Units:
        """In the units of the price list."""
        return dict(self._units)


def plain() -> Compared | None:
    """The tutorial's design, one ballot a request, as the recorded bench has it."""
    found = ROW.search(RECORDED.read_text(encoding="utf-8"))
    if not found:
        return None
    dollars = round(float(found["total"]) - float(found["of_lambda"]), 2)
    return Compared(dollars, "a put and a counter an aspect, one ballot a request")
