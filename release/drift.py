"""`make drift`: what somebody changed in an environment outside Terraform, told apart from what main has and the environment has not yet.

A plan says what Terraform would change; its `resource_drift` says what is no longer as Terraform left it. Where both name the same
attribute, somebody changed it. The rest of the plan waits for a promotion, which is no drift.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NOTHING = (["no-op"], ["read"])


@dataclasses.dataclass(frozen=True)
class Drift:
    """What differs in one environment: addresses with the names of attributes, never their values."""

    environment: str
    account: str
    outside: list[str]
    waiting: list[str]


def judge(environment: str, account: str, shown: Mapping[str, Any]) -> Drift:
    """Read a plan as `terraform show -json` gives it."""
    drifted = {change["address"]: change["change"] for change in shown.get("resource_drift", ())}
    found = Drift(environment, account, [], [])
    for change in shown.get("resource_changes", ()):
        if change["change"]["actions"] not in NOTHING:
            outside = _changed_outside(change["change"], drifted.get(change["address"]))
            (found.outside if outside else found.waiting).append(_told(change["address"], change["change"], gone=outside))
    return found


def write(drift: Drift, folder: Path) -> Path:
    """Write <folder>/<environment>.json for `make drift-issue`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{drift.environment}.json"
    path.write_text(json.dumps(dataclasses.asdict(drift), indent=2) + "\n")
    return path


def text(drift: Drift) -> str:
    """What a person reads of it."""
    if not drift.outside and not drift.waiting:
        return f"{drift.environment}: no drift, and nothing waits"
    parts = []
    if drift.outside:
        parts.append("\n  ".join([f"{drift.environment}: {len(drift.outside)} changed outside Terraform", *drift.outside]))
    if drift.waiting:
        parts.append("\n  ".join([f"{drift.environment}: {len(drift.waiting)} not promoted yet, which is no drift", *drift.waiting]))
    return "\n".join(parts)


def _changed_outside(planned: Mapping[str, Any], drifted: Mapping[str, Any] | None) -> bool:
    """Whether the plan puts back what is no longer as Terraform left it; where a thing is gone, that is all it had."""
    return drifted is not None and bool(_attributes(planned) & _attributes(drifted))


def _attributes(change: Mapping[str, Any]) -> set[str]:
    before, after = change["before"] or {}, change["after"] or {}
    unknown = change.get("after_unknown") or {}
    return {name for name in {*before, *after} if before.get(name) != after.get(name) and unknown.get(name) is not True}


def _told(address: str, change: Mapping[str, Any], *, gone: bool) -> str:
    if "update" in change["actions"]:
        return f"{address}: {', '.join(sorted(_attributes(change)))}"
    if change["actions"] == ["create"]:
        return f"{address}: deleted" if gone else f"{address}: new"
    return f"{address}: {' and '.join(change['actions'])}"
