"""`make promote`: plan this tree from zips just built, and apply that plan if it was reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.common.errors import CommandError
from tools.deploy import git_tree, packages, reviews, tree_plan
from tools.deploy.artifacts import Artifacts
from tools.deploy.changes import functions
from tools.deploy.packages import Say
from tools.deploy.plan_markdown import counted
from tools.deploy.propose import differences
from tools.deploy.reviews import Review
from tools.deploy.target import APPLY_SECONDS, WAIT_FOR_STATE, Target, Terraform
from tools.deploy.tree_plan import TreePlan
from tools.environment.terraform import unframed

# Terraform's own words when a plan was made from another state: by its serial, or its lineage.
MOVED_ON = ("Saved plan is stale", "Saved plan does not match the given state")
MOST_LINES = 40


def run(target: Target, say: Say, *, insist: bool = False, reviewed_digest: str = "", dry_run: bool = False) -> int:
    """Plan the tree at work, and apply the plan where its digest is the reviewed one.

    `reviewed_digest`: that of changes that a person has read since and wants applied. `dry_run`:
    say whether it would, and no more; the state is not locked.
    Raises CommandError, before anything is changed, for whatever is not as reviewed.
    """
    tree = git_tree.current(target.root, insist=insist)
    target.guard()
    artifacts = Artifacts(target)
    review = _reviewed(target, artifacts, tree, reviewed_digest)
    built, folder = packages.build(target, afresh=True)
    with target.terraform() as terraform:
        plan = tree_plan.make(target, terraform, tree, built, lock=not dry_run)
        if not plan.changes:
            plan.report(say, "Nothing is left to do: the environment is already as this tree wants it.")
        else:
            _require_reviewed(plan, review, reviewed_digest, say)
        if dry_run:
            say("nothing was applied: this is a dry run")
            return 0
        if plan.changes:
            packages.publish(artifacts, built, folder, say)
            _apply(terraform, plan, say)
        _require_reviewed_code(plan, functions(terraform.state()), say)
    return 0


def _reviewed(target: Target, artifacts: Artifacts, tree: git_tree.Tree, reviewed_digest: str) -> Review | None:
    """What was reviewed of the tree; None only where a person says a digest."""
    review = reviews.find(artifacts, tree)
    if review is None and not reviewed_digest:
        raise CommandError(
            f"{target.environment} has no reviewed digest of this tree ({tree.hash}) in {artifacts.name}: "
            "it was never proposed. A pull request must be up to date with main when it is merged, or main has a tree "
            f"that nobody planned. `make propose ENV={target.environment}` plans this tree; have its changes read, "
            "then promote again"
        )
    return review


def _require_reviewed(plan: TreePlan, review: Review | None, reviewed_digest: str, say: Say) -> None:
    """Tell the plan. Raises CommandError unless its digest is the reviewed one."""
    digest, environment = plan.review.digest, plan.target.environment
    if digest == (reviewed_digest or (review.digest if review else "")):
        by = "the digest that was given" if reviewed_digest else "as reviewed"
        plan.report(say, f"{environment}: {counted(plan.changes)}, {by} ({digest}).")
        return
    lines = differences(review, plan.review) if review else [str(change) for change in plan.changes]
    more = [f"and {len(lines) - MOST_LINES} more differences"] if len(lines) > MOST_LINES else []
    listed = "\n    ".join([*lines[:MOST_LINES], *more])
    told = f"Now it is {counted(plan.changes)}:\n    {listed}"
    plan.report(say, f"This is NOT what was reviewed, and is not applied. {told}")
    raise CommandError(
        f"what there is to do now is not what was reviewed, so nothing was applied. {told}\n"
        f"Have these changes read, and say so: `make promote ENV={environment} REVIEWED={digest}`. "
        "Or bring the branch up to date with main: that is another tree, with a plan of its own to review"
    )


def _apply(terraform: Terraform, plan: TreePlan, say: Say) -> None:
    """Apply the plan that was just made. Raises CommandError."""
    say("terraform apply: what it says follows when it has ended")
    file = str(plan.file.resolve())
    done = terraform("apply", "-input=false", WAIT_FOR_STATE, file, check=False, timeout=APPLY_SECONDS)
    if done.returncode == 0:
        say(done.stdout.strip())
        return
    if any(words in unframed(done.stderr) for words in MOVED_ON):
        raise CommandError(
            "the state moved on while this was planned: somebody else is applying. Nothing was applied; try again"
        )
    raise CommandError(
        f"the apply failed, and what it had done until then stays:\n{done.stdout[-3000:]}{done.stderr.strip()}\n"
        "If it did anything, the next promote tells what is left before it does any of it"
    )


def _require_reviewed_code(plan: TreePlan, after: Mapping[str, Mapping[str, Any]], say: Say) -> None:
    """Say which versions there are now.

    Raises CommandError where a function does not run the reviewed code.
    """
    before = functions(plan.shown.get("prior_state", {}))
    for address, function in sorted(after.items()):
        version = _versions(before.get(address, {}).get("version"), function["version"])
        say(f"  {function['function_name']}: {version}")
    environment = plan.target.environment
    others = [function for function in after.values() if function["code_sha256"] != function["source_code_hash"]]
    if others:
        names = sorted(str(function["function_name"]) for function in others)
        raise CommandError(
            f"{', '.join(names)}: Lambda runs other code than was reviewed (code_sha256 is not source_code_hash): "
            f"`make rollback ENV={environment}` now, then find out who changed it"
        )
    say(f"{environment} is as reviewed. To go back to the versions before: `make rollback ENV={environment}`")


def _versions(old: str | None, new: str) -> str:
    if old is None:
        return f"version {new}"
    return f"version {new}, as before" if old == new else f"version {old} → {new}"
