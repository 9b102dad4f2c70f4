"""CloudFormation's dialect of JSON Schema as plain draft 7."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TEXTS = ("description", "title", "$comment", "examples", "markdownDescription", "default")
# What says nothing about a value, or what draft 7 cannot say.
_DROPPED = ("$id", "insertionOrder", "relationshipRef", "format", "cfnLint", "uniqueKeys", "maxUniqueItems")
_NAMED = ("properties", "definitions", "patternProperties")


def plain(schema: Any) -> Any:
    """The schema without texts, with the registry's own keywords said in draft 7's."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED:
            found[key] = {name: plain(one) for name, one in value.items()}
        elif key == "pattern":
            found[key] = value.replace(r"\Z", "$")
        elif key not in (*_TEXTS, *_DROPPED, *_OURS):
            found[key] = plain(value)
    also = [_OURS[key](value) for key, value in schema.items() if key in _OURS]
    if "$ref" in found and len(found) > 1:  # draft 7 overlooks what stands beside a reference
        also.append({"$ref": found.pop("$ref")})
    return found | ({"allOf": [*found.get("allOf", []), *also]} if also else {})


def _excluded(value: Mapping[str, list[str]]) -> Any:
    return {"dependencies": {name: {"properties": dict.fromkeys(others, False)} for name, others in value.items()}}


def _one_of(value: list[str]) -> Any:
    # Said of a list as well (a policy's statements), it is meant for what is no list.
    return {"if": {"type": "object"}, "then": {"oneOf": [{"required": [name]} for name in value]}}


def _any_of(value: list[str]) -> Any:
    return {"anyOf": [{"required": [name]} for name in value]}


def _any_case(value: list[str]) -> Any:
    return {"pattern": f"^({'|'.join(''.join(map(_either_case, one)) for one in value)})$"}


def _either_case(letter: str) -> str:
    return f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else re.escape(letter)


_OURS: Mapping[str, Any] = {
    "dependentExcluded": _excluded,
    "dependentRequired": lambda value: {"dependencies": value},
    "requiredXor": _one_of,
    "requiredOr": _any_of,
    "enumCaseInsensitive": _any_case,
    "prefixItems": lambda value: {"items": plain(value)},
}
