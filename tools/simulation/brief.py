"""A brief campaign in a process of its own, as tests and `make iam` have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT

# fewer than `make faults` has
HISTORIES = int(os.environ.get("HISTORIES", "250"))
TIMEOUT_SECONDS = 300


def brief_campaign(package: str, folder: Path) -> dict[str, Any]:
    """What HISTORIES histories come to (see campaign.Found), as JSON holds it.

    `package`: the simulation of a pipeline ("tools.simulation.votes"); `folder` is for a file of
    its own. Raises CommandError with what was said where a history is broken.
    """
    file = folder / "found.json"
    size = ["--histories", str(HISTORIES), "--seed", "4", "--processes", "1"]
    command = [sys.executable, "-m", package, *size, "--brief", "--json", str(file)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'lambda_src'}"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    if done.returncode:
        raise CommandError(done.stdout + done.stderr)
    read: dict[str, Any] = json.loads(file.read_text())
    return read
