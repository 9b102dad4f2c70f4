"""What a check has to say of a plan's resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple


class Refused(NamedTuple):
    """A value that AWS will not take: of which resource, which attribute; `answer` is what AWS does
    instead, as "takes a whole number from 60 to 1209600".
    """

    address: str
    attribute: str
    value: Any
    answer: str


class Resource(NamedTuple):
    """A resource that a plan will leave, with its values and what is not known of them."""

    address: str
    kind: str
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]


def resources(plan: Mapping[str, Any]) -> Iterator[Resource]:
    """The resources of a plan (as `terraform show -json` gives it) that it does not end."""
    for one in plan["resource_changes"]:
        change = one["change"]
        if one["mode"] == "managed" and change["after"] is not None:
            yield Resource(one["address"], one["type"], change["after"], change["after_unknown"])


def path_said(path: Iterable[str | int]) -> str:
    """A place inside a value, as a person would write it: ".Statement[0].Action"."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
