"""An edit put into the zip that is there, where it imports nothing new: then the zip holds the same
files, and no other is read, compiled or looked into again.

A release is never made so: what is new to a zip by a name in a text alone is not seen.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.packager.bytecode import beside, bytecode
from tools.packager.imports import read


def edit(archive: Path, recorded: Mapping[str, str], sources: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """What of a zip's files is otherwise by our `sources` as they are now, path → content.

    `recorded`: path → SHA-256 of what the zip holds. None where the edit asks for a zip made anew:
    a file is gone, or imports something else.
    """
    tops = {path.partition("/")[0] for path in sources}
    ours = [path for path in recorded if path.partition("/")[0] in tops and "__pycache__" not in path]
    if any(path not in sources for path in ours):
        return None
    edited = [path for path in ours if hashlib.sha256(sources[path]).hexdigest() != recorded[path]]
    if not edited:
        return {}
    with zipfile.ZipFile(archive) as held:
        before = {path: held.read(path) for path in edited}
    for path in edited:
        if path.endswith(".py") and _imports(path, before[path]) != _imports(path, sources[path]):
            return None
    compiled = bytecode({path: sources[path] for path in edited if beside(path) in recorded})
    return {path: sources[path] for path in edited} | compiled


def _imports(path: str, source: bytes) -> tuple[set[str], bool] | None:
    """What a source imports; None for one that cannot be read, which the packager says of it."""
    try:
        found = read(source, path.removesuffix(".py").replace("/", "."), is_package=path.endswith("__init__.py"))
    except SyntaxError:
        return None
    return set(found.names), found.computed
