"""What a file is, by its bytes alone: names and content types are what a stranger says.

Nothing is decoded here, so whoever only sorts files need not load a decoder.
"""

import re

JPEG, PNG, TIFF, HEIC, PDF = "jpeg", "png", "tiff", "heic", "pdf"
TYPES = (JPEG, PNG, TIFF, HEIC, PDF)

# What is recognised to say so, and not read.
_OTHERS = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"8BPS", "a Photoshop file"),
    (b"\xff\x0a", "a JPEG XL"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx")
_PDF_WITHIN = 1024  # readers of PDF look for its mark in so many bytes
_ZIP_END = b"PK\x05\x06"
_ZIP_END_WITHIN = 65_557
MOST_SCANS = 100  # of a JPEG, each over all of its pixels; a camera makes some ten
_SCAN = 0xDA
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


class ImageRefused(Exception):
    """A file that cannot be read as it is, today or later: `reason` (a code), `detail` for people.

    The detail tells sizes and kinds, never what stands in the file.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def kind_of(content: bytes) -> str:
    """One of TYPES. Raises ImageRefused: unsupported-type for a known other kind, else
    not-an-image.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        return TIFF
    if content[4:8] == b"ftyp":
        return _of_brand(content[8:12])
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return PDF
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        raise ImageRefused("unsupported-type", "it is a WebP; JPEG, PNG, TIFF, HEIC, PDF are read")
    for start, what in _OTHERS:
        if content.startswith(start):
            detail = f"it is {what}; JPEG, PNG, TIFF, HEIC and PDF are read"
            raise ImageRefused("unsupported-type", detail)
    what = "it is empty" if not content else "its first bytes are those of no picture"
    raise ImageRefused("not-an-image", what)


def _of_brand(brand: bytes) -> str:
    if brand in _HEIF_BRANDS:
        return HEIC
    what = "an AVIF" if brand in (b"avif", b"avis") else "a film or another kind of its family"
    raise ImageRefused("unsupported-type", f"it is {what}; JPEG, PNG, TIFF, HEIC, PDF are read")


def what_else(content: bytes, kind: str) -> tuple[str, ...]:
    """Codes of what a file of a `kind` holds beside its picture. Raises ImageRefused.

    "also-zip" and "also-pdf" are polyglots, "trailing-data" is anything behind the picture's end.
    None of it goes on: only pixels do.
    """
    found = []
    if _ZIP_END in content[-_ZIP_END_WITHIN:]:
        found.append("also-zip")
    if kind != PDF and b"%PDF-" in content[:_PDF_WITHIN]:
        found.append("also-pdf")
    end = _end_of_png(content) if kind == PNG else _end_of_jpeg(content) if kind == JPEG else None
    if end is not None and content[end:].strip(b"\x00\r\n ") and not _is_second(content[end:]):
        found.append("trailing-data")
    return tuple(found)


def _is_second(rest: bytes) -> bool:
    """Whether another JPEG follows, as phones put a small or a depth picture behind the first."""
    return rest.lstrip(b"\x00").startswith(b"\xff\xd8\xff")


def _end_of_png(content: bytes) -> int | None:
    position = 8
    while position + 8 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        if content[position + 4 : position + 8] == b"IEND":
            return position + 12
        position += 12 + length
    return None


def _end_of_jpeg(content: bytes) -> int | None:
    """Where the picture ends: segments are skipped by their lengths, scans by their marks."""
    position, scans = 2, 0
    while found := _MARKER.search(content, position):
        marker = found.group(1)[0]
        if marker == 0xD9:
            return found.end()
        scans += marker == _SCAN
        if scans > MOST_SCANS:
            raise ImageRefused("unreadable", f"it is drawn in more than {MOST_SCANS} passes")
        length = int.from_bytes(content[found.end() : found.end() + 2], "big")
        position = found.end() + (0 if marker == 0x01 else length)
    return None
