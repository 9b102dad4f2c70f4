"""The pages of a PDF drawn as pictures, by a process of its own (pdf.py starts it).

Sizes are judged before anything is drawn; what that cannot see (masks, patterns, a page that draws
itself a billion times) ends at this process's own limits of memory and CPU.
"""

import json
import math
import resource
import sys
from collections.abc import Iterator
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from receipts.picture import (
    MOST_PIXELS,
    MOST_SENT_BYTES,
    Page,
    check_ratio,
    encoded,
    share_sent,
)
from receipts.sniff import ImageRefused

DOTS_AN_INCH = 200
POINTS_AN_INCH = 72
LEAST_POINTS, MOST_POINTS = 36, 14_400  # half an inch; PDF 1.7 ends at 200 inches
MOST_OBJECTS = 20_000  # on a page: as much as is looked through
_DEEPEST = 5  # forms within forms
MOST_MEMORY = 768 * 1024 * 1024  # of the process, code and all
MOST_CPU_SECONDS = 30
NO_MEMORY = 3  # how the process ends then
_ENCRYPTED = (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)


def pages(content: bytes, most_pages: int) -> Iterator[Page]:
    """The pages as pictures, each drawn when it is asked for. Raises ImageRefused."""
    document = _opened(content)
    try:
        count = len(document)
        if not count:
            raise ImageRefused("unreadable", "it has no page")
        if count > most_pages:
            detail = f"it has {count:,} pages; at most {most_pages} are read"
            raise ImageRefused("too-many-pages", detail)
        for number in range(count):
            yield _drawn(document, number)
    finally:
        document.close()


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        # The decoder's code may be that of a file before: what needs a password also says so.
        if getattr(error, "err_code", None) in _ENCRYPTED and b"/Encrypt" in content:
            raise ImageRefused("encrypted", "it needs a password") from error
        raise ImageRefused("unreadable", "it is no whole PDF") from error


def _drawn(document: pdfium.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
    except pdfium.PdfiumError as error:
        raise ImageRefused("unreadable", f"page {number + 1} cannot be loaded") from error
    try:
        width, height = page.get_size()
        scale = _scale(width, height, f"page {number + 1}")
        _check_pictures(page, f"page {number + 1}")
        bitmap = page.render(scale=scale)
        try:
            drawn: Image.Image = bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
    except pdfium.PdfiumError as error:
        raise ImageRefused("unreadable", f"page {number + 1} cannot be drawn") from error
    finally:
        page.close()
    return encoded(drawn)


def _scale(width: float, height: float, what: str) -> float:
    """Pixels a point for a page of these sides in points."""
    size = f"{what} is {width:,.0f} x {height:,.0f} points"
    if not all(math.isfinite(side) and side > 0 for side in (width, height)):
        raise ImageRefused("unreadable", f"{what} has no size")
    check_ratio(width, height, size)
    if min(width, height) < LEAST_POINTS:
        raise ImageRefused("too-small", f"{size}; at least {LEAST_POINTS} a side")
    if max(width, height) > MOST_POINTS:
        raise ImageRefused("too-many-pixels", f"{size}; at most {MOST_POINTS:,} a side")
    wanted = DOTS_AN_INCH / POINTS_AN_INCH
    return wanted * share_sent(width * wanted, height * wanted)


def _check_pictures(page: pdfium.PdfPage, what: str) -> None:
    """A page that is small on paper may hold a picture that is not."""
    pixels = 0
    found = page.get_objects(max_depth=_DEEPEST)
    for number, thing in enumerate(islice(found, MOST_OBJECTS + 1)):
        if number == MOST_OBJECTS:
            raise ImageRefused("unreadable", f"{what} has more than {MOST_OBJECTS:,} things on it")
        if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            width, height = thing.get_px_size()
            pixels += width * height
        if pixels > MOST_PIXELS:
            detail = f"{what} holds pictures of more than {MOST_PIXELS:,} pixels"
            raise ImageRefused("too-many-pixels", detail)


def main() -> int:
    """Draw the PDF on standard input: a line of JSON and the bytes for each page, or why not."""
    if sys.platform == "linux":  # elsewhere the system knows no limit of memory
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    size = 0
    try:
        for page in pages(sys.stdin.buffer.read(), int(sys.argv[1])):
            size += len(page.content)
            if size > MOST_SENT_BYTES:
                detail = f"its pages have more than {MOST_SENT_BYTES:,} bytes"
                raise ImageRefused("too-large", detail)
            out.write(_line(width=page.width, height=page.height, bytes=len(page.content)))
            out.write(page.content)
    except ImageRefused as refused:
        out.write(_line(reason=refused.reason, detail=refused.detail))
    except MemoryError:
        return NO_MEMORY
    return 0


def _line(**values: object) -> bytes:
    return json.dumps(values).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main())
