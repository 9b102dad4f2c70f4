"""The receipt that `make smoke` sends: one picture, and never the same bytes twice."""

from __future__ import annotations

import secrets
import struct
import zlib
from pathlib import Path

PICTURE = Path(__file__).with_name("data") / "receipt.png"  # drawn once: smoke needs nothing that draws
_END = struct.pack(">I", 0) + b"IEND"


def receipt() -> bytes:
    """The PNG with a comment of chance before its end: new bytes are a new file, which is read."""
    whole, content = PICTURE.read_bytes(), b"Comment\0" + secrets.token_hex(16).encode()
    end = whole.rindex(_END)
    chunk = b"tEXt" + content
    comment = struct.pack(">I", len(content)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return whole[:end] + comment + whole[end:]
