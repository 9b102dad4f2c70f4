"""`make publish` and `make propose`: zips into the artifact bucket, and the plan of this tree beside them, to be reviewed and applied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from devcloud import planned, stack
from release import packages, plans, tree
from release.artifacts import Artifacts
from release.changes import Planned, changes, difference, digest
from release.ground import Ground, Terraform
from release.packages import Package, Say
from release.text import counted, markdown

PLAN = ".tfplan"
PLANNED = ".json"
TEXT = ".md"
SUMMARY = ".summary.json"
OFFLINE = "This is an offline plan from an empty state: it shows all there would be. It is stored nowhere, and cannot be applied."


@dataclass(frozen=True)
class Proposal:
    """What was planned, and what is kept beside it."""

    ground: Ground
    tree: tree.Tree
    summary: plans.Summary
    planned: Planned

    def tell(self, say: Say, *notes: str) -> None:
        """Write the text for the pull request, and say the same here. `notes`: what a reader must know first."""
        found, ground = changes(self.planned), self.ground
        ground.file(SUMMARY).write_text(json.dumps(self.summary, indent=2, sort_keys=True) + "\n")
        ground.file(TEXT).write_text(markdown(self.summary, found, notes))
        for change in found:
            say(f"  {change}")
        say(f"{ground.environment}: {counted(found)}; tree {self.tree.hash}, digest {self.summary['digest']}")
        say("\n".join([*notes, f"{ground.file(TEXT)} has the text for the pull request"]))


def publish(ground: Ground, say: Say) -> int:
    """Build the zips and put them into the artifact bucket. Raises LocalCloudError."""
    ground.guard()
    published = packages.publish(ground, Artifacts(ground), say)
    say(f"{len(published)} zips; {ground.file(packages.VARIABLES)} names them for Terraform")
    return 0


def propose(ground: Ground, say: Say, *, insist: bool = False) -> int:
    """Plan the tree with published zips, store the plan, and write its text; 1 where a plan of the tree stands that does otherwise.

    Raises LocalCloudError.
    """
    here = tree.of_work(ground.root, insist=insist)
    ground.guard()
    artifacts = Artifacts(ground)
    published = packages.publish(ground, artifacts, say)
    file = ground.file(PLAN)
    with ground.terraform() as terraform:
        plans.private(file, b"")
        found = terraform.plan(file, ground.file(packages.VARIABLES))
        plans.private(ground.file(PLANNED), json.dumps(found).encode())
        proposal = Proposal(ground, here, plans.summary_of(ground, here, file.read_bytes(), found, published), found)
        if not plans.put_plan(artifacts, here, file.read_bytes()):
            return _again(proposal, terraform, artifacts, published, say)
        plans.put_summary(artifacts, here, proposal.summary)
        proposal.tell(say)
        say(f"`make promote ENV={ground.environment}` applies it: s3://{artifacts.name}/{plans.key_of(here, 'plan')}")
    return 0


def propose_offline(ground: Ground, say: Say, *, insist: bool = False) -> int:
    """The same text of an offline plan; nothing is published or stored. Raises LocalCloudError."""
    here = tree.of_work(ground.root, insist=insist)
    found = offline_plan(ground)
    Proposal(ground, here, plans.summary_of(ground, here, b"", found, packages.built(ground)[0]), found).tell(say, OFFLINE)
    return 0


def offline_plan(ground: Ground) -> dict[str, Any]:
    """The plan of an environment from an empty state, with this machine's zips, also as a file. Raises LocalCloudError."""
    found = planned.offline(ground.environment, ground.plans, stack.package(ground.target), root=ground.root)
    plans.private(ground.file(PLANNED), json.dumps(found).encode())
    return found


def _again(proposal: Proposal, terraform: Terraform, artifacts: Artifacts, published: Sequence[Package], say: Say) -> int:
    """The tree was planned before, and that plan stands: fine where it does the same, else a person has to know."""
    here = proposal.tree
    stored = plans.find(artifacts, here)
    assert stored is not None, "it was there a moment ago, and is not deleted"
    made = "by somebody who was interrupted"
    if stored.summary is not None:
        made = f"at commit {str(stored.summary.get('commit'))[:12]}, {stored.summary.get('made')}"
        plans.same_terraform(plans.trusted(stored, proposal.ground, here), terraform)
    file = proposal.ground.file(".stored.tfplan")
    plans.private(file, stored.plan)
    standing = terraform.show(file)
    if stored.summary is None:
        plans.put_summary(artifacts, here, plans.summary_of(proposal.ground, here, stored.plan, standing, published))
    else:
        plans.says_so(stored.summary, standing, here)
    if digest(standing) == proposal.summary["digest"]:
        proposal.tell(say, f"This tree was planned before, {made}, with the same changes. That plan stands.")
        return 0
    proposal.tell(
        say,
        f"This tree was planned before, {made}, with OTHER changes: the environment has moved on since.\n"
        "The plan that stands will not be applied as it is. Bring the branch up to date with main: that makes another tree to propose.\n"
        + "\n".join(["What differs:", *difference(standing, proposal.planned)]),
    )
    return 1
