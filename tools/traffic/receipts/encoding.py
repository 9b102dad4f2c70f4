"""Drawn sheets as files: JPEG, PNG, TIFF, PDF, with the tags that cameras write."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from tools.traffic.receipts.drawing import Sheet
from tools.traffic.receipts.spoiling import ORIENTATION, SAVED_AS


def jpeg(sheet: Sheet, quality: int = 80, orientation: int = 1) -> bytes:
    """A JPEG; saved as a camera held so would, with the EXIF tag that turns it upright."""
    picture = sheet.picture
    if orientation in SAVED_AS:
        picture = picture.transpose(SAVED_AS[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return _saved(picture, "JPEG", quality=quality, exif=exif.tobytes())


def png(sheet: Sheet) -> bytes:
    """A PNG."""
    return _saved(sheet.picture, "PNG", compress_level=1)


def tiff(sheets: Sequence[Sheet]) -> bytes:
    """A TIFF of so many pages, as scanners write."""
    # Copies: Pillow keeps how a picture was saved before, and TIFF stumbles over JPEG's.
    first, *others = (sheet.picture.copy() for sheet in sheets)
    return _saved(first, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")


def pdf(sheets: Sequence[Sheet], resolution: float = 150.0) -> bytes:
    """A PDF of so many pages, each a picture, as scanning apps write. The same for the same."""
    first, *others = (sheet.picture for sheet in sheets)
    return _saved(
        first, "PDF", save_all=True, append_images=others, resolution=resolution, creationDate=None, modDate=None
    )


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, kind, **how)
    return kept.getvalue()
