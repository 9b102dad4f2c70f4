"""`make policies`: the rules of policies/ on an environment's plan, the proposed one or an offline one."""

from __future__ import annotations

import json
import subprocess

from devcloud.runs import ROOT, LocalCloudError
from release import tree
from release.ground import Ground
from release.packages import Say
from release.propose import PLANNED, SUMMARY, offline_plan

CHECKOV = ROOT / ".venv-checkov/bin/checkov"
SECONDS = 300


def check(ground: Ground, say: Say) -> int:
    """Judge the plan that `make propose` left of this tree, else an offline plan from an empty state; checkov's exit code.

    Raises LocalCloudError.
    """
    if not CHECKOV.exists():
        raise LocalCloudError(f"there is no {CHECKOV}: `make policies` sets it up")
    if _proposed(ground):
        say(f"the plan that was proposed of this tree: {ground.file(PLANNED)}")
    else:
        offline_plan(ground)
        say(f"an offline plan of {ground.environment}, from an empty state: {ground.file(PLANNED)}")
    command = [str(CHECKOV), "--file", f"{ground.environment}{PLANNED}", "--framework", "terraform_plan", "--check", "CKV_SLUICE_*"]
    command += ["--external-checks-dir", str(ROOT / "policies"), "--repo-root-for-plan-enrichment", str(ground.root / "terraform")]
    # In the plans' own folder, because at the project's root checkov would read .checkov.yaml too.
    return subprocess.run([*command, "--skip-download", "--quiet", "--compact"], cwd=ground.plans, check=False, timeout=SECONDS).returncode


def _proposed(ground: Ground) -> bool:
    """Whether the plan in build/plans is of the files as they are now."""
    try:
        summary = json.loads(ground.file(SUMMARY).read_text())
        return bool(summary["tree"] == tree.of_work(ground.root, insist=True).hash) and ground.file(PLANNED).is_file()
    except (OSError, ValueError, KeyError, LocalCloudError):
        return False  # none, or not whole, or no git here to tell what it is of
