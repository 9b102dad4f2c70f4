"""Where a run of the local cloud keeps its things, and how others find it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import BUILD

ACCOUNT = "000000000000"
REGION = "us-east-1"
MARK = "SLUICE_RUN"  # in the environment of all that is started for a run: its folder
STATE = {"pid": int, "started": float, "port": int, "endpoint": str, "log": str, "token": str, "region": str}


@dataclass(frozen=True)
class Run:
    """One local cloud: a folder of its own, which its owner alone can read.

    It holds state.json, logs, the staged copy, Terraform's state and its outputs.
    """

    folder: Path

    @classmethod
    def named(cls, name: str) -> Run:
        """The run in build/<name>: "local" for `make up`, "demo" for `make demo`."""
        return cls(BUILD / name)

    @property
    def mark(self) -> tuple[str, str]:
        """The environment variable, and its value, of all that is started for this run."""
        return MARK, str(self.folder)

    @property
    def state_file(self) -> Path:
        """Where the state of the run's emulator is."""
        return self.folder / "state.json"

    @property
    def outputs_file(self) -> Path:
        """Where Terraform's outputs are, as `terraform output -json` gives them."""
        return self.folder / "outputs.json"

    @property
    def root_file(self) -> Path:
        """Where it stands which root module is applied, if that is not environments/local."""
        return self.folder / "root.json"

    @property
    def plan_file(self) -> Path:
        """Where the last plan of a root module of one's own is, as `terraform show` has it."""
        return self.folder / "plan.json"

    def own(self) -> Path:
        """The folder, made if it is not there, and nobody else's.

        Raises CommandError where something else is in its place.
        """
        try:
            return private.own(self.folder)
        except OSError as error:
            raise CommandError(f"{self.folder} cannot be used ({error}): move away what is there") from error

    def state(self) -> dict[str, Any]:
        """What `emulator.start` wrote down: pid, started, endpoint, log.

        Empty when nothing was started. Raises CommandError where it is not what that writes.
        """
        state = _read(self.state_file)
        if state and any(not isinstance(state.get(name), kind) for name, kind in STATE.items()):
            raise _lost(self.state_file, f"it lacks some of {', '.join(STATE)}")
        return state

    def state_if_readable(self) -> dict[str, Any]:
        """The same, and empty where it cannot be read: to stop what may run, nobody needs it."""
        try:
            return self.state()
        except CommandError:
            return {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Write the state down, whole or not at all."""
        self.own()
        private.write(self.state_file, json.dumps(state, indent=2) + "\n")

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, name → value.

        Raises CommandError where there are none, or they cannot be read.
        """
        outputs = _read(self.outputs_file)
        if not outputs and not self.outputs_file.is_file():
            raise CommandError(f"nothing is deployed in {self.folder}: run `make up` first")
        try:
            return {name: output["value"] for name, output in outputs.items()}
        except (TypeError, KeyError) as error:
            raise _lost(self.outputs_file, "it is not what `terraform output` writes") from error

    def root(self) -> str:
        """The root module that is applied, if it is not environments/local; else empty."""
        return str(_read(self.root_file).get("folder", ""))

    def root_command(self) -> str:
        """The command that applied it; empty where it is environments/local."""
        return str(_read(self.root_file).get("command", ""))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Held by one process at a time; the system releases it even when that is killed."""
        path = self.own() / "lock"
        if path.is_dir():
            private.remove(path)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", errors="replace") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CommandError(
                    f"another command (process {file.read(20).strip() or 'unknown'}) is at work in {self.folder}: "
                    "wait for it to end, or end it, then try again"
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _lost(path, str(error)) from error
    if not isinstance(content, dict):
        raise _lost(path, "it is no object")
    return content


def _lost(path: Path, why: str) -> CommandError:
    return CommandError(
        f"{path} is not what was written there ({why}): `make down`, then `make up`, begins again from nothing"
    )
