"""`make propose`: plan this tree for people to read; `make promote` looks for its digest."""

from __future__ import annotations

import json
from typing import Any

from tools.common import private
from tools.deploy import git_tree, packages, reviews, tree_plan
from tools.deploy.artifacts import Artifacts
from tools.deploy.changes import difference
from tools.deploy.packages import Say
from tools.deploy.plan_markdown import plain
from tools.deploy.reviews import Review
from tools.deploy.target import Target
from tools.deploy.tree_plan import PLANNED, TreePlan
from tools.environment import planned, zips

OFFLINE = (
    "This is an offline plan from an empty state: it shows all there would be. Its digest is stored nowhere, "
    "and no environment has it."
)


def run(target: Target, say: Say, *, insist: bool = False) -> int:
    """Plan the tree, write its text, and store its digest with it.

    Returns 1 where the tree was planned before, with another digest. Raises CommandError.
    """
    tree = git_tree.current(target.root, insist=insist)
    target.guard()
    artifacts = Artifacts(target)
    built, _ = packages.build(target)
    with target.terraform() as terraform:
        plan = tree_plan.make(target, terraform, tree, built, lock=False)
    if not reviews.put(artifacts, tree, plan.review):
        return _compare(plan, reviews.find(artifacts, tree), say)
    plan.report(say)
    say(f"`make promote ENV={target.environment}` applies what has this digest, and nothing else")
    return 0


def run_offline(target: Target, say: Say, *, insist: bool = False) -> int:
    """Write the text of an offline plan; nothing is stored. Raises CommandError."""
    tree = git_tree.current(target.root, insist=insist)
    shown = offline_plan(target)
    built, _ = packages.build(target)
    review = reviews.of(target, tree, shown, built, b"")
    TreePlan(target, target.file(tree_plan.FILE), shown, review).report(say, OFFLINE)
    return 0


def offline_plan(target: Target) -> dict[str, Any]:
    """The plan of an environment from an empty state, with this machine's zips, also as a file.

    Raises CommandError.
    """
    shown = planned.offline(target.environment, target.plans, zips.package(target.platform), root=target.root)
    private.write(target.file(PLANNED), json.dumps(shown))
    return shown


def _compare(plan: TreePlan, standing: Review | None, say: Say) -> int:
    """The tree was planned before, and that digest stands: 0 where it is this one, else 1."""
    assert standing is not None, "it was there a moment ago, and is not deleted"
    made = plain(f"at commit {standing.commit[:12]}, {standing.made}")
    if standing.digest == plan.review.digest:
        plan.report(say, f"This tree was planned before, {made}, with the same digest.")
        return 0
    plan.report(
        say,
        f"This tree was planned before, {made}, and came to ANOTHER digest: the environment has moved on since, "
        "or somebody else put it.\n"
        "What stands is what `make promote` compares with. "
        "Bring the branch up to date with main: that makes another tree to propose.\n"
        + "\n".join(["What differs:", *differences(standing, plan.review)]),
    )
    return 1


def differences(reviewed: Review, now: Review) -> list[str]:
    """In words: how two plans of a tree differ."""
    lines = difference(reviewed.changes, now.changes)
    before, after = ({one.name: one.sha256 for one in review.packages} for review in (reviewed, now))
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    lines += [f"{name}.zip: reviewed was {before.get(name)}, built is {after.get(name)}" for name in names]
    if reviewed.lock != now.lock:
        lines.append(f"the provider lock: reviewed was {reviewed.lock or 'none'}, here is {now.lock or 'none'}")
    said = ["\n      ".join(map(plain, line.splitlines())) for line in lines]
    return said or ["nothing that is told: the digest that stands was made in another way"]
