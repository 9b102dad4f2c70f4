"""A drawn receipt, and what becomes of its picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from receipts.image import ImageRefused, prepare
from tools.traffic.receipts import drawing, encoding, layouts

ROWS, TRUTH = layouts.receipt(1, 1, layout="plain", language="en-GB")
SHEET = drawing.draw(ROWS, drawing.Print(), 1)
GOOD = encoding.jpeg(SHEET, 85)


def saved(made: Image.Image, kind: str, **how: object) -> bytes:
    kept = io.BytesIO()
    made.save(kept, kind, **how)
    return kept.getvalue()


def page_of(content: bytes) -> Image.Image:
    """The one page, decoded again."""
    (page,) = prepare(content).pages
    opened = Image.open(io.BytesIO(page.content))
    assert opened.format == "JPEG"
    assert opened.size == (page.width, page.height)
    return opened


def refusal(content: bytes) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        prepare(content)
    return caught.value


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, in shades of 256."""
    assert one.size == other.size
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height)
