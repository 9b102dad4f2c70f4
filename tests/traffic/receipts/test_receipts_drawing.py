"""Drawn receipts: the same for the same seed, boxes where their ink is, their truth printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.traffic.receipts import blocks, broken, collection, drawing, layouts, spoiling
from tools.traffic.receipts.drawing import Print, Sheet
from tools.traffic.receipts.words import LANGUAGES

PILE = collection.collect(120, 1)


def sheet_of(number: int, **how: str) -> Sheet:
    return drawing.draw(layouts.receipt(number, 5, **how)[0], Print(), number)


def test_a_seed_gives_the_same_files_again() -> None:
    again = collection.collect(120, 1)
    assert [(file.name, file.content) for file in PILE.files] == [(file.name, file.content) for file in again.files]
    other = collection.collect(50, 2)
    assert not {file.content for file in PILE.files if file.receipts} & {
        file.content for file in other.files if file.receipts and not file.name.endswith("HEIC")
    }


def test_all_kinds_are_in_a_pile() -> None:
    assert len(PILE.files) == 120
    assert len({file.name for file in PILE.files}) == 120
    reasons = {file.refused for file in PILE.files if file.refused}
    assert reasons == {one.reason for one in broken.broken(b"x" * 99)}
    truths = [truth for file in PILE.files for truth in file.receipts]
    assert {truth.layout for truth in truths} == set(layouts.LAYOUTS)
    assert len({truth.language for truth in truths}) == len(LANGUAGES)
    assert len({truth.currency for truth in truths}) >= 5
    assert {"jpg", "png", "pdf", "tiff", "HEIC"} <= {file.name.rpartition(".")[2] for file in PILE.files}
    assert Counter(len(file.receipts) for file in PILE.files)[3] == 3
    assert any(truth.other_date for truth in truths)
    ((one, copy),) = PILE.same_content()
    assert copy == f"Kopie von {one}" or one == f"Kopie von {copy}"
    ((first, second),) = PILE.same_receipt()
    contents = {file.name: file.content for file in PILE.files}
    assert contents[first] != contents[second]


@pytest.mark.parametrize("name", layouts.LAYOUTS)
@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_the_truth_is_what_is_printed(name: str, code: str) -> None:
    (language,) = [one for one in LANGUAGES if one.code == code]
    for number in range(6):
        rows, truth = layouts.receipt(number, 9, layout=name, language=code)
        texts = [cell.text for row in rows for cell in row.cells]
        assert truth.merchant in texts
        shown = language.amount(abs(Decimal(truth.total)))
        assert any(shown in text for text in texts)
        days = {date.fromisoformat(day).strftime(pattern) for day in (truth.date,) for pattern in language.dates}
        assert any(day in text for day in days for text in texts)
        for tax in truth.taxes:
            assert language.amount(Decimal(tax.amount)) in texts


def test_an_ambiguous_day_says_both() -> None:
    found = [layouts.receipt(n, 5, language="en-GB", layout="plain")[1] for n in range(60)]
    both = [truth for truth in found if truth.other_date]
    assert both
    for truth in both:
        day, other = date.fromisoformat(truth.date), date.fromisoformat(truth.other_date or "")
        assert (day.day, day.month, day.year) == (other.month, other.day, other.year)


SPOILED: dict[str, Callable[[Sheet], Sheet]] = {
    "as it is": lambda sheet: sheet,
    "a quarter": lambda sheet: spoiling.turned(sheet, 1),
    "half": lambda sheet: spoiling.turned(sheet, 2),
    "three quarters": lambda sheet: spoiling.turned(sheet, 3),
    "tilted": lambda sheet: spoiling.tilted(sheet, 12),
    "tilted the other way": lambda sheet: spoiling.tilted(sheet, -7),
    "beside another": lambda sheet: drawing.beside([sheet, sheet]),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_lines_box_has_all_its_ink_and_the_rest_of_the_paper_none(how: str) -> None:
    sheet = SPOILED[how](sheet_of(3, layout="tax-table"))
    ink = sheet.picture.point(lambda shade: 255 if shade < 70 else 0)
    boxes = Image.new("L", sheet.size)
    for line in sheet.lines:
        box = Image.new("L", sheet.size)
        ImageDraw.Draw(box).polygon(line.corners, fill=255)
        assert ImageChops.multiply(ink, box).getbbox(), line.text
        boxes = ImageChops.lighter(boxes, box)
    outside = ImageChops.subtract(ink, boxes.filter(ImageFilter.MaxFilter(5)))
    assert outside.getbbox() is None


def test_an_ideal_reader_answers_in_the_services_form() -> None:
    both = drawing.beside([sheet_of(1), sheet_of(2)])
    together, apart = blocks.answer(both), blocks.answer(both, by_receipt=True)
    assert len(together["ExpenseDocuments"]) == 1
    assert [document["ExpenseIndex"] for document in apart["ExpenseDocuments"]] == [1, 2]
    lines = [block for document in apart["ExpenseDocuments"] for block in document["Blocks"]]
    assert len(lines) == len(together["ExpenseDocuments"][0]["Blocks"]) == len(both.lines)
    assert {block["BlockType"] for block in lines} == {"LINE"}
    for block in lines:
        box = block["Geometry"]["BoundingBox"]
        assert 0 <= box["Left"] < box["Left"] + box["Width"] <= 1
        assert 0 <= box["Top"] < box["Top"] + box["Height"] <= 1
