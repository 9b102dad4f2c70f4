"""`make live`, started for a while."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools.common.errors import CommandError
from tools.common.paths import ROOT

UP_SECONDS, END_SECONDS = 240.0, 60.0
LOOK = re.compile(r"look: (http://127\.0\.0\.1:\d+/)")


@contextmanager
def running(say: Callable[[str], None]) -> Iterator[str]:
    """The page's address. What the command says is said again; it is ended as by Ctrl-C.

    Raises CommandError where it ends, or is not up in time.
    """
    command = [sys.executable, "-m", "tools.live", "live"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    clock = threading.Timer(UP_SECONDS, process.terminate)
    clock.start()
    try:
        address = _address(process, say)
        clock.cancel()
        yield address
    finally:
        clock.cancel()
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _address(process: subprocess.Popen[str], say: Callable[[str], None]) -> str:
    for line in process.stdout or ():
        say(f"make live: {line.rstrip()}")
        if found := LOOK.search(line):
            return found[1]
    raise CommandError(f"make live ended, or was not up within {UP_SECONDS:.0f} s")
