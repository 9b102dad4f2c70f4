"""The page turned and straightened, and its lines put together to rows.

A label and its amount are two boxes of one row. Rows are only found on a page that stands upright:
which way it lies is told by the boxes' own first edge, along which their text runs. All is done in
shares of the page's sides, so that nobody has to know how many pixels it had.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from receipts.fields import Box
from receipts.labels.answer import Line, Point

LONG = 5  # characters from which on a box says how its text runs
LEAST_OVERLAP = 0.5  # of the lower of two heights, for boxes of one row
MOST_SIDEWAYS = 0.35  # of the narrower of two widths that boxes of one row may overlap
LOOK_BACK = 6  # rows that a box is compared with
TINY = 2  # characters of a mark that may be torn off a word, and stand over its end
TINY_EDGE = 1e-6  # of a page's side: a box that is none
MOST_PIECES = 40  # of a row
SURELY_TURNED = 3  # rows more with their amounts at the right, for a page whose boxes tell nothing
_ENDS_IN_AMOUNT = re.compile(r"[0-9][.,][0-9]{2}\D{0,3}$")


@dataclass(frozen=True)
class Piece:
    """A line of text where it stands on the upright page: middle, height, left and right end."""

    text: str
    line: Line
    left: float
    right: float
    middle: float
    height: float


@dataclass(frozen=True)
class Row:
    """Pieces side by side, from left to right; `number` counts from the top."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The row's text."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def height(self) -> float:
        """The height of its letters."""
        return max(piece.height for piece in self.pieces)

    @property
    def box(self) -> Box:
        """Where it stands on the page as it came."""
        return box_of([piece.line for piece in self.pieces])


def box_of(lines: Sequence[Line]) -> Box:
    """The box round some lines of a page, within the page."""
    across = [min(max(x, 0.0), 1.0) for line in lines for x, _ in line.polygon]
    down = [min(max(y, 0.0), 1.0) for line in lines for _, y in line.polygon]
    left, top = round(min(across), 4), round(min(down), 4)
    width, height = round(max(across) - left, 4), round(max(down) - top, 4)
    return Box(lines[0].page, left, top, max(width, 0.0), max(height, 0.0))


def rows(lines: Sequence[Line]) -> list[Row]:
    """The rows of a receipt from top to bottom, page after page."""
    found: list[tuple[Piece, ...]] = []
    for page in sorted({line.page for line in lines}):
        found += _rows_of_page([line for line in lines if line.page == page])
    return [Row(number, pieces) for number, pieces in enumerate(found)]


def _rows_of_page(lines: Sequence[Line]) -> list[tuple[Piece, ...]]:
    quarters, told = _quarters(lines)
    grouped = _grouped(_pieces(lines, quarters))
    if told:
        return grouped
    turned = _grouped(_pieces(lines, quarters + 2))
    least = 0 if quarters % 2 else SURELY_TURNED
    more = _amounts_at_right(turned) - _amounts_at_right(grouped)
    return turned if more > least else grouped


def _quarters(lines: Sequence[Line]) -> tuple[int, bool]:
    """How many quarters clockwise the text is turned, and whether the boxes tell it for sure.

    They do not where their first edge runs across the text, or where none is turned: whoever gives
    boxes without knowing about text begins them at the page's top left.
    """
    votes = [0.0, 0.0, 0.0, 0.0]
    for line in lines:
        if len(line.text) >= LONG:
            (ax, ay), _ = _edge(line.polygon)
            along = 0 if abs(ax) >= abs(ay) else 1
            back = (ax, ay)[along] < 0
            votes[along + 2 * back] += len(line.text)
    most = max(range(4), key=lambda number: votes[number])
    if _across(lines):
        return (most + 1) % 4, False
    return most, most != 0


def _across(lines: Sequence[Line]) -> bool:
    """Whether the boxes' first edges run across the text: boxes are then the narrower the more
    characters they hold. How long the page's sides are beside each other does not matter to that.
    """
    shapes = []
    for line in lines:
        (ax, ay), (bx, by) = _edge(line.polygon)
        along, down = abs(ax) + abs(ay), abs(bx) + abs(by)
        if len(line.text) > 1 and along > TINY_EDGE and down > TINY_EDGE:
            shapes.append((math.log(len(line.text)), math.log(along / down)))
    if not shapes:
        return False
    usual = sum(length for length, _ in shapes) / len(shapes)
    return sum((length - usual) * shape for length, shape in shapes) < 0


def _edge(polygon: Sequence[Point]) -> tuple[Point, Point]:
    """The vectors along a box's text and down from it."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = polygon
    return ((bx - ax + cx - dx) / 2, (by - ay + cy - dy) / 2), (
        (dx - ax + cx - bx) / 2,
        (dy - ay + cy - by) / 2,
    )


def _turned(point: Point, quarters: int) -> Point:
    """Where a point of a page that lies so many quarters clockwise is on the upright one."""
    x, y = point
    return ((x, y), (y, 1 - x), (1 - x, 1 - y), (1 - y, x))[quarters % 4]


def _pieces(lines: Sequence[Line], quarters: int) -> list[Piece]:
    """The lines on the upright page, sheared until they run level."""
    boxes = [tuple(_turned(point, quarters) for point in line.polygon) for line in lines]
    slopes = []
    for line, box in zip(lines, boxes, strict=True):
        (across, down), _ = _edge(box)
        if len(line.text) >= LONG and abs(across) > TINY_EDGE:
            slopes.append(down / across)
    slope = median(slopes) if slopes else 0.0
    return [_piece(line, box, slope) for line, box in zip(lines, boxes, strict=True)]


def _piece(line: Line, box: Sequence[Point], slope: float) -> Piece:
    across = [x for x, _ in box]
    down = [y - slope * x for x, y in box]
    _, (_, high) = _edge([(x, y) for x, y in zip(across, down, strict=True)])
    height = abs(high) or max(down) - min(down)
    return Piece(line.text, line, min(across), max(across), sum(down) / 4, max(height, TINY_EDGE))


def _grouped(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """Pieces that stand side by side, from the top; within a row from the left."""
    made: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.left)):
        near = [row for row in made[-LOOK_BACK:] if len(row) < MOST_PIECES]
        fits = [row for row in near if _beside(piece, row)]
        if fits:
            min(fits, key=lambda row: abs(_nearest(piece, row).middle - piece.middle)).append(piece)
        else:
            made.append([piece])
    made.sort(key=lambda row: sum(piece.middle for piece in row) / len(row))
    return [tuple(sorted(row, key=lambda piece: piece.left)) for row in made]


def _beside(piece: Piece, row: Sequence[Piece]) -> bool:
    """Whether a piece stands in a row: as high as its nearest neighbour, and over none of it."""
    near = _nearest(piece, row)
    apart = abs(near.middle - piece.middle)
    overlap = (near.height + piece.height) / 2 - apart
    if overlap < LEAST_OVERLAP * min(near.height, piece.height):
        return False
    if len(piece.text) <= TINY:
        return True
    rest = (other for other in row if len(other.text) > TINY)
    return all(_sideways(piece, other) <= MOST_SIDEWAYS for other in rest)


def _nearest(piece: Piece, row: Sequence[Piece]) -> Piece:
    return min(row, key=lambda other: max(other.left - piece.right, piece.left - other.right))


def _sideways(one: Piece, other: Piece) -> float:
    """The share of the narrower of two pieces that stands above or below the other."""
    common = min(one.right, other.right) - max(one.left, other.left)
    return common / max(min(one.right - one.left, other.right - other.left), TINY_EDGE)


def _amounts_at_right(grouped: Sequence[Sequence[Piece]]) -> int:
    """How many rows end in an amount after words, less those that begin with one."""
    count = 0
    for row in grouped:
        if len(row) > 1:
            count += bool(_ENDS_IN_AMOUNT.search(row[-1].text))
            count -= bool(_ENDS_IN_AMOUNT.search(row[0].text))
    return count
