"""`make catalogue`: what becomes of each row is said before anything is written."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.operations.stand_ins import FakeDeployment
from tests.support.counted import Counted
from tools.common.errors import CommandError
from tools.operations.votes import catalogue

FILES = Path(__file__).parent / "catalogues"
TABLES = {"catalogue": "catalogue", "tallies": "tallies"}


class Rig:
    """An empty catalogue, and tallies of a few titles."""

    def __init__(self) -> None:
        self.counted = Counted()
        self.counted.cloud.dynamodb.create_table("catalogue", ("title_id", "S"))
        self.rows = self.counted.cloud.dynamodb.tables["catalogue"].items
        client = self.counted.cloud.client("dynamodb")
        self.deployment = FakeDeployment("test", {"clients": {"dynamodb": client}, "tables": TABLES}, None, {})

    def load(self, file: Path | str, **options: Any) -> tuple[int, str]:
        """The command's code, and what it said."""
        console = Console(width=200, file=io.StringIO())
        code = catalogue.run(self.deployment, console, catalogue.Options(str(file), **options))
        return code, console.file.getvalue()  # type: ignore[attr-defined]

    def titles(self) -> list[str]:
        return sorted(title for (title,) in self.rows)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_dry_run_says_all_and_writes_nothing(rig: Rig) -> None:
    code, said = rig.load(FILES / "window-first.csv", dry_run=True)
    assert code == 0
    assert "added 1, changed 0 (0 of them lose something), untouched 0; 0 others" in said
    assert "+ finale: name 'The Fnale'; opens 2026-11-01T00:00:00Z; closes 2026-11-20T00:00:00Z" in said
    assert "nothing was written" in said
    assert rig.rows == {}


def test_added_changed_and_untouched(rig: Rig, tmp_path: Path) -> None:
    rig.load(FILES / "window-first.csv")
    rig.load(FILES / "forever.csv")
    file = tmp_path / "titles.csv"
    lines = (FILES / "window-first.csv").read_text().replace("Fnale", "Finale")
    file.write_text(lines + "new,New,,\n" + "forever-utc,A,,9999-12-31T23:59:59Z\n")
    code, said = rig.load(file)
    assert code == 0
    assert "added 1, changed 1 (0 of them lose something), untouched 1; 1 others are listed" in said
    assert "~ finale: name 'The Fnale' → 'The Finale'\n" in said
    assert "2 rows were written" in said
    assert rig.titles() == ["finale", "forever-us", "forever-utc", "new"]
    assert "added 0, changed 0 (0 of them lose something), untouched 3" in rig.load(file)[1]


def test_a_window_goes_only_when_a_person_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.load(FILES / "window-first.csv")
    before = dict(rig.rows)
    code, said = rig.load(FILES / "window-then-name-only.csv")
    assert code == 1
    assert "! finale: opens and closes, part of when it is open, is removed" in said
    assert "closes 2026-11-20T00:00:00Z → (nothing)" in said
    assert "nothing was changed: `make catalogue FILE=… CONFIRM=yes` does it" in said
    assert rig.rows == before
    assert rig.load(FILES / "window-then-name-only.csv", confirm=True)[0] == 0
    assert rig.rows[("finale",)] == {"title_id": {"S": "finale"}, "name": {"S": "The Finale"}}


def test_what_another_wrote_into_a_row_is_not_lost_in_silence(rig: Rig) -> None:
    rig.load(FILES / "window-first.csv")
    rig.rows[("finale",)] |= {"genre": {"S": "drama"}, "opens": {"S": "tomorrow"}}
    code, said = rig.load(FILES / "window-first.csv")
    assert code == 1
    assert "genre 'drama' → (nothing)" in said
    assert "opens 'tomorrow' → 2026-11-01T00:00:00Z" in said


def test_ids_that_lost_their_leading_zeros(rig: Rig, tmp_path: Path) -> None:
    """Excel takes 0012345 for a number."""
    rig.counted.count([rig.counted.ballot("v1", "0012345", story=3)])
    rig.counted.fold()
    file = tmp_path / "titles.csv"
    file.write_text("title_id\n12345\n777\n")
    code, said = rig.load(file)
    assert code == 1
    assert "! 12345 is new, and there is 0012345: has it lost its leading zeros?" in said
    assert "777 is new, and" not in said
    assert rig.rows == {}
    assert rig.load(file, confirm=True)[0] == 0
    code, said = rig.load(file)  # both are listed by now: a person said so
    assert code == 0
    assert "!" not in said


@pytest.mark.parametrize(
    ("file", "title", "note"),
    [
        ("excel-de-semicolon.csv", "m1", "its columns are separated by semicolons, and read so"),
        ("excel-trailing-empty-rows.csv", "m1", "2 of its rows are empty, and passed over"),
    ],
)
def test_what_excel_makes_of_it_is_said_in_a_sentence(rig: Rig, file: str, title: str, note: str) -> None:
    code, said = rig.load(FILES / file)
    assert code == 0
    assert [line for line in said.splitlines() if note in line] == [f"  {note}"]
    assert rig.titles() == [title]
    assert rig.rows[(title,)]["name"] == {"S": "Amelie"}


def test_tabs_and_empty_columns_at_the_end(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_text("title_id\tname\t\t\nm1\tUp, or so\t\t\n")
    code, said = rig.load(file)
    assert code == 0
    assert "separated by tabs" in said
    assert rig.rows[("m1",)]["name"] == {"S": "Up, or so"}


def test_a_quotation_mark_left_open_loads_nothing(rig: Rig) -> None:
    with pytest.raises(CommandError, match="line 2 is no CSV: unexpected end of data"):
        rig.load(FILES / "unclosed-quote-2.csv")
    assert rig.rows == {}


def test_a_title_not_announced_yet_is_shown_as_what_it_is(rig: Rig) -> None:
    code, said = rig.load(FILES / "not-yet-announced.csv")
    assert code == 0
    assert "+ soon: name 'Not announced yet'; opens a time after the year 9999" in said
    assert "closes 9999-12-31T23:59:59Z" in rig.load(FILES / "forever.csv")[1]
    assert rig.titles() == ["forever-us", "forever-utc", "soon"]


def test_no_file(rig: Rig) -> None:
    with pytest.raises(CommandError, match="FILE is missing"):
        catalogue.run(rig.deployment, Console(), catalogue.Options(None))
    with pytest.raises(CommandError, match="cannot read"):
        rig.load("no-such-file.csv")
