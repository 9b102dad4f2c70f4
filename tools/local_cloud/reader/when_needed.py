"""`python -m tools.local_cloud.reader.when_needed ENGINES DESCRIPTOR`: becomes the reader of a run
with the first call.

Until then it holds the socket and nothing else. Its virtual environment is made then, where
there is none: who calls meanwhile waits, and calls again.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys

from tools.common.paths import ROOT
from tools.local_cloud.reader.stand_in import PROCESS, PYTHON, SET_UP

STAMP = ".venv-reader/.reader"


def main(engines: str, descriptor: str) -> None:
    """Wait for the first call, set up what reads, and become it."""
    select.select([int(descriptor)], [], [])
    persons = json.loads(os.environ.pop(SET_UP))
    if not PYTHON.exists():
        print("the first picture is here: setting up what reads it", flush=True)
        subprocess.run(["make", STAMP], cwd=ROOT, env=persons, check=True)
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", PROCESS, engines, descriptor])  # noqa: S606 (becoming it is the point)


if __name__ == "__main__":
    main(*sys.argv[1:])
