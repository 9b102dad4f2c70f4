"""From a stranger's file to the pages that a reader gets, or a refusal with its reason.

Textract and the stand-in see the same bytes: a JPEG a page, upright, without metadata, made of
decoded pixels alone, so nothing else that a file holds goes on. What a file may cost is bounded
before it is decoded: its bytes, pixels, sides and pages.
"""

import io
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from receipts import pdf, picture, sniff
from receipts.picture import MOST_SENT_BYTES, Page
from receipts.sniff import ImageRefused

__all__ = ["MOST_BYTES", "MOST_PAGES", "ImageRefused", "Page", "Prepared", "prepare"]

MOST_BYTES = 32 * 1024 * 1024
MOST_PAGES = 20  # of a PDF or TIFF; Textract reads and charges each
_REDUCED, _SUBFILE = 1, 254  # a TIFF's page that is a small copy of another says so in this tag


class Prepared(NamedTuple):
    """A file that can be read.

    `notes` are codes of what a person may want to know: "animated" (only its first picture is
    read), "also-zip", "also-pdf", "trailing-data".
    """

    kind: str
    pages: tuple[Page, ...]
    notes: tuple[str, ...]


def prepare(content: bytes) -> Prepared:
    """Decode a file and make pages of it, all or none. Raises ImageRefused."""
    if len(content) > MOST_BYTES:
        detail = f"it has {len(content):,} bytes; at most {MOST_BYTES:,} are read"
        raise ImageRefused("too-large", detail)
    kind = sniff.kind_of(content)
    notes = list(sniff.what_else(content, kind))
    made = []
    size = 0
    for page in _pages(content, kind, notes):
        made.append(page)
        size += len(page.content)
        if size > MOST_SENT_BYTES:
            raise ImageRefused("too-large", f"its pages have more than {MOST_SENT_BYTES:,} bytes")
    return Prepared(kind, tuple(made), tuple(notes))


def _pages(content: bytes, kind: str, notes: list[str]) -> Iterator[Page]:
    if kind == sniff.PDF:
        yield from pdf.pages(content, MOST_PAGES)
        return
    with _opened(content, kind) as opened:
        if kind == sniff.TIFF:
            yield from _of_tiff(opened)
            return
        if kind != sniff.JPEG and getattr(opened, "is_animated", False):
            notes.append("animated")
        yield picture.made(opened)


def _opened(content: bytes, kind: str) -> Image.Image:
    """The file's header, read by the decoder of its kind and no other."""
    if kind == sniff.HEIC:
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    formats = {"heic": "HEIF"}.get(kind, kind.upper())
    with picture.refusing():
        return Image.open(io.BytesIO(content), formats=(formats,))


def _of_tiff(opened: Image.Image) -> Iterator[Page]:
    """The pages of a TIFF, but for small copies of others."""
    for number in range(MOST_PAGES + 1):
        try:
            with picture.refusing():
                opened.seek(number)
                tags = getattr(opened, "tag_v2", {})
                is_copy = number > 0 and bool(int(tags.get(_SUBFILE, 0)) & _REDUCED)
        except ImageRefused as refused:
            if number and isinstance(refused.__cause__, EOFError):
                return  # there is no further page
            raise
        if number == MOST_PAGES:
            detail = f"it has more than {MOST_PAGES} pages"
            raise ImageRefused("too-many-pages", detail)
        if not is_copy:
            yield picture.made(opened)
