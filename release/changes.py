"""What a plan changes, brought to a form that two plans can be compared in, and told in words that give no secret away.

Two plans are equal when they do the same to the same things: address, action, the values that change, what is known only after the apply,
and what forces a replacement. What stays as it is (when a function was last modified), or is replaced by what nobody knows yet, is not part
of it; nor are order, times, or Terraform's version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from devcloud.planned import resources

Planned = Mapping[str, Any]

ACTIONS = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("read",): "read",
    ("forget",): "forget",
    ("no-op",): "move",
}
IDENTITY = ("id", "arn")
LONGEST_VALUE = 60
UNKNOWN = "(known after apply)"
SECRET = "(sensitive)"  # noqa: S105 (it stands for one)


@dataclass(frozen=True)
class Change:
    """One thing that a plan does. `content` is what two plans must agree on; `fields` says what changes, without secrets."""

    address: str
    kind: str
    action: str
    fields: tuple[str, ...]
    content: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.action} {self.address}" + (f": {', '.join(self.fields)}" if self.fields else "")


def changes(planned: Planned) -> list[Change]:
    """The changes of a plan (`terraform show -json`): resources by address, then outputs."""
    things = [_change(entry, entry["type"]) for entry in planned.get("resource_changes", ()) if _counts(entry)]
    outputs = [_change(entry, "output") for entry in _outputs(planned) if _counts(entry)]
    return sorted(things, key=_order) + sorted(outputs, key=_order)


def digest(planned: Planned) -> str:
    """SHA-256, in hex, of what a plan changes: equal for plans that do the same."""
    return hashlib.sha256(_canonical([change.content for change in changes(planned)]).encode()).hexdigest()


def difference(reviewed: Planned, now: Planned) -> list[str]:
    """In words: what one plan does and the other does not, or does otherwise. Empty for equal plans."""
    before, after = (_by_address(planned) for planned in (reviewed, now))
    lines = []
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address, []), after.get(address, [])
        if [change.content for change in old] == [change.content for change in new]:
            continue
        if not new:
            lines += [f"was reviewed, and is no longer to be done: {change}" for change in old]
        elif not old:
            lines += [f"was never reviewed: {change}" for change in new]
        else:
            then, told = ("; ".join(map(str, some)) for some in (old, new))
            lines.append(f"reviewed was: {then}\n      now it is: {told}" if then != told else f"differs in what is not shown: {told}")
    return lines


def functions(shown: Planned) -> dict[str, dict[str, Any]]:
    """The values of each Lambda function by address: in a plan, what they will be; in a state, what they are."""
    values = shown.get("planned_values") or shown.get("values") or {"root_module": {}}
    return resources({"planned_values": values}, "aws_lambda_function")


def _counts(entry: Mapping[str, Any]) -> bool:
    return entry["change"]["actions"] != ["no-op"] or "previous_address" in entry or "importing" in entry["change"]


def _outputs(planned: Planned) -> Iterator[dict[str, Any]]:
    """Outputs in the shape of resources with one value."""
    for name, change in (planned.get("output_changes") or {}).items():
        parts = {part: {"value": change.get(part)} for part in ("before", "after", "after_unknown", "before_sensitive", "after_sensitive")}
        yield {"address": f"output.{name}", "change": {"actions": change["actions"], **parts}}


def _change(entry: Mapping[str, Any], kind: str) -> Change:
    change = entry["change"]
    action = ACTIONS.get(tuple(change["actions"]), "+".join(change["actions"]))
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = {name: flags for name, flags in _mapping(change.get("after_unknown")).items() if _any(flags)}
    names = sorted({name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} | unknown.keys())
    if action in ("destroy", "forget"):
        names = [name for name in IDENTITY if name in before]
    known = [name for name in names if unknown.get(name) is not True]
    content = {
        "address": entry["address"],
        "from": entry.get("previous_address"),
        "deposed": entry.get("deposed"),
        "importing": change.get("importing"),
        "actions": change["actions"],
        "replaces": sorted(map(_canonical, change.get("replace_paths") or ())),
        "before": {name: before[name] for name in known if name in before},
        "after": {name: after[name] for name in known if after.get(name) is not None},
        "unknown": unknown,
    }
    return Change(entry["address"], kind, action, _fields(entry, action, names, unknown), content)


def _fields(entry: Mapping[str, Any], action: str, names: list[str], unknown: Mapping[str, Any]) -> tuple[str, ...]:
    """What changes in an update or a replacement; the rest is said by its address alone."""
    change = entry["change"]
    if action == "move":
        return (f"from {entry['previous_address']}",) if "previous_address" in entry else ("imported",)
    if action not in ("update", "replace"):
        return ()
    forced = {str(path[0]) for path in change.get("replace_paths") or () if path}
    marks = [_mapping(change.get(part)) for part in ("before_sensitive", "after_sensitive")]
    whole = any(change.get(part) is True for part in ("before_sensitive", "after_sensitive"))
    told = []
    for name in names:
        if action == "replace" and forced and name not in forced:
            continue
        if whole or any(_any(mark.get(name)) for mark in marks):
            old = new = SECRET
        else:
            old, new = _shown((change.get("before") or {}).get(name)), _shown((change.get("after") or {}).get(name))
        told.append(f"{name} {old} → {UNKNOWN if unknown.get(name) is True else new}" + (" forces it" if name in forced else ""))
    return tuple(told)


def _shown(value: Any) -> str:
    text = _canonical(value)
    return text if len(text) <= LONGEST_VALUE else f"({len(text)} characters)"


def _by_address(planned: Planned) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes(planned):
        found.setdefault(change.address, []).append(change)
    return found


def _order(change: Change) -> tuple[str, str]:
    return change.address, _canonical(change.content)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _any(flags: Any) -> bool:
    """Whether a mark, such as "unknown" or "sensitive", is set anywhere in a value."""
    if isinstance(flags, dict):
        return any(map(_any, flags.values()))
    if isinstance(flags, list):
        return any(map(_any, flags))
    return flags is True


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
