"""`make accuracy`: keys as they are printed, verdicts, shares, and what it says and writes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from receipts.fields import Field, Receipt
from tests.lambda_src.receipts.labels import paper
from tools.bench.receipts import accuracy, scores
from tools.bench.receipts.keys import DATE, MERCHANT, TOTAL, Key, comparable, load
from tools.common.errors import CommandError
from tools.local_cloud.reader import stand_in
from tools.local_cloud.reader.stand_in import StandIn
from tools.local_cloud.runs import Run

ROWS = ("NORTHGATE TRADING LTD", "31/12/2018", "Bread | 2.10", "TOTAL | 2.10", "CASH | 5.00", "CHANGE | 2.90")
SAID = {"company": "Northgate Trading Ltd.", "date": "31-12-18", "address": "", "total": "RM 2.10"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    held = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(held, "PNG")
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.png").write_bytes(held.getvalue())
    (tmp_path / "three.png").write_bytes(b"no picture")
    keys = {"one": SAID, "two": SAID | {"total": "9.99", "company": "Another Shop"}, "three": SAID | {"date": "?"}}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    return tmp_path


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        (MERCHANT, "Café Ann's (KL) SDN. BHD.", "CAFE ANNS KL SDN BHD"),
        (DATE, "(06/12/2016)", "06-12-16"),
        (DATE, "27 MAR 2018", "2018-03-27"),
        (DATE, "05-AUG-2017", "05/08/2017"),
        (TOTAL, "RM111.90", "111.90"),
        (TOTAL, "$6.90", "6.9O"),
        (TOTAL, "RM 1,234.50", "1234.50"),
    ],
)
def test_prints_that_say_the_same_are_the_same(field: str, one: str, other: str) -> None:
    assert comparable(field, one) == comparable(field, other) != ""


def test_prints_that_say_another_thing_are_not_the_same() -> None:
    assert comparable(DATE, "06/12/2016") != comparable(DATE, "12/06/2016")
    assert comparable(TOTAL, "6.90") != comparable(TOTAL, "69.00")
    assert comparable(MERCHANT, "TEO HENG") != comparable(MERCHANT, "TED HENG")
    assert comparable(DATE, "around noon") == comparable(TOTAL, "nothing") == comparable(MERCHANT, "--") == ""


@pytest.mark.parametrize("text", ["", "[]", '{"one": 3}', '{"missing": {"date": "1/1/2018"}}'])
def test_keys_that_are_none_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(CommandError, match="keys"):
        load(tmp_path)


def test_a_folder_without_keys_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="DIR="):
        load(tmp_path)


def field(value: str | None, *, review: bool = False, other: str = "") -> Field:
    return Field(value, 90, "why", review, alternatives=(other,) if other else ())


def test_shares_count_what_is_right_and_what_is_marked() -> None:
    key = Key(Path("x.png"), {DATE: "1/2/2018"}, {DATE: "2018-02-01"})
    fields = [
        field("2018-02-01"),
        field("2018-02-01", review=True),
        field("2018-01-02", review=True, other="2018-02-01"),
        field("2018-01-02"),
        field(None, review=True),
    ]
    verdicts = [
        verdict
        for one in fields
        for verdict in scores.judge(key, Receipt(1, kind=one, merchant=one, date=one, currency=one, total=one))
    ]
    found = scores.shares(verdicts)
    assert found[DATE] == scores.Shares(compared=5, right=2, unmarked=2, unmarked_right=1)
    assert found[TOTAL].compared == 0
    assert [one.kind for one in verdicts if not one.right] == [
        "marked, the right one among the alternatives",
        "NOT MARKED, another value",
        "nothing read",
    ]
    said = list(scores.lines(verdicts))
    assert said[-1].startswith("date 40.0 % right, 40.0 % unmarked and 50.0 % of them right; total none right")


def test_the_command_reads_a_folder_and_says_what_was_wrong(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    build = tmp_path_factory.mktemp("build")
    sent: list[bytes] = []

    def analyze(content: bytes) -> Any:
        sent.append(content)
        return paper.answer(ROWS)

    monkeypatch.setattr(Run, "named", lambda name: Run(build / name))
    monkeypatch.setattr(stand_in, "start", lambda *_, **__: StandIn("http://127.0.0.1:9", "token"))
    monkeypatch.setattr(accuracy, "_client", lambda _: analyze)
    monkeypatch.setenv("DIR", str(folder))
    monkeypatch.setattr("sys.argv", ["accuracy"])
    (build / "accuracy").mkdir()
    assert accuracy.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert "  two: read '2.10', printed '9.99' (cash-less-change)" in said
    assert any("three" in line and "ImageRefused" in line for line in said)
    assert said[-1].startswith(
        "date 100.0 % right, 100.0 % unmarked and 100.0 % of them right; total 33.3 % right, 66.7 %"
    )
    written = json.loads((build / "accuracy/accuracy.json").read_text())
    assert written["shares"]["total"] == {"compared": 3, "right": 1, "unmarked": 2, "unmarked_right": 1}
    assert len(written["verdicts"]) == 8
    assert len(sent) == 2
    assert all(content[:3] == b"\xff\xd8\xff" for content in sent), (
        "the reader gets what the product makes of a picture"
    )


def test_without_a_folder_it_says_what_to_name(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("DIR", raising=False)
    monkeypatch.setattr("sys.argv", ["accuracy"])
    assert accuracy.main() == 1
    assert "make accuracy DIR=" in capsys.readouterr().err
