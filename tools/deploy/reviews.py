"""What was reviewed of a tree, in the artifact bucket: the digest of its plan, and its text.

`reviews/<tree>.json`, put once by whoever may plan, and kept. Nothing of it is ever applied: it is
compared with what whoever applies has planned itself, of the same tree.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from tools.common.errors import CommandError
from tools.deploy.artifacts import Artifacts
from tools.deploy.changes import Planned, Told, canonical, changes
from tools.deploy.git_tree import Tree
from tools.deploy.packages import Package
from tools.deploy.target import Target

FORMAT = 1
MOST_BYTES = 5_000_000  # some ten thousand changes


@dataclass(frozen=True)
class Review:
    """What a plan of a tree does, as a person reads it, and its digest.

    `lock` is the SHA-256 of the provider lock file, "" where Terraform wrote none. `made` is a time
    in UTC; it, `commit` and `terraform` are told and not part of the digest.
    """

    environment: str
    account: str
    tree: str
    commit: str
    terraform: str
    made: str
    lock: str
    packages: tuple[Package, ...]
    changes: tuple[Told, ...]
    digest: str


def of(target: Target, tree: Tree, planned: Planned, packages: Sequence[Package], lock: bytes) -> Review:
    """The review of a plan (`terraform show -json`) of a tree with those zips and lock file."""
    told = tuple(change.told() for change in changes(planned))
    agreed: dict[str, Any] = {
        "environment": target.environment,
        "account": target.account,
        "tree": tree.hash,
        "lock": hashlib.sha256(lock).hexdigest() if lock else "",
    }
    content = {
        **agreed,
        "format": FORMAT,
        "packages": {package.name: package.sha256 for package in packages},
        "changes": [change.sha256 for change in told],
    }
    return Review(
        **agreed,
        commit=tree.commit,
        terraform=planned["terraform_version"],
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        packages=tuple(packages),
        changes=told,
        digest=hashlib.sha256(canonical(content).encode()).hexdigest(),
    )


def key_of(tree: Tree) -> str:
    """Where the review of that tree is."""
    return f"reviews/{tree.hash}.json"


def put(artifacts: Artifacts, tree: Tree, review: Review) -> bool:
    """Put a review unless there is one of this tree; whether it was put."""
    content = json.dumps({"format": FORMAT, **asdict(review)}, indent=2, sort_keys=True)
    return artifacts.put_once(key_of(tree), content.encode() + b"\n")


def find(artifacts: Artifacts, tree: Tree) -> Review | None:
    """The review of a tree, or None. Raises CommandError for one that cannot be read."""
    content = artifacts.get(key_of(tree), MOST_BYTES)
    if content is None:
        return None
    try:
        return _read(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CommandError(
            f"s3://{artifacts.name}/{key_of(tree)} is no review of format {FORMAT}: `make propose` did not put it. "
            "Find out who did (docs/how-to/deploy.md), have the account's administrator delete it, and propose again"
        ) from error


def _read(values: dict[str, Any]) -> Review:
    """A review from what somebody with the plan role put. Raises what a wrong shape raises."""
    if values.pop("format") != FORMAT:
        raise ValueError("another format")
    review = Review(
        **{
            **values,
            "packages": tuple(Package(**package) for package in values["packages"]),
            "changes": tuple(Told(**change) for change in values["changes"]),
        }
    )
    texts = [getattr(review, one.name) for one in fields(Review) if one.type == "str"]
    texts += [text for change in review.changes for text in (change.address, change.text, change.sha256)]
    texts += [text for package in review.packages for text in (package.name, package.sha256)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is none")
    return review
