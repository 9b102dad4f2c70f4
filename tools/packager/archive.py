"""Zips whose bytes follow from their contents alone."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = (stat.S_IFREG | 0o644) << 16
_LEVEL = 6  # 9 takes three times as long for half a percent


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files` (path → bytes): sorted, of one date and mode, without folders' entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, _EARLIEST)
            info.create_system = _UNIX
            info.external_attr = _MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path], compresslevel=_LEVEL)
    return buffer.getvalue()
