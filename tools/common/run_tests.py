"""`make test`: pytest, with the words of TESTS.

They are pytest's own words (paths, -k, -m), split and unquoted as a shell would, but by no shell.
"""

from __future__ import annotations

import os
import shlex
import sys

from tools.common.errors import CommandError, run_command


def main() -> int:
    """Become pytest."""
    words = os.environ.get("TESTS", "")
    try:
        arguments = shlex.split(words)
    except ValueError as error:
        raise CommandError(f"TESTS={words!r}: {str(error).lower()}") from None
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 (becoming it is the point)


if __name__ == "__main__":
    sys.exit(run_command("test", main))
