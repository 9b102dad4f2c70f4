"""`make promote`: apply the plan of this tree that was reviewed, from the zips that were reviewed, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcloud.runs import LocalCloudError
from devcloud.terraform import unframed
from release import packages, plans, snapshot, tree
from release.artifacts import Artifacts
from release.changes import Planned, changes, difference, digest, functions
from release.ground import APPLY_SECONDS, WAIT_FOR_STATE, Ground, Terraform
from release.packages import Say
from release.text import counted

# Terraform's own words when the state is another than the plan was made from: by its serial, or by its lineage.
MOVED_ON = ("Saved plan is stale", "Saved plan does not match the given state")
MOST_LINES = 40


def promote(ground: Ground, say: Say, *, insist: bool = False, read: str = "") -> int:
    """Apply the reviewed plan of the tree at work. `read`: the digest of changes that a person has read since and wants applied.

    Raises LocalCloudError, before anything is changed, for whatever is not as reviewed.
    """
    here = tree.of_work(ground.root, insist=insist)
    ground.guard()
    artifacts = Artifacts(ground)
    stored = plans.find(artifacts, here)
    if stored is None:
        raise LocalCloudError(
            f"{ground.environment} has no reviewed plan of this tree ({here.hash}) in {artifacts.name}: it was never proposed, or is "
            "older than the bucket keeps plans. A pull request must be up to date with main when it is merged, or main has a tree that "
            f"nobody planned. `make propose ENV={ground.environment}` plans this tree; have its changes read, then promote again"
        )
    summary = plans.trusted(stored, ground, here)
    file = ground.file(".stored.tfplan")
    plans.private(file, stored.plan)
    with ground.terraform(snapshot.lock_file(stored.plan)) as terraform:
        plans.same_terraform(summary, terraform)
        snapshot.require_configuration(stored.plan, terraform.folder)
        reviewed = terraform.show(file)
        plans.says_so(summary, reviewed, here)
        packages.verify(reviewed, artifacts, say)
        say(f"{ground.environment}: {counted(changes(reviewed))}, as reviewed (tree {here.hash}, digest {summary['digest']})")
        before = functions(reviewed.get("prior_state", {}))
        if read or not _applied(terraform, file, say):
            before = _again(ground, terraform, artifacts, reviewed, read, say)
        _finish(ground, before, functions(terraform.state()), say)
    return 0


def _applied(terraform: Terraform, plan: Path, say: Say) -> bool:
    """Apply a plan file; False where the state has moved on, and so nothing was done. Raises LocalCloudError."""
    say("terraform apply: what it says follows when it has ended")
    done = terraform("apply", "-input=false", WAIT_FOR_STATE, str(plan.resolve()), check=False, timeout=APPLY_SECONDS)
    if done.returncode == 0:
        say(done.stdout.strip())
        return True
    said = unframed(done.stderr)
    if any(words in said for words in MOVED_ON):
        return False
    raise LocalCloudError(
        f"the apply failed, and what it had done until then stays:\n{done.stdout[-3000:]}{done.stderr.strip()}\n"
        "If it did anything, the next promote finds the plan stale, plans again, and tells what is left before it does any of it"
    )


def _again(ground: Ground, terraform: Terraform, artifacts: Artifacts, reviewed: Planned, read: str, say: Say) -> dict[str, dict[str, Any]]:
    """Plan again with the same zips, and apply where the changes equal the reviewed ones; the functions there were before."""
    why = "a digest was given" if read else "the state has moved on since the plan was made"
    say(f"{why}: planning again, with the same zips")
    file = ground.file(".again.tfplan")
    plans.private(file, b"")
    variables = ground.file(".reviewed.tfvars.json")
    plans.private(variables, plans.variables_of(reviewed))
    now = terraform.plan(file, variables)
    if not changes(now):
        say("nothing is left to do: the environment is already as this tree wants it")
        return functions(now.get("prior_state", {}))
    if digest(now) != (read or digest(reviewed)):
        raise LocalCloudError(_otherwise(ground, reviewed, now))
    packages.verify(now, artifacts, say)
    say(f"the changes equal {'those of the digest given' if read else 'the reviewed ones'} ({digest(now)})")
    if not _applied(terraform, file, say):
        raise LocalCloudError(
            "the state moved on once more while this was planned: somebody else is applying. Nothing was applied; try again"
        )
    return functions(now.get("prior_state", {}))


def _otherwise(ground: Ground, reviewed: Planned, now: Planned) -> str:
    lines = difference(reviewed, now)
    more = [f"and {len(lines) - MOST_LINES} more differences"] if len(lines) > MOST_LINES else []
    listed = "\n    ".join([*lines[:MOST_LINES], *more])
    return (
        f"what there is to do now is not what was reviewed, so nothing was applied. Now it is {counted(changes(now))}:\n    {listed}\n"
        f"Have these changes read, and say so: `make promote ENV={ground.environment} REVIEWED={digest(now)}`. Or bring the branch up "
        "to date with main: that is another tree, with a plan of its own to review"
    )


def _finish(ground: Ground, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], say: Say) -> None:
    """Say which versions there are now. Raises LocalCloudError where a function does not run the reviewed code."""
    for address, function in sorted(after.items()):
        old = before.get(address, {}).get("version")
        new = function["version"]
        step = f"version {new}" if old is None else f"version {new}, as before" if old == new else f"version {old} → {new}"
        say(f"  {function['function_name']}: {step}")
    others = sorted(str(one["function_name"]) for one in after.values() if one["code_sha256"] != one["source_code_hash"])
    if others:
        raise LocalCloudError(
            f"{', '.join(others)}: Lambda runs other code than was reviewed (code_sha256 is not source_code_hash): `make rollback "
            f"ENV={ground.environment}` now, then find out who changed it"
        )
    say(f"{ground.environment} is as reviewed. To go back to the versions before: `make rollback ENV={ground.environment}`")
