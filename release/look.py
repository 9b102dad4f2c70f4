"""Plan an environment as it is now, for `make drift`: nothing is stored, nothing is put."""

from __future__ import annotations

import tempfile
from pathlib import Path

from release import packages
from release.artifacts import Artifacts
from release.drift import Drift, judge
from release.ground import Ground


def look(ground: Ground) -> Drift:
    """What differs. Raises LocalCloudError where the environment's account is not reached."""
    ground.guard()
    built, _ = packages.built(ground)
    with tempfile.TemporaryDirectory() as name, ground.terraform() as terraform:
        variables = Path(name) / "packages.tfvars.json"
        variables.write_text(packages.variables(Artifacts(ground).name, built))
        return judge(ground.environment, ground.account, terraform.plan(Path(name) / "plan", variables))
