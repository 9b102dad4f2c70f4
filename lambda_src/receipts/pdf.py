"""PDF: a program more than a picture, so another process draws it, within limits of its own.

That process has none of the function's environment, so none of its credentials either. What ends
there, by a limit or by a fault of the decoder, is a refusal of the file and not the end of the
worker.
"""

import json
import os
import subprocess
import sys
from typing import Any

from receipts.picture import Page
from receipts.sniff import ImageRefused

MOST_SECONDS = 120  # by the clock: then the machine is too busy, which says nothing of the file
_DRAWING = "receipts.pdf_drawing"  # the packager keeps a module that is named so
_NO_MEMORY = 3


class DrawingFailed(Exception):
    """The process ended by a fault of ours, or did not end; the file may be good."""


def pages(content: bytes, most_pages: int) -> list[Page]:
    """The pages as pictures. Raises ImageRefused, or DrawingFailed where that tells nothing."""
    command = [sys.executable, "-S", "-B", "-m", _DRAWING, str(most_pages)]
    try:
        done = subprocess.run(
            command,
            input=content,
            env=_environment(),
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DrawingFailed(f"it did not end in {MOST_SECONDS} s") from error
    if done.returncode == _NO_MEMORY or done.returncode < 0:
        why = "memory" if done.returncode == _NO_MEMORY else f"signal {-done.returncode}"
        detail = f"drawing its pages came to a limit, or broke the decoder ({why})"
        raise ImageRefused("unreadable", detail)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise DrawingFailed(f"it ended with {done.returncode}: {last.partition(':')[0][:80]}")
    return _read(done.stdout)


def _environment() -> dict[str, str]:
    """Where its modules and the runtime's libraries are, and nothing else."""
    libraries = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **libraries}


def _read(written: bytes) -> list[Page]:
    found: list[Page] = []
    while written:
        line, _, written = written.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        if "reason" in said:
            raise ImageRefused(said["reason"], said["detail"])
        content, written = written[: said["bytes"]], written[said["bytes"] :]
        found.append(Page(content, said["width"], said["height"]))
    return found
