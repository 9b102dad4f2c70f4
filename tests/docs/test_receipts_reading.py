"""docs/receipts/reading.md says every reason of a refusal, and the bounds as they are."""

from __future__ import annotations

import re

from receipts import image, pdf_drawing, picture, reader
from receipts.reasons import Reason
from tools.common.paths import ROOT

TEXT = (ROOT / "docs/receipts/reading.md").read_text()
SOURCES = ("sniff", "picture", "image", "pdf", "pdf_drawing", "reader", "decodes", "read")


def test_every_reason_is_said_and_no_other() -> None:
    found = {"reader-refused:", str(Reason.OVER_LIMIT), str(Reason.BAD_CHECKSUM)}
    for name in SOURCES:
        source = (ROOT / f"lambda_src/receipts/{name}.py").read_text()
        found |= set(re.findall(r'ImageRefused\(\s*"([a-z-]+)"', source))
    said = set(re.findall(r"^\| `([a-z:-]+)`", TEXT, re.MULTILINE))
    assert len(found) > 12
    assert said == found
    assert [code for code in reader.LASTING if f"`{code}`" not in TEXT] == []


def test_the_bounds_are_those_of_the_code() -> None:
    table = TEXT.split("## The bounds")[1].split("##")[0]
    for bound in (
        f"{picture.MOST_PIXELS:,}",
        f"{picture.SENT_PIXELS:,}, at most {picture.SENT_SIDE:,}",
        f"{picture.SENT_BYTES:,}",
        f"{picture.MOST_SENT_BYTES:,}",
        f"{image.MOST_BYTES // 2**20} MiB",
        f"| {picture.MOST_RATIO} times",
        f"| {picture.LEAST_SIDE} pixels",
        f"| {image.MOST_PAGES} |",
        f"{pdf_drawing.MOST_OBJECTS:,}, {pdf_drawing._DEEPEST} deep",
    ):
        assert bound in table, bound
    assert f"{pdf_drawing.MOST_MEMORY // 2**20} MB of memory, {pdf_drawing.MOST_CPU_SECONDS} s of CPU" in TEXT
