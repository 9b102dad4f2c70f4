"""docs/limits.md: what it says of our own code stands there, and it is about every pipeline."""

from __future__ import annotations

import re

import pytest

from tools.common.paths import ROOT
from tools.environment.names import PIPELINES

PAGE = ROOT / "docs/limits.md"
ROWS = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| limit |")]
HELD = re.findall(r"\[[\w.]+\]\(\.\./([\w/.]+)\): `([^`]+)` \|$", PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize(("file", "text"), HELD, ids=[f"{file}: {text}" for file, text in HELD])
def test_ours_stands_where_the_page_says(file: str, text: str) -> None:
    written = (ROOT / file).read_text()
    assert text.replace("\\|", "|") in written, f"{file} no longer says {text!r}: correct docs/limits.md"


def test_each_row_is_whole() -> None:
    rows = [row for row in ROWS if "---" not in row]
    cells = [re.split(r" (?<!\\)\| ", row.strip("| ")) for row in rows]
    assert [row for row, found in zip(rows, cells, strict=True) if len(found) != 4] == []
    assert len([row for row in rows if row.endswith("` |")]) == len(HELD) > 30


def test_every_section_names_its_source() -> None:
    sections = PAGE.read_text().split("\n## ")[1:]
    without = [one.splitlines()[0] for one in sections if not re.match(r".*\n\n\[[^\]]+\]\([^)]+\)\n", one)]
    assert without == []


def test_every_pipeline_is_in_it() -> None:
    text = PAGE.read_text()
    assert [name for name in PIPELINES if len(re.findall(rf"\b{name}\b", text)) < 5] == []
