"""Files of several pages: each is read, within bounds on their number, sides and contents."""

from __future__ import annotations

import io
import subprocess
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from receipts import image, pdf, pdf_drawing, picture
from receipts.image import prepare
from tests.lambda_src.receipts.pictures import SHEET, difference, refusal
from tools.traffic.receipts import broken, drawing, encoding, layouts


@pytest.mark.parametrize("write", [encoding.tiff, encoding.pdf])
def test_each_page_is_a_page(write: Callable[[list[drawing.Sheet]], bytes]) -> None:
    sheets = [drawing.draw(layouts.receipt(n, 3)[0], drawing.Print(), n) for n in range(3)]
    made = prepare(write(sheets))
    assert len(made.pages) == 3
    for page, sheet in zip(made.pages, sheets, strict=True):
        read = Image.open(io.BytesIO(page.content)).resize(sheet.size)
        assert difference(read, sheet.picture) < 12


def test_a_small_copy_in_a_tiff_is_no_page() -> None:
    small = SHEET.picture.resize((60, 80))
    tags = {254: 1}
    kept = io.BytesIO()
    SHEET.picture.save(kept, "TIFF", save_all=True, append_images=[small])
    assert len(prepare(kept.getvalue()).pages) == 2
    small.encoderinfo = {"tiffinfo": tags}
    kept = io.BytesIO()
    SHEET.picture.save(kept, "TIFF", save_all=True, append_images=[small])
    assert len(prepare(kept.getvalue()).pages) == 1


def test_twenty_pages_are_read_and_one_more_is_refused() -> None:
    tiny = [drawing.Sheet(Image.new("L", (60, 60), 255), ())] * (image.MOST_PAGES + 1)
    assert len(prepare(encoding.tiff(tiny[:-1])).pages) == image.MOST_PAGES
    assert refusal(encoding.tiff(tiny)).reason == "too-many-pages"
    assert len(prepare(broken.pdf(image.MOST_PAGES)).pages) == image.MOST_PAGES


def test_a_page_of_a_pdf_is_drawn_no_larger_than_is_sent() -> None:
    (page,) = prepare(broken.pdf(1, sides=(14_000, 9_000))).pages
    assert page.width * page.height <= picture.SENT_PIXELS * 1.01
    assert refusal(broken.pdf(1, sides=(20, 20))).reason == "too-small"
    assert refusal(broken.pdf(1, sides=(14_401, 9_000))).reason in ("too-many-pixels", "unreadable")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """PDFs are drawn in this process, where a test can see what is done."""
    monkeypatch.setattr(pdf, "pages", pdf_drawing.pages)
    return monkeypatch


def test_a_huge_picture_within_a_small_page_is_refused(here: pytest.MonkeyPatch) -> None:
    here.setattr(pdf_drawing, "MOST_PIXELS", SHEET.size[0] * SHEET.size[1] - 1)
    assert refusal(encoding.pdf([SHEET])).reason == "too-many-pixels"
    here.setattr(pdf_drawing, "MOST_OBJECTS", 0)
    assert refusal(encoding.pdf([SHEET])).reason == "unreadable"


def test_too_many_pages_are_refused_before_one_is_drawn(here: pytest.MonkeyPatch) -> None:
    def drawn(*page: object) -> None:
        raise AssertionError("a page was drawn")

    here.setattr(pdf_drawing, "_drawn", drawn)
    assert refusal(broken.pdf(image.MOST_PAGES + 1)).reason == "too-many-pages"
    with pytest.raises(AssertionError):
        prepare(broken.pdf(image.MOST_PAGES))


def form(other: int, content: bytes) -> bytes:
    """A form of a page that draws the object numbered `other`, as J."""
    head = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 400 700] /Resources << /XObject << /J %d 0 R >> >> /Length %d >>"
    )
    return (head + b"\nstream\n%s\nendstream") % (other, len(content), content)


def drawing_pdf(content: bytes, *others: bytes, filtered: bytes = b"") -> bytes:
    """A PDF of one page with this content; it may draw the first of `others` as J."""
    resources = b"/Resources << /XObject << /J 5 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 700] /Contents 4 0 R %s >>" % resources
    stream = b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), filtered, content)
    tree = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    return broken.pdf_of([*tree, page, stream, *others])


LAUGHS = drawing_pdf(b"/J Do", *[form(6 + n, b"/J Do " * 10) for n in range(9)], form(5, b"0 0 400 700 re f"))
LINES = drawing_pdf(zlib.compress(b"0 0 m 400 700 l S\n" * 3_000_000, 9), filtered=b"/Filter /FlateDecode")


@pytest.mark.parametrize("content", [LAUGHS, LINES], ids=["a billion forms", "three million lines"])
def test_a_pdf_that_draws_without_end_is_refused_and_the_worker_lives(content: bytes) -> None:
    refused = refusal(content)
    assert refused.reason == "unreadable"
    assert "limit" in refused.detail


def test_who_draws_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    seen: list[dict[str, str]] = []
    run = subprocess.run

    def watched(*command: Any, **how: Any) -> Any:
        seen.append(how["env"])
        return run(*command, **how)

    monkeypatch.setattr(subprocess, "run", watched)
    assert len(prepare(encoding.pdf([SHEET])).pages) == 1
    assert [environment.keys() for environment in seen] == [{"PYTHONPATH", "LD_LIBRARY_PATH"}]


def test_a_fault_of_ours_refuses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_DRAWING", "receipts.no_such_module")
    with pytest.raises(pdf.DrawingFailed):
        prepare(encoding.pdf([SHEET]))
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "MOST_SECONDS", 0.001)
    with pytest.raises(pdf.DrawingFailed):
        prepare(encoding.pdf([SHEET]))


def test_a_pdf_after_a_locked_one_is_judged_by_itself(here: pytest.MonkeyPatch) -> None:
    assert refusal(broken.pdf(1, locked=True)).reason == "encrypted"
    assert refusal(broken.pdf(0)).reason == "unreadable"
