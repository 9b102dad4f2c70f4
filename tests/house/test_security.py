"""docs/reference/security.md names the tests that try each boundary: they exist."""

from __future__ import annotations

import re

import pytest

from tests.house.sources import functions
from tools.common.paths import ROOT

TEXT = (ROOT / "docs/reference/security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in {function for function, _ in functions(file)}, f"{file} has no {name}"


def test_every_row_names_its_tests_and_every_part_has_some() -> None:
    parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in parts if "`tests/" not in part] == []
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not re.match(r"\| (---|what )", line)]
    assert len(NAMED) >= len(rows) > 20
    assert [row for row in rows if not re.search(r"\| `tests/[\w/]+\.py::\w+`", row)] == []
    assert len(re.findall(r"`tests/", TEXT)) - 1 == len(re.findall(r"`tests/[\w/]+\.py::\w+`", TEXT)), (
        "a test is named by its file and name"
    )
