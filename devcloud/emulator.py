"""Starts and stops the emulator: on loopback, on a free port, with its own temporary folder and roles enforced."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from devcloud import processes, server
from devcloud.runs import ACCOUNT, REGION, LocalCloudError, Run

PORTS_TRIED = 3
STOP_SECONDS = 2.0  # it waits for long polls to end, and has nothing to save
KEY = "test"  # the emulator's root key and secret; it is nobody's


def start(run: Run, *, port: int | None = None, calls_go_to: str | None = None) -> dict[str, Any]:
    """Start the emulator of a run and return its state: pid, started, port, endpoint, log, account, region.

    One that runs already is kept. `port`: a fixed one instead of any free one. `calls_go_to`: the HTTP proxy that the functions'
    calls pass (see devcloud.faults). Raises LocalCloudError when it is not healthy in time.
    """
    state = run.state()
    if alive(run):
        return state
    for _ in range(1 if port else PORTS_TRIED):  # another program may take a free port before the emulator does
        state = _spawn(run, port or server.free_port(), calls_go_to)
        if server.healthy(state, "/_ministack/health", "services"):
            return state
        _stop(state)
    raise LocalCloudError(server.unhealthy("emulator", state))


def stop(run: Run) -> bool:
    """Stop the emulator of a run, with the functions it started. False when there was none."""
    state = run.state()
    stopped = bool(state) and _stop(state)
    run.state_file.unlink(missing_ok=True)
    shutil.rmtree(run.folder / "tmp", ignore_errors=True)
    return stopped


def alive(run: Run) -> bool:
    """Whether the emulator that a run wrote down is still the process with that pid."""
    state = run.state()
    return bool(state) and processes.identity(state["pid"]) == state["started"]


def credentials(state: dict[str, Any]) -> dict[str, str]:
    """Environment variables with which any AWS SDK or tool talks to this emulator as its root."""
    return {
        "AWS_ENDPOINT_URL": state["endpoint"],
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": state["region"],
        "AWS_DEFAULT_REGION": state["region"],
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _spawn(run: Run, port: int, calls_go_to: str | None) -> dict[str, Any]:
    folder = run.folder / "tmp"
    shutil.rmtree(folder, ignore_errors=True)  # an earlier run's function folders
    folder.mkdir(parents=True)
    log = run.folder / "emulator.log"
    environment = server.environment() | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "DOCKER_HOST": f"unix://{folder}/no-docker",  # it would look for containers to clear away
    }
    if calls_go_to:
        environment["http_proxy"] = calls_go_to  # the signed host stays the emulator's, so it takes the signatures
    command = [sys.executable, "-m", "ministack"]
    state = server.spawned(command, folder, environment, log, port) | {"account": ACCOUNT, "region": REGION}
    run.write_state(state)
    return state


def _stop(state: dict[str, Any]) -> bool:
    return processes.stop_group(state["pid"], state["started"], STOP_SECONDS)
