"""A pile of files as one archive, with what systems leave in archives."""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple

from tools.traffic.receipts.collection import Collection

# Folders, and what a Mac writes beside files: nobody sent them on purpose.
LEFT = (("January/", b""), ("__MACOSX/January/._IMG_0001.jpg", b"\0\5\x16\7\0\2\0\0"), (".DS_Store", b"\0\0\0\1Bud1"))


class Archive(NamedTuple):
    """The archive, and how many of its entries nobody sent on purpose."""

    content: bytes
    entries: int
    left: int


def zipped(pile: Collection) -> Archive:
    """The archive of a pile: the same for the same. Pictures are packed already, and stored."""
    entries = [*LEFT, *((file.name, file.content) for file in pile.files)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return Archive(made.getvalue(), len(entries), len(LEFT))
