"""What somebody changed in an environment outside Terraform, as against what is not promoted yet.

A plan says what Terraform would change; its `resource_drift` says what is no longer as Terraform
left it. Where both name the same attribute, somebody changed it. The rest of the plan waits for a
promotion, which is no drift.
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
    """What differs in one environment, as lines with an address and names of attributes.

    No value is in them. `outside`: changed outside Terraform; `waiting`: not promoted yet.
    """

    environment: str
    account: str
    outside: list[str]
    waiting: list[str]


def judge(environment: str, account: str, shown: Mapping[str, Any]) -> Drift:
    """Read a plan as `terraform show -json` gives it."""
    drifted = {change["address"]: change["change"] for change in shown.get("resource_drift", ())}
    result = Drift(environment, account, [], [])
    for entry in shown.get("resource_changes", ()):
        address, change = entry["address"], entry["change"]
        if change["actions"] in NOTHING:
            continue
        if _changed_outside(change, drifted.get(address)):
            result.outside.append(_described(address, change, created="deleted"))
        else:
            result.waiting.append(_described(address, change, created="new"))
    return result


def write(drift: Drift, folder: Path) -> Path:
    """Write <folder>/<environment>.json for `make drift-issue`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{drift.environment}.json"
    path.write_text(json.dumps(dataclasses.asdict(drift), indent=2) + "\n")
    return path


def as_text(drift: Drift) -> str:
    """What a person reads of it."""
    if not drift.outside and not drift.waiting:
        return f"{drift.environment}: no drift, and nothing waits"
    lines = []
    if drift.outside:
        lines.append(f"{drift.environment}: {len(drift.outside)} changed outside Terraform")
        lines += [f"  {change}" for change in drift.outside]
    if drift.waiting:
        lines.append(f"{drift.environment}: {len(drift.waiting)} not promoted yet, which is no drift")
        lines += [f"  {change}" for change in drift.waiting]
    return "\n".join(lines)


def _changed_outside(planned: Mapping[str, Any], drifted: Mapping[str, Any] | None) -> bool:
    """Whether the plan puts back what is no longer as Terraform left it.

    Of a thing that is gone, that is every attribute it had.
    """
    return drifted is not None and bool(_attributes(planned) & _attributes(drifted))


def _attributes(change: Mapping[str, Any]) -> set[str]:
    before, after = change["before"] or {}, change["after"] or {}
    unknown = change.get("after_unknown") or {}
    return {name for name in {*before, *after} if before.get(name) != after.get(name) and unknown.get(name) is not True}


def _described(address: str, change: Mapping[str, Any], *, created: str) -> str:
    """One line about a change; `created`: what to say of a thing that the plan creates."""
    if "update" in change["actions"]:
        return f"{address}: {', '.join(sorted(_attributes(change)))}"
    if change["actions"] == ["create"]:
        return f"{address}: {created}"
    return f"{address}: {' and '.join(change['actions'])}"
