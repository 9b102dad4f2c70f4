"""Receipts drawn on paper: pixels, and the lines of text with the boxes they stand in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tools.traffic.receipts.layouts import Row

DATA = Path(__file__).with_name("data")
MONO, SANS, BOLD, HAND = "DejaVuSansMono.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of text and its four corners in pixels, clockwise from the top left of the text."""

    text: str
    corners: tuple[Point, Point, Point, Point]
    receipt: int

    def moved(self, move: Callable[[Point], Point]) -> Line:
        """The line where `move` takes each corner."""
        a, b, c, d = (move(corner) for corner in self.corners)
        return replace(self, corners=(a, b, c, d))


@dataclass(frozen=True)
class Sheet:
    """A picture, in shades of grey or in colours, and every line of text on it."""

    picture: Image.Image
    lines: tuple[Line, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.picture.size


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # The plain layout: the same pixels on every machine, whatever shaping library is there.
    return ImageFont.truetype(DATA / name, size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True)
class Print:
    """How a printer prints: font, height of the letters and width of the paper in pixels."""

    font: str = MONO
    letter: int = 20
    width: int = 620
    ink: int = 25
    paper: int = 252

    @classmethod
    def by_chance(cls, rng: random.Random) -> Print:
        """One of the printers there are."""
        letter = rng.choice((18, 20, 22))
        return cls(rng.choice((MONO, MONO, SANS)), letter, letter * rng.choice((28, 31)), rng.randrange(10, 60))


def draw(rows: Sequence[Row], how: Print, receipt: int) -> Sheet:
    """Print rows on a strip of paper that is as long as they need."""
    margin = how.letter * 2
    heights = [round(how.letter * row.scale * 1.55) for row in rows]
    picture = Image.new("L", (how.width, sum(heights) + 2 * margin), how.paper)
    pen = ImageDraw.Draw(picture)
    lines, top = [], margin
    for row, height in zip(rows, heights, strict=True):
        for cell in row.cells:
            if not cell.text:
                continue
            font = _font(HAND if cell.hand else BOLD if row.bold else how.font, round(how.letter * row.scale))
            at = (margin + cell.at * (how.width - 2 * margin), top + height * 0.75)
            pen.text(at, cell.text, font=font, fill=how.ink, anchor=f"{cell.anchor}s")
            left, high, right, low = pen.textbbox(at, cell.text, font=font, anchor=f"{cell.anchor}s")
            lines.append(Line(cell.text, ((left, high), (right, high), (right, low), (left, low)), receipt))
        top += height
    return Sheet(picture, tuple(lines))


def beside(sheets: Sequence[Sheet], gap: int = 40, table: int = 90) -> Sheet:
    """Several receipts side by side on a table, in one picture."""
    width = sum(sheet.size[0] for sheet in sheets) + gap * (len(sheets) + 1)
    height = max(sheet.size[1] for sheet in sheets) + 2 * gap
    picture, lines, left = Image.new("L", (width, height), table), [], gap
    for sheet in sheets:
        picture.paste(sheet.picture, (left, gap))
        x = left
        lines += [line.moved(lambda corner, x=x: (corner[0] + x, corner[1] + gap)) for line in sheet.lines]  # type: ignore[misc]
        left += sheet.size[0] + gap
    return Sheet(picture, tuple(lines))
