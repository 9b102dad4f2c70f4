"""The releases kept in tests/upgrade/releases, and how one is put there.

    python -m tests.upgrade.kept v0.1.0 f6a3cfb

keeps what an upgrade has to do with (functions, Terraform, environments) of a commit, as `git
archive` writes it: the same commit gives the same files, and the archive's comment is the commit.
Keep a release when it is made; one that nobody upgrades from may go.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent / "releases"
ROOT = Path(__file__).resolve().parents[2]
PARTS = ("lambda_src", "terraform", "environments")
LEFT_OUT = (":(exclude)**/README.md", ":(exclude)**/tests/**")
LARGEST_BYTES = 300_000


def keep(name: str, commit: str) -> Path:
    """Write the archive of a release, made of a commit.

    Raises CalledProcessError with git's words, ValueError for a bad name.
    """
    if not re.fullmatch(r"v\d+\.\d+\.\d+", name):
        raise ValueError(f"{name} is no name of a release, which is like v1.2.0")
    path = FOLDER / f"{name}.zip"
    command = ["git", "archive", "--format=zip", "-9", f"--output={path}", commit, "--", *PARTS, *LEFT_OUT]
    subprocess.run(command, cwd=ROOT, check=True)
    return path


def newest() -> Path:
    """The archive of the newest release that is kept."""
    return max(FOLDER.glob("v*.zip"), key=lambda path: [int(part) for part in path.stem[1:].split(".")])


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack an archive into a folder, and return it: a project's root, as far as it goes."""
    with zipfile.ZipFile(archive) as held:
        held.extractall(folder)
    return folder


if __name__ == "__main__":
    print(keep(*sys.argv[1:3]))
