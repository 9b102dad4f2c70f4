"""What happens to a receipt before it is read: turned, tilted, faded, noisy, in shadow."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from PIL import Image, ImageChops, ImageFilter

from tools.traffic.receipts.drawing import Point, Sheet

MOST_TILT = 12.0
# EXIF orientation → what is done to an upright picture before it is saved under that tag.
SAVED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
ORIENTATION = 0x0112


def turned(sheet: Sheet, quarters: int) -> Sheet:
    """The sheet turned clockwise by quarters: the pixels themselves, with no tag that says so."""
    for _ in range(quarters % 4):
        height = sheet.size[1]

        def move(corner: Point, height: int = height) -> Point:
            return height - corner[1], corner[0]

        turned_picture = sheet.picture.transpose(Image.Transpose.ROTATE_270)
        sheet = Sheet(turned_picture, tuple(line.moved(move) for line in sheet.lines))
    return sheet


def tilted(sheet: Sheet, degrees: float, table: int = 90) -> Sheet:
    """The sheet lying askew on a table, clockwise by so many degrees."""
    width, height = sheet.size
    picture = sheet.picture.rotate(-degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=table)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def move(corner: Point) -> Point:
        x, y = corner[0] - width / 2, corner[1] - height / 2
        return x * cos - y * sin + picture.width / 2, x * sin + y * cos + picture.height / 2

    return Sheet(picture, tuple(line.moved(move) for line in sheet.lines))


def faded(sheet: Sheet, share: float) -> Sheet:
    """Thermal paper that has lain in the sun: `share` (0–1) of the ink is gone."""
    white = Image.new("L", sheet.size, 245)
    return replace(sheet, picture=Image.blend(sheet.picture, white, share))


def noisy(sheet: Sheet, share: float, rng: random.Random) -> Sheet:
    """A dark room: grain over all of it, the same for the same `rng`."""
    width, height = sheet.size
    grain = Image.frombytes("L", sheet.size, rng.randbytes(width * height))
    return replace(sheet, picture=Image.blend(sheet.picture, grain, share))


def shadowed(sheet: Sheet) -> Sheet:
    """A shadow that grows across the paper."""
    shadow = Image.linear_gradient("L").resize(sheet.size).point([int(150 + 105 * n / 255) for n in range(256)])
    return replace(sheet, picture=ImageChops.multiply(sheet.picture, shadow))


def blurred(sheet: Sheet, radius: float = 0.7) -> Sheet:
    """Not quite in focus."""
    return replace(sheet, picture=sheet.picture.filter(ImageFilter.GaussianBlur(radius)))


def by_chance(sheet: Sheet, rng: random.Random) -> Sheet:
    """A sheet as people send it: a third as it is, the others spoiled in one or two ways."""
    if rng.random() < 0.5:
        sheet = tilted(sheet, rng.uniform(-MOST_TILT, MOST_TILT) * rng.random())
    kind = rng.random()
    if kind < 0.15:
        sheet = faded(sheet, rng.uniform(0.25, 0.55))
    elif kind < 0.35:
        sheet = noisy(sheet, rng.uniform(0.04, 0.12), rng)
    elif kind < 0.5:
        sheet = shadowed(sheet)
    elif kind < 0.6:
        sheet = blurred(sheet)
    if rng.random() < 0.25:
        sheet = turned(sheet, rng.randrange(1, 4))
    return sheet
