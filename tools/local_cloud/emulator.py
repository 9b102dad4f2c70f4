"""Starts and stops the emulator: on loopback, behind the front, with roles enforced.

It has a virtual environment of its own, which its functions run on: of what is installed for us
they see nothing. Its temporary folder is its own too.
"""

from __future__ import annotations

import secrets
import socket
import sys
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud import processes, server
from tools.local_cloud.runs import ACCOUNT, REGION, Run

# beside the virtual environment that runs us, of which a copy of the project has a link
PYTHON = Path(sys.prefix).with_name(".venv-emulator") / "bin" / "python"
KEY = "test"  # the emulator's root key and secret; it is nobody's
ROOT_KEYS = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY}  # for boto3


def start(run: Run, *, port: int | None = None, calls_go_to: str | None = None) -> dict[str, Any]:
    """Start the emulator of a run; one that runs already is kept.

    Returns its state: pid, started, port, endpoint, token, log, account, region. `port`: a fixed
    one instead of any free one. `calls_go_to`: the HTTP proxy that the functions' calls pass (see
    tools.local_cloud.fault_proxy). Raises CommandError when another program has the port, when it
    is not healthy in time, or when its virtual environment is not there.
    """
    if alive(run):
        return run.state()
    command = [str(python()), "-P", "-m", "tools.local_cloud.emulator_process"]
    stop(run)  # what may run on of an earlier one whose state was lost
    listener = server.listen(port)
    state = _spawn(run, command, listener, calls_go_to)
    try:
        server.wait_until_healthy("emulator", state, "/_ministack/health", "services")
    except CommandError:
        stop(run)
        raise
    return state


def stop(run: Run) -> bool:
    """Stop the emulator of a run, with all that was started for the run. False when nothing ran.

    It needs no state: what was started for a run has its mark.
    """
    stopped = server.stop(run.state_if_readable())
    stopped = processes.stop_marked(run.mark, server.STOP_SECONDS) or stopped
    private.remove(run.state_file)
    private.remove(run.folder / "tmp")
    return stopped


def alive(run: Run) -> bool:
    """Whether the emulator that a run wrote down is still the process with that pid.

    Raises CommandError where what the run wrote down cannot be read.
    """
    state = run.state()
    return bool(state) and processes.is_running(state["pid"], state["started"])


def python() -> Path:
    """The interpreter of the emulator's virtual environment.

    Raises CommandError where it is not set up.
    """
    if not PYTHON.exists():
        raise CommandError(f"{PYTHON} is not there: `make up`, or any target that needs the local cloud, sets it up")
    return PYTHON


def credentials(state: dict[str, Any]) -> dict[str, str]:
    """Environment variables with which any AWS SDK or tool talks to this emulator as its root, and
    ours know that it is the run's.
    """
    return {
        "AWS_ENDPOINT_URL": state["endpoint"],
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": state["region"],
        "AWS_DEFAULT_REGION": state["region"],
        "AWS_EC2_METADATA_DISABLED": "true",
        TOKEN_VARIABLE: state["token"],
    }


def _spawn(run: Run, command: list[str], listener: socket.socket, calls_go_to: str | None) -> dict[str, Any]:
    folder = run.own() / "tmp"
    private.remove(folder)  # an earlier run's function folders
    private.folder(folder)
    token = secrets.token_hex(16)
    environment = server.environment(run, token) | {
        "GATEWAY_PORT": str(listener.getsockname()[1]),
        "MINISTACK_HOST": "127.0.0.1",  # where it listens; localhost may be ::1, where somebody else may
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "DOCKER_HOST": f"unix://{folder}/no-docker",  # it would look for containers to clear away
    }
    if calls_go_to:
        # the signed host stays the emulator's, so it takes the signatures
        environment["http_proxy"] = calls_go_to
    state = server.spawn(command, run, "emulator", environment, listener)
    state |= {"token": token, "account": ACCOUNT, "region": REGION}
    run.write_state(state)
    return state
