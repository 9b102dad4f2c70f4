"""Where a run of the local cloud keeps its things, and how others find it."""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
ACCOUNT = "000000000000"
REGION = "us-east-1"
DEPLOYED = ("dev", "staging", "prod")  # the environments that have accounts, in the order of promotion
INTERRUPTED = 130  # the shell's code for Ctrl-C


class LocalCloudError(Exception):
    """Something a person can mend; the message says what, where and what to do."""


def told(command: str, work: Callable[[], int]) -> int:
    """Do a command's work and return its exit code; what a person can mend is told in a line instead of a traceback."""
    try:
        return work()
    except LocalCloudError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{command}: interrupted; what it started is stopped", file=sys.stderr)
        return INTERRUPTED


@dataclass(frozen=True)
class Run:
    """One local cloud: a folder with state.json, logs, the staged copy, Terraform's state and its outputs."""

    folder: Path

    @classmethod
    def named(cls, name: str) -> Run:
        """The run in build/<name>: "local" for `make up`, "demo" for `make demo`."""
        return cls(BUILD / name)

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    @property
    def outputs_file(self) -> Path:
        return self.folder / "outputs.json"

    def state(self) -> dict[str, Any]:
        """What `emulator.start` wrote down: pid, started, endpoint, log; empty when nothing was started."""
        return _read(self.state_file)

    def write_state(self, state: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        waiting = self.state_file.with_suffix(".new")
        waiting.write_text(json.dumps(state, indent=2) + "\n")
        waiting.replace(self.state_file)

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, name → value. Raises LocalCloudError where there are none."""
        found = _read(self.outputs_file)
        if not found:
            raise LocalCloudError(f"nothing is deployed in {self.folder}: run `make up` first")
        return {name: output["value"] for name, output in found.items()}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Held by one process at a time; released by the system even when that process is killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise LocalCloudError(f"another command is at work in {self.folder}: wait for it to end, then try again") from error
            yield


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise LocalCloudError(f"{path} is not JSON ({error}): run `make down`, delete it, and run `make up`") from error
    return content
