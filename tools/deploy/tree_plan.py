"""A plan that was just made of this tree from its own zips, and what is told of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from tools.common import private
from tools.deploy import packages, reviews
from tools.deploy.artifacts import artifact_bucket
from tools.deploy.changes import Change, Planned, changes
from tools.deploy.git_tree import Tree
from tools.deploy.packages import Package, Say
from tools.deploy.plan_markdown import MOST_IN_A_SUMMARY, counted, markdown
from tools.deploy.reviews import Review
from tools.deploy.target import Target, Terraform

FILE = ".tfplan"
PLANNED = ".json"
MARKDOWN = ".md"
SUMMARY = ".summary.json"


@dataclass(frozen=True)
class TreePlan:
    """A plan: its file, what it says, and what is reviewed of it."""

    target: Target
    file: Path
    shown: Planned
    review: Review

    @cached_property
    def changes(self) -> list[Change]:
        """What it changes."""
        return changes(self.shown)

    def report(self, say: Say, *notes: str) -> None:
        """Write its text, say the same here, and where GitHub shows a job's summary, show it there.

        `notes`: what a reader must know first.
        """
        target = self.target
        target.file(SUMMARY).write_text(json.dumps(asdict(self.review), indent=2, sort_keys=True) + "\n")
        target.file(MARKDOWN).write_text(markdown(self.review, self.changes, notes))
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(summary).open("a") as file:
                file.write(markdown(self.review, self.changes, notes, MOST_IN_A_SUMMARY) + "\n")
        for change in self.changes:
            say(f"  {change}")
        say(
            f"{target.environment}: {counted(self.changes)}; tree {self.review.tree}, digest {self.review.digest}\n"
            + "\n".join([*notes, f"{target.file(MARKDOWN)} has the text"])
        )


def make(target: Target, terraform: Terraform, tree: Tree, built: Sequence[Package], *, lock: bool) -> TreePlan:
    """Plan the tree with those zips. `lock`: hold the lock of the state meanwhile.

    Raises CommandError, also where a function would take other code than theirs.
    """
    file, variables = target.file(FILE), target.file(packages.VARIABLES)
    private.write(file, "")  # Terraform keeps the mode: plans hold every value, secrets too
    variables.write_text(packages.variables(artifact_bucket(target), built))
    shown = terraform.plan(file, variables, lock=lock)
    packages.require_ours(shown, artifact_bucket(target), built)
    private.write(target.file(PLANNED), json.dumps(shown))
    return TreePlan(target, file, shown, reviews.of(target, tree, shown, built, terraform.provider_lock))
