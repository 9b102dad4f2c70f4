"""`make env`: what makes boto3, aws and terraform of a shell talk to the local cloud that is up."""

from __future__ import annotations

import shlex

from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_VARIABLE
from tools.environment.outputs import outputs_of, pipelines_in
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run

# of another account: they would go with the local cloud's keys
LEFT_OUT = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
HERE = "127.0.0.1"


def lines(run: Run) -> list[str]:
    """Lines for a shell to read: `eval "$(make env)"`. Raises CommandError where nothing is up."""
    if not emulator.alive(run):
        raise CommandError(f"nothing is up in {run.folder}: run `make up` or `make try` first")
    variables = emulator.credentials(run.state())
    del variables[TOKEN_VARIABLE]  # it opens the emulator's own doors, which are not AWS's
    if region := _region(run):
        variables |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return [
        f"unset {' '.join(LEFT_OUT)}",
        *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
        *(f'export {name}="{HERE}${{{name}:+,${name}}}"' for name in ("NO_PROXY", "no_proxy")),
    ]


def _region(run: Run) -> str:
    """Where the first pipeline that is up has its things; "" where there is none."""
    if not run.outputs_file.is_file():
        return ""
    outputs = run.outputs()
    return next((str(outputs_of(name, outputs)["region"]) for name in pipelines_in(outputs)), "")
