"""`make drift`: plan an environment as it is now; nothing is stored, nothing is put."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.common.paths import BUILD
from tools.deploy import drift, packages
from tools.deploy.artifacts import artifact_bucket
from tools.deploy.drift import Drift
from tools.deploy.packages import Say
from tools.deploy.target import Target


def run(target: Target, say: Say) -> int:
    """Say what differs, and leave it for `make drift-issue`. Raises CommandError as `plan`."""
    result = plan(target)
    say(drift.as_text(result))
    say(f"written to {drift.write(result, BUILD / 'drift')}")
    return 0


def plan(target: Target) -> Drift:
    """What differs. Raises CommandError where the environment's account is not reached."""
    target.guard()
    built, _ = packages.build(target)
    with tempfile.TemporaryDirectory() as name, target.terraform() as terraform:
        variables = Path(name) / "packages.tfvars.json"
        variables.write_text(packages.variables(artifact_bucket(target), built))
        return drift.judge(
            target.environment, target.account, terraform.plan(Path(name) / "plan", variables, lock=False)
        )
