"""What is made once a test run, by whichever of its processes needs it first."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

FOLDER = "SLUICE_TEST_RUN"  # the environment variable in which the run's processes find its folder
SECONDS = 300.0


def once(name: str, make: Callable[[], Any]) -> Any:
    """What `make` returns (JSON), made by the first that asks for `name` and read by the others.

    Raises what `make` raises, in each process that tries.
    """
    file = Path(os.environ[FOLDER]) / (re.sub(r"[^\w.-]", "_", name) + ".json")
    with FileLock(f"{file}.lock", timeout=SECONDS):
        if not file.exists():
            waiting = file.with_suffix(".new")
            waiting.write_text(json.dumps(make()))
            waiting.replace(file)
    return json.loads(file.read_text())
