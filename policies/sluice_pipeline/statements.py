"""Statements of IAM and resource policies, with every single value as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def statements(document: Mapping[str, Any] | None, effect: str) -> Iterator[dict[str, Any]]:
    """The statements with an effect ("Allow", "Deny")."""
    for statement in listed((document or {}).get("Statement")):
        if statement.get("Effect") == effect:
            yield statement


def listed(value: Any) -> list[Any]:
    """A list as it is, one value as a list of it, nothing as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def is_everybody(principal: Any) -> bool:
    """Whether a statement's principal is all: "*" or {"AWS": "*"}."""
    return "*" in listed(principal.get("AWS") if isinstance(principal, dict) else principal)
