"""Commands that the rehearsal runs beside each other.

Each in a process group of its own, so that all can be ended at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from tools.common import private
from tools.common.errors import CommandError


class Children:
    """Runs commands from several threads."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._ended = False

    def run(
        self, command: Sequence[str], cwd: Path, variables: Mapping[str, str], seconds: float
    ) -> CompletedProcess[str]:
        """Run a command and return what it said.

        Raises CommandError when it takes longer, or when all were ended.
        """
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=variables,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=private.UMASK,
        )
        self._running.add(process)
        try:
            if self._ended:
                _kill(process)
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            raise CommandError(f"`{_text(command)}` in {cwd} took longer than {seconds:.0f} s and was ended") from None
        finally:
            self._running.discard(process)
        if self._ended:
            raise CommandError(f"`{_text(command)}` in {cwd} was ended")
        return CompletedProcess(command, process.returncode, out, err)

    def end(self) -> None:
        """End all that run, with what they started, and whatever is run from now on."""
        self._ended = True
        for process in tuple(self._running):
            _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _text(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])
