"""Files that are no readable picture, each with the reason by which it is put in quarantine."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

_MEGABYTE = 1_000_000


class Broken(NamedTuple):
    """A file that cannot be read, and why."""

    name: str
    content: bytes
    reason: str


def broken(picture: bytes) -> list[Broken]:
    """Every kind of bad file. `picture` is a good JPEG, some of which are made of."""
    return [
        Broken("empty.jpg", b"", "not-an-image"),
        Broken("notes.jpg", "Kaffee 3,20 €\nBrötchen 1,10 €\n".encode() * 40, "not-an-image"),
        Broken("page.png", b"<!doctype html><title>404</title><p>not found</p>", "not-an-image"),
        Broken("clip.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "unsupported-type"),
        Broken("cut off.jpg", picture[: len(picture) * 2 // 3], "truncated"),
        Broken("only a head.jpg", picture[:40], "truncated"),
        Broken("long.png", png(2000, 2), "bad-ratio"),
        Broken("dot.png", png(1, 1), "too-small"),
        Broken("huge.png", png(30_000, 30_000), "too-many-pixels"),
        Broken("locked.pdf", pdf(1, locked=True), "encrypted"),
        Broken("book.pdf", pdf(1000), "too-many-pages"),
        Broken("nothing.pdf", pdf(0), "unreadable"),
        Broken("poster.pdf", pdf(1, sides=(14_000, 14)), "bad-ratio"),
    ]


def png(width: int, height: int) -> bytes:
    """A PNG of one shade in 8 bits. A large one costs little: it repeats one compressed piece."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", _zeros(height * (width + 1)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _zeros(count: int) -> bytes:
    """A zlib stream of so many zero bytes, without compressing all of them."""
    whole, rest = divmod(count, _MEGABYTE)
    piece = _deflated(_MEGABYTE, zlib.Z_FULL_FLUSH)
    checksum = (count % 65_521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\x9c" + piece * whole + _deflated(rest, zlib.Z_FINISH) + struct.pack(">I", checksum)


def _deflated(zeros: int, ending: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(zeros)) + packer.flush(ending)


def pdf(pages: int, *, sides: tuple[int, int] = (400, 700), locked: bool = False) -> bytes:
    """A PDF of so many empty pages with these sides in points.

    One that is `locked` says that it needs a password, which nobody has.
    """
    kids = " ".join(f"{number} 0 R" for number in range(3, 3 + pages))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode()]
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sides[0]} {sides[1]}] >>".encode()
    return pdf_of([*objects, *[page] * pages], locked=locked)


def pdf_of(objects: Sequence[bytes], *, locked: bool = False) -> bytes:
    """A PDF of these objects, of which the first is the catalogue."""
    made, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    lock = b""
    if locked:
        owner, user = b"00" * 32, b"11" * 32
        lock = b"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> " % (owner, user)
    made += b"trailer << /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, lock, start)
    return bytes(made)
