"""A call's parameters beside AWS's own model of the call, as botocore ships it.

botocore looks at types, what is required and the least of numbers and lengths; here are the most,
the patterns and the enumerations too, which the emulator mostly takes as they come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape


def violations(operation: OperationModel, parameters: Mapping[str, Any]) -> list[str]:
    """What AWS's model of an operation refuses of its parameters, a sentence each.

    A value of another type than the model's is left to botocore, which refuses it by itself.
    """
    shape = operation.input_shape
    return [] if shape is None else list(_violations(shape, parameters, ""))


def _violations(shape: Shape, value: Any, name: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for member, inner in shape.members.items():
            if value.get(member) is not None:
                yield from _violations(inner, value[member], f"{name}.{member}".strip("."))
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        yield from _size(shape, value, name, "entries")
        for key, item in value.items():
            yield from _violations(shape.key, key, f"the key {key!r} of {name}")
            yield from _violations(shape.value, item, f"{name}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        yield from _size(shape, value, name, "elements")
        for number, item in enumerate(value):
            yield from _violations(shape.member, item, f"{name}[{number}]")
    elif isinstance(value, str):
        yield from _text(shape, value, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _outside(shape, value, f"{name} is {value}", "")


def _text(shape: Shape, value: str, name: str) -> Iterator[str]:
    said = f"{name} is {value!r}"
    choices = shape.metadata.get("enum", [])
    if choices and value not in choices:
        yield f"{said}; AWS takes {', '.join(choices)}"
    pattern = readable(shape.metadata.get("pattern", ""))
    if pattern and not pattern.fullmatch(value):
        yield f"{said}; AWS takes what matches {pattern.pattern}"
    yield from _size(shape, value, name, "characters")


def _size(shape: Shape, value: Any, name: str, unit: str) -> Iterator[str]:
    yield from _outside(shape, len(value), f"{name} has {len(value)} {unit}", f" {unit}")


def _outside(shape: Shape, number: float, said: str, unit: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < float(least):
        yield f"{said}; AWS takes at least {least}{unit}"
    if most is not None and number > float(most):
        yield f"{said}; AWS takes at most {most}{unit}"


@cache
def readable(pattern: str) -> re.Pattern[str] | None:
    r"""A model's pattern, or None for one of Java's that Python's `re` does not know (`\p{L}`)."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
