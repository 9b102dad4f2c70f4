"""What a run left behind."""

from __future__ import annotations

from pathlib import Path

import psutil


def processes_in(folder: Path) -> list[str]:
    """Processes that work in `folder` or name it in their command."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        command, where = " ".join(process.info["cmdline"] or ()), process.info["cwd"] or ""
        if where.startswith(str(folder)) or str(folder) in command:
            found.append(f"{process.info['pid']}: {command} in {where}")
    return found
