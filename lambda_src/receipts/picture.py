"""One raster picture made fit to be read: upright, in shades or colours of 8 bits, not too large.

Sizes are judged before pixels are decoded, and each step holds one picture at a time.
"""

import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PIL import Image, ImageOps, PngImagePlugin

from receipts.sniff import ImageRefused

MOST_PIXELS = 60_000_000  # a picture that comes in; phones make up to 50 million
MOST_RATIO = 25  # of the sides: the local reader takes gigabytes for 2,000 x 2 pixels
LEAST_SIDE = 50
SENT_PIXELS = 8_000_000  # what the reader gets at most: 15 pixels a letter on a long receipt
SENT_SIDE = 10_000  # Textract's limit
SENT_BYTES = 5_000_000  # Textract's limit for bytes in a request, by its service model
MOST_SENT_BYTES = 40_000_000  # of all pages: they wait in memory until the last is known to be good
_ORIENTATION = 0x0112  # an EXIF tag
_QUALITIES = (90, 75, 60, 40)
_OF_DECODERS = (  # what they raise over bytes that they cannot make sense of
    *(OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, RuntimeError),
    *(struct.error, zlib.error),
)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024  # of comments, unpacked


class Page(NamedTuple):
    """What the reader gets: a JPEG without any metadata, its width and height in pixels."""

    content: bytes
    width: int
    height: int


def check_size(width: float, height: float, what: str = "it") -> None:
    """Raise ImageRefused unless a picture of these sides in pixels may be decoded."""
    size = f"{what} is {width:,.0f} x {height:,.0f} pixels"
    if min(width, height) < 1:
        raise ImageRefused("too-small", size)
    if width * height > MOST_PIXELS:
        raise ImageRefused("too-many-pixels", f"{size}; at most {MOST_PIXELS:,} in all")
    check_ratio(width, height, size)
    if min(width, height) < LEAST_SIDE:
        raise ImageRefused("too-small", f"{size}; at least {LEAST_SIDE} a side")


def check_ratio(width: float, height: float, size: str) -> None:
    """Raise ImageRefused where one side is too much longer than the other."""
    if max(width, height) > MOST_RATIO * min(width, height):
        detail = f"{size}; one side may be {MOST_RATIO} times the other"
        raise ImageRefused("bad-ratio", detail)


def share_sent(width: float, height: float) -> float:
    """By what the sides are multiplied so that the reader takes the picture (1 at most)."""
    by_area = math.sqrt(SENT_PIXELS / (width * height))
    return min(1.0, by_area, SENT_SIDE / max(width, height))


@contextmanager
def refusing() -> Iterator[None]:
    """Make ImageRefused of whatever a decoder raises over a file that is not right."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd tags: what matters is decoded or is not
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused("too-many-pixels", f"at most {MOST_PIXELS:,} in all") from error
    except EOFError as error:
        raise ImageRefused("truncated", "it ends before the picture does") from error
    except _OF_DECODERS as error:
        raise _of_decoder(error) from error


def _of_decoder(error: Exception) -> ImageRefused:
    said = str(error).lower()
    if any(word in said for word in ("truncated", "unexpected end", "end of file", "broken data")):
        return ImageRefused("truncated", "it ends before the picture does")
    return ImageRefused("unreadable", f"the decoder gave up ({type(error).__name__})")


def made(opened: Image.Image) -> Page:
    """The page of a picture that is open and not decoded yet. Raises ImageRefused."""
    check_size(*opened.size)
    with refusing():
        wanted = share_sent(*opened.size)
        if wanted < 1:
            # A JPEG can be decoded at a half, a quarter or an eighth of its sides.
            opened.draft(None, (round(opened.width * wanted), round(opened.height * wanted)))
        opened.load()
    check_size(*opened.size)  # some decoders know only now
    with refusing():
        plain = _plain(_smaller(opened))
        upright = ImageOps.exif_transpose(plain) if _is_turned(opened) else plain
    return encoded(upright)


def _is_turned(opened: Image.Image) -> bool:
    return bool(opened.getexif().get(_ORIENTATION, 1) != 1)


def _smaller(picture: Image.Image) -> Image.Image:
    share = share_sent(*picture.size)
    if share == 1:
        return picture
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode == "1":
        picture = picture.convert("L")
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    exif = picture.getexif()
    smaller = picture.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    smaller.info = {**smaller.info, "exif": exif.tobytes()} if exif else smaller.info
    return smaller


def _plain(picture: Image.Image) -> Image.Image:
    """In mode L or RGB. What is see-through lies on white paper, and keeps its EXIF."""
    info = picture.info
    if picture.mode.startswith("I") or picture.mode == "F":
        plain = _of_wide(picture)
    elif picture.has_transparency_data:
        colours = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(colours, mask=colours.getchannel("A"))
    elif picture.mode in ("L", "RGB"):
        return picture
    else:
        plain = picture.convert("L" if picture.mode == "1" else "RGB")
    plain.info = {key: info[key] for key in ("exif",) if key in info}
    return plain


def _of_wide(picture: Image.Image) -> Image.Image:
    """Shades of 16 or 32 bits in 8: Pillow alone would cut off what is above 255."""
    wide = picture if picture.mode == "F" else picture.convert("I").convert("F")
    low, high = (float(value) for value in wide.getextrema()[:2])  # type: ignore[arg-type]
    span = 65_535.0 if low >= 0 and 255 < high <= 65_535 else max(high, 1.0)
    if not span < float("inf"):
        raise ImageRefused("unreadable", "its shades are no numbers")
    return wide.point(lambda value: value * (255 / span)).convert("L")


def encoded(picture: Image.Image) -> Page:
    """A picture of mode L or RGB as the reader gets it: small enough at the best quality."""
    picture.info = {}  # a comment would be written again
    for quality in _QUALITIES:
        kept = io.BytesIO()
        picture.save(kept, "JPEG", quality=quality)
        if kept.tell() <= SENT_BYTES:
            return Page(kept.getvalue(), *picture.size)
    raise ImageRefused("too-large", f"more than {SENT_BYTES:,} bytes as a JPEG of low quality")
