"""The reader beside a run: started, told what to do wrong, and stopped."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.loopback import fetch
from tools.local_cloud import processes, server
from tools.local_cloud.runs import REGION, Run

NAME = "reader"
DOORS = "/_reader"
PROCESS, WHEN_NEEDED = (f"tools.local_cloud.reader.{module}" for module in ("process", "when_needed"))
SET_UP = "SLUICE_SET_UP"  # the variables of who started it, for what sets it up
SECONDS = 10.0
# beside the virtual environment that runs us, of which a copy of the project has a link
PYTHON = Path(sys.prefix).with_name(".venv-reader") / "bin" / "python"
# One thread an engine: several pictures at once use the cores better than one picture does.
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class StandIn:
    """A reader that answers AnalyzeExpense at `address`; `token` opens its own doors."""

    address: str
    token: str = field(repr=False)

    def told(self, *, throttle: float = 0.0, rubbish: float = 0.0, seed: int = 0) -> None:
        """From now on throttle that share of the calls, and answer that share with rubbish."""
        asked = json.dumps({"throttle": throttle, "rubbish": rubbish, "seed": seed}).encode()
        fetch(f"{self.address}{DOORS}/settings", asked, seconds=SECONDS, token=self.token)

    def counts(self) -> dict[str, int]:
        """How many calls were read, refused, throttled and answered with rubbish since its start,
        how many it has `at_once` and at `most`.
        """
        said = fetch(f"{self.address}{DOORS}/health", seconds=SECONDS, token=self.token)
        return {str(name): int(count) for name, count in json.loads(said).items()}


def start(run: Run, *, engines: int | None = None) -> StandIn:
    """Start the reader of a run; one that runs already is kept. The run needs no emulator.

    It reads so many pictures at once, by default one for each core. What reads them is loaded with
    the first picture. Raises CommandError when it is not healthy in time, or not set up.
    """
    state = server.running_beside(run, NAME) or _spawned(run, [str(python()), "-P", "-m", PROCESS], engines, {})
    server.wait_until_healthy(NAME, state, f"{DOORS}/health", "most")
    return StandIn(state["endpoint"], state["token"])


def running(run: Run) -> StandIn | None:
    """The reader of a run; None where none has been started, or it waits for its first call."""
    state = server.running_beside(run, NAME)
    is_asleep = bool(state) and WHEN_NEEDED in processes.command(state["pid"])
    return StandIn(state["endpoint"], state["token"]) if state and not is_asleep else None


def start_when_needed(run: Run, *, engines: int | None = None) -> StandIn:
    """The same, but it takes nothing until the first call: its virtual environment is set up then,
    where there is none.
    """
    persons, command = {SET_UP: json.dumps(dict(os.environ))}, [sys.executable, "-P", "-m", WHEN_NEEDED]
    state = server.running_beside(run, NAME) or _spawned(run, command, engines, persons)
    return StandIn(state["endpoint"], state["token"])


def _spawned(run: Run, command: Sequence[str], engines: int | None, more: dict[str, str]) -> dict[str, Any]:
    run.own()
    token = run.state_if_readable().get("token") or secrets.token_hex(16)
    variables = server.environment(run, token) | THREADS | more
    command = [*command, str(engines or os.cpu_count() or 1)]
    state = server.spawn(command, run, NAME, variables, server.listen()) | {"token": token, "region": REGION}
    server.beside(run, NAME).write_state(state)
    return state


def stop(run: Run) -> bool:
    """Stop the reader of a run. False when there was none."""
    return server.stop_beside(run, NAME)


def python() -> Path:
    """The interpreter of the reader's virtual environment.

    Raises CommandError where it is not set up.
    """
    if not PYTHON.exists():
        raise CommandError(f"{PYTHON} is not there: `make accuracy`, or any target that needs the reader, sets it up")
    return PYTHON
