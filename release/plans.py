"""Reviewed plans in the artifact bucket, by the hash of the tree: `plans/<tree>/plan` and `plans/<tree>/summary.json`, put once.

The summary says of which plan it is (by the plan's own SHA-256), what that plan changes (by digest), and where it comes from.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcloud.runs import LocalCloudError
from release.artifacts import Artifacts
from release.changes import Planned, digest
from release.ground import Ground, Terraform
from release.packages import Package
from release.tree import Tree

FORMAT = 1
Summary = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A plan in the bucket; `summary` is None where whoever put the plan got no further."""

    plan: bytes
    summary: Summary | None


def key_of(tree: Tree, part: str) -> str:
    """Where a part of the plan of that tree is."""
    return f"plans/{tree.hash}/{part}"


def summary_of(ground: Ground, tree: Tree, plan: bytes, planned: Planned, packages: Sequence[Package]) -> Summary:
    """What is kept beside a plan."""
    return {
        "format": FORMAT,
        "environment": ground.environment,
        "account": ground.account,
        "tree": tree.hash,
        "commit": tree.commit,
        "terraform": planned["terraform_version"],
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "plan_sha256": hashlib.sha256(plan).hexdigest(),
        "digest": digest(planned),
        "packages": [package.described() for package in packages],
    }


def put_plan(artifacts: Artifacts, tree: Tree, plan: bytes) -> bool:
    """Put a plan unless there is one of this tree; whether it was put."""
    return artifacts.put_once(key_of(tree, "plan"), plan)


def put_summary(artifacts: Artifacts, tree: Tree, summary: Mapping[str, Any]) -> None:
    """Put a plan's summary unless there is one."""
    artifacts.put_once(key_of(tree, "summary.json"), json.dumps(summary, indent=2, sort_keys=True).encode() + b"\n")


def private(file: Path, content: bytes) -> None:
    """Write a file that nobody else may read: plans hold every value, secrets too."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)


def variables_of(planned: Planned) -> bytes:
    """The content of a variables file with which a plan was made."""
    return json.dumps({name: given["value"] for name, given in planned.get("variables", {}).items()}, indent=2, sort_keys=True).encode()


def find(artifacts: Artifacts, tree: Tree) -> Stored | None:
    """The plan of a tree, or None. Raises LocalCloudError for a summary that cannot be read."""
    plan = artifacts.get(key_of(tree, "plan"))
    if plan is None:
        return None
    text = artifacts.get(key_of(tree, "summary.json"))
    if text is None:
        return Stored(plan, None)
    try:
        summary = json.loads(text)
        known = summary["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise LocalCloudError(f"s3://{artifacts.name}/{key_of(tree, 'summary.json')} is no summary of format {FORMAT}: propose a new tree")
    return Stored(plan, summary)


def trusted(stored: Stored, ground: Ground, tree: Tree) -> Summary:
    """The summary of a plan that belongs to it, to this environment and to this tree. Raises LocalCloudError, saying what is otherwise."""
    summary = stored.summary
    if summary is None:
        raise LocalCloudError(
            f"the plan of tree {tree.hash} has no summary: whoever stored it was interrupted. `make propose` completes it"
        )
    checked = {
        "environment": ground.environment,
        "account": ground.account,
        "tree": tree.hash,
        "plan_sha256": hashlib.sha256(stored.plan).hexdigest(),
    }
    _agree(summary, checked, tree)
    return summary


def same_terraform(summary: Mapping[str, Any], terraform: Terraform) -> None:
    """Raise LocalCloudError where another version of Terraform made the plan: no other can read it."""
    if summary.get("terraform") != terraform.version:
        raise LocalCloudError(
            f"the plan was made by Terraform {summary.get('terraform')}, and here is {terraform.version}: only the same version can read "
            f"and apply it. Use Terraform {summary.get('terraform')}, or propose another tree (any change makes one) with this version"
        )


def says_so(summary: Mapping[str, Any], planned: Planned, tree: Tree) -> None:
    """Raise LocalCloudError where a plan changes something else than its summary says: the digest is computed from the plan itself."""
    _agree(summary, {"digest": digest(planned)}, tree)


def _agree(summary: Mapping[str, Any], found: Mapping[str, str], tree: Tree) -> None:
    wrong = [f"{name} is {value}, and its summary says {summary.get(name)}" for name, value in found.items() if summary.get(name) != value]
    if wrong:
        raise LocalCloudError(
            f"the stored plan of tree {tree.hash} is not the one that was reviewed, so nothing was applied: {'; '.join(wrong)}"
        )
