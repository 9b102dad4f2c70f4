"""The document of rights says which a person needs for a command.

It is what the tests of this folder saw the command call; this runs after them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.iam import operators
from tests.support.plan import ROOT
from tools.iam import table

HEADS = ("command", "on", "needs", "for")
FILE = ROOT / "build" / "iam" / "commands.md"


def test_the_table_of_commands_is_what_was_recorded(
    recorded: operators.Recorder, request: pytest.FixtureRequest
) -> None:
    found = table.markdown(operators.rows(recorded.used), HEADS)
    written = table.in_document("commands", table.DOCUMENT.read_text())
    # other processes may have run some of the files: this one saw a part of what is written
    known = _calls(written)
    missing = [line for key, line in _lines(found).items() if not _calls(found)[key] <= known.get(key, set())]
    assert missing == [], "these calls were recorded: add the lines to docs/reference/iam.md"
    chosen = {item.path.name for item in request.session.items}
    option = request.config.option
    if option.keyword or option.markexpr or any("::" in arg for arg in request.config.args):
        pytest.skip("only some tests run: what nothing called cannot be told")
    if not {path.name for path in Path(__file__).parent.glob("test_*.py")} <= chosen:
        pytest.skip("only some files run: what nothing called cannot be told")
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(found + "\n")
    assert written == found, f"nothing called what the other lines say: {FILE} has what was recorded"


def _lines(table_text: str) -> dict[tuple[str, ...], str]:
    """A table's lines by all that they say but for the calls."""
    return {tuple(line.split(" | ")[:-1]): line for line in table_text.splitlines()}


def _calls(table_text: str) -> dict[tuple[str, ...], set[str]]:
    """The calls of each line."""
    return {key: set(line.rpartition(" | ")[2].strip(" |").split(", ")) for key, line in _lines(table_text).items()}
