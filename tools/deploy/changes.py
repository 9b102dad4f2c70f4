"""What a plan changes, in a form to compare two plans in, and in words without a secret.

Two plans are equal when they do the same to the same things: address, identity before and after,
action, the values that change (of a secret, a hash), what is known only after the apply, and what
forces a replacement. What else stays as it is (when a function was last modified), or is replaced
by what nobody knows yet, is not part of it; nor are order, times, or Terraform's version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.environment.planned import resources

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
# What says which thing in AWS a change is done to. A provider acts by `id`, `arn` or `url`; the
# others name what a setting belongs to, such as the bucket of a policy.
IDENTITY = re.compile(r"(?:\w+_)?(?:id|arn|url|uuid|name)|bucket|function|group|key|qualifier|queue|role|user")
NAMES = ("arn", "url", "id", "name")  # of these, a reader sees those that differ
VALUE_PARTS = ("before", "after", "after_unknown", "before_sensitive", "after_sensitive")
LONGEST_VALUE = 60
UNKNOWN = "(known after apply)"
SECRET = "(sensitive)"  # noqa: S105 (it stands for one)


@dataclass(frozen=True)
class Change:
    """One thing that a plan does.

    `content` is what two plans must agree on; `names` says what it is done to and `fields` what
    changes, without secrets.
    """

    address: str
    kind: str
    action: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    content: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        what = f"{self.action} {self.address}"
        if self.names:
            what = f"{what} ({', '.join(self.names)})"
        return f"{what}: {', '.join(self.fields)}" if self.fields else what

    def told(self) -> Told:
        """What is kept of it."""
        return Told(self.address, str(self), hashlib.sha256(canonical(self.content).encode()).hexdigest())


@dataclass(frozen=True)
class Told:
    """A change as it is kept: its words without a secret, and the SHA-256 of its content."""

    address: str
    text: str
    sha256: str


def changes(planned: Planned) -> list[Change]:
    """The changes of a plan (`terraform show -json`): resources by address, then outputs."""
    things = [_change(entry, entry["type"]) for entry in planned.get("resource_changes", ()) if _counts(entry)]
    outputs = [_change(entry, "output") for entry in _outputs(planned) if _counts(entry)]
    return sorted(things, key=_order) + sorted(outputs, key=_order)


def difference(reviewed: Sequence[Told], now: Sequence[Told]) -> list[str]:
    """In words: what one plan does and the other does not, or does otherwise.

    Empty for equal plans.
    """
    before, after = _by_address(reviewed), _by_address(now)
    lines = []
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address, []), after.get(address, [])
        if [change.sha256 for change in old] == [change.sha256 for change in new]:
            continue
        if not new:
            lines += [f"was reviewed, and is no longer to be done: {change.text}" for change in old]
        elif not old:
            lines += [f"was never reviewed: {change.text}" for change in new]
        else:
            lines.append(_otherwise(old, new))
    return lines


def canonical(value: Any) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def functions(shown: Planned) -> dict[str, dict[str, Any]]:
    """The values of each Lambda function by address, in a plan or a state.

    In a plan they are what they will be, in a state what they are.
    """
    values = shown.get("planned_values") or shown.get("values") or {"root_module": {}}
    return resources({"planned_values": values}, "aws_lambda_function")


def _otherwise(old: Sequence[Told], new: Sequence[Told]) -> str:
    reviewed, now = ("; ".join(change.text for change in changes) for changes in (old, new))
    if reviewed == now:
        return f"differs in what is not shown: {now}"
    return f"reviewed was: {reviewed}\n      now it is: {now}"


def _counts(entry: Mapping[str, Any]) -> bool:
    return entry["change"]["actions"] != ["no-op"] or "previous_address" in entry or "importing" in entry["change"]


def _outputs(planned: Planned) -> Iterator[dict[str, Any]]:
    """Outputs in the shape of resources with one value."""
    for name, change in (planned.get("output_changes") or {}).items():
        parts = {part: {"value": change.get(part)} for part in VALUE_PARTS}
        yield {"address": f"output.{name}", "change": {"actions": change["actions"], **parts}}


def _change(entry: Mapping[str, Any], kind: str) -> Change:
    change = entry["change"]
    action = ACTIONS.get(tuple(change["actions"]), "+".join(change["actions"]))
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = {name: flags for name, flags in _mapping(change.get("after_unknown")).items() if _any(flags)}
    different = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    names = sorted(different | unknown.keys())
    kept = _kept(before.keys() | after.keys(), different if action not in ("destroy", "forget") else set(), unknown)
    content = {
        "address": entry["address"],
        "from": entry.get("previous_address"),
        "deposed": entry.get("deposed"),
        "importing": change.get("importing"),
        "actions": change["actions"],
        "replaces": sorted(map(canonical, change.get("replace_paths") or ())),
        "identity": [change.get("before_identity"), change.get("after_identity")],
        "before": {name: _hashed(change, name, before) for name in kept if name in before},
        "after": {name: _hashed(change, name, after) for name in kept if after.get(name) is not None},
        "unknown": unknown,
    }
    fields = _fields(entry, action, names, unknown)
    return Change(entry["address"], kind, action, _names(change, before), fields, content)


def _kept(names: Iterable[str], different: set[str], unknown: Mapping[str, Any]) -> list[str]:
    """The attributes that two plans must agree on: what changes, and what says of which thing."""
    return [
        name
        for name in names
        if name in NAMES or (unknown.get(name) is not True and (name in different or IDENTITY.fullmatch(name)))
    ]


def _hashed(change: Mapping[str, Any], name: str, values: Mapping[str, Any]) -> Any:
    """A value; of a secret, its SHA-256."""
    value = values[name]
    return {"sha256": hashlib.sha256(canonical(value).encode()).hexdigest()} if _is_secret(change, name) else value


def _names(change: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
    """What AWS calls a thing that is there: whatever of `NAMES` another does not say already."""
    names: list[str] = []
    for name in NAMES:
        value = before.get(name)
        secret = _is_secret(change, name)
        if isinstance(value, str) and value and not secret and not any(value in other for other in names):
            names.append(value)
    return tuple(names)


def _fields(entry: Mapping[str, Any], action: str, names: list[str], unknown: Mapping[str, Any]) -> tuple[str, ...]:
    """What changes in an update or a replacement; the rest is said by its address alone."""
    change = entry["change"]
    if action == "move":
        return (f"from {entry['previous_address']}",) if "previous_address" in entry else ("imported",)
    if action not in ("update", "replace"):
        return ()
    forced = {str(path[0]) for path in change.get("replace_paths") or () if path}
    before, after = change.get("before") or {}, change.get("after") or {}
    described = []
    for name in names:
        if action == "replace" and forced and name not in forced:
            continue
        if _is_secret(change, name):
            old = new = SECRET
        else:
            old, new = _shown(before.get(name)), _shown(after.get(name))
        forces = " forces it" if name in forced else ""
        described.append(f"{name} {old} → {UNKNOWN if unknown.get(name) is True else new}{forces}")
    return tuple(described)


def _is_secret(change: Mapping[str, Any], name: str) -> bool:
    marks = [change.get("before_sensitive"), change.get("after_sensitive")]
    return True in marks or any(_any(_mapping(mark).get(name)) for mark in marks)


def _shown(value: Any) -> str:
    shown = canonical(value)
    return shown if len(shown) <= LONGEST_VALUE else f"({len(shown)} characters)"


def _by_address(changes: Sequence[Told]) -> dict[str, list[Told]]:
    by_address: dict[str, list[Told]] = {}
    for change in changes:
        by_address.setdefault(change.address, []).append(change)
    return by_address


def _order(change: Change) -> tuple[str, str]:
    return change.address, canonical(change.content)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _any(flags: Any) -> bool:
    """Whether a mark, such as "unknown" or "sensitive", is set anywhere in a value."""
    if isinstance(flags, dict):
        return any(map(_any, flags.values()))
    if isinstance(flags, list):
        return any(map(_any, flags))
    return flags is True
