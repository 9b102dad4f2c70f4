"""The seeded histories that `make test` runs, fewer than `make faults` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = int(os.environ.get("HISTORIES", "250"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m tests.faults`, as `make faults` calls it."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'lambda_src'}"}
    command = [sys.executable, "-m", "tests.faults", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


def found(folder: Path) -> dict[str, Any]:
    """What they came to (see tests/faults/campaign.py). Raises AssertionError with what was said where one is broken."""
    file = folder / "found.json"
    done = run("--histories", str(HISTORIES), "--seed", "4", "--processes", "1", "--brief", "--json", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    read: dict[str, Any] = json.loads(file.read_text())
    return read
