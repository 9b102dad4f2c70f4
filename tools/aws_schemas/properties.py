"""A planned resource as CloudFormation's properties."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.aws_schemas import mapping
from tools.aws_schemas.refused import path_said

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]


@dataclass
class Properties:
    """`document`: the properties; `sources`: where in it → the attribute that says so.

    `unknown` is where something stands that AWS fills in or that only an apply knows; `uncovered`
    has the attributes that are set and that CloudFormation has no property for.
    """

    document: dict[str, Any] = field(default_factory=dict)
    sources: dict[Path, str] = field(default_factory=dict)
    unknown: set[Path] = field(default_factory=set)
    uncovered: set[str] = field(default_factory=set)

    def attribute(self, path: Path) -> str:
        """The attribute behind a place in the document, as a person would write it."""
        known = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in self.sources), ())
        if not known and path:
            return ", ".join(dict.fromkeys(name for at, name in self.sources.items() if at[: len(path)] == path))
        return f"{self.sources.get(known, '')}{path_said(path[len(known) :])}".strip(".")


def of(kind: str, after: Mapping[str, Any], after_unknown: Mapping[str, Any], schema: Schema) -> Properties:
    """The properties of a resource of a Terraform type, by its values in a plan and
    CloudFormation's schema of it.
    """
    made = Properties(dict(mapping.SAID_BY_ITSELF.get(kind, {})))
    _Conversion(kind, schema, made).block(after, after_unknown, (schema, made.document, ()), "")
    return made


def resolve(node: Any, schema: Schema) -> Schema:
    """A part of a schema, or what it refers to."""
    while isinstance(node, Mapping) and "$ref" in node:
        found: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node if isinstance(node, Mapping) else {}


def step(node: Schema, name: str, schema: Schema) -> tuple[str, Schema] | None:
    """The property of a node that an attribute names, and its schema; None where there is none."""
    there = {
        found.lower(): (found, inner)
        for choice in _choices(node, schema)
        for found, inner in choice.get("properties", {}).items()
    }
    one = name.replace("_", "").lower()
    for wanted in (one, one + "s", one + "es", one.removesuffix("y") + "ies"):
        if wanted in there:
            found, inner = there[wanted]
            return found, resolve(inner, schema)
    return None


def _choices(node: Schema, schema: Schema) -> list[Schema]:
    """A node, and what it may be instead or must be too."""
    inner = (resolve(one, schema) for key in ("allOf", "anyOf", "oneOf") for one in node.get(key, ()))
    return [node, *(choice for one in inner for choice in _choices(one, schema))]


Place = tuple[Schema, dict[str, Any], Path]


class _Conversion:
    """One resource on its way."""

    def __init__(self, kind: str, schema: Schema, made: Properties) -> None:
        self._kind, self._schema, self._made = kind, schema, made
        self._names = mapping.names(kind)

    def block(self, values: Mapping[str, Any], unknown: Mapping[str, Any], place: Place, path: str) -> None:
        """Put a block's attributes into the properties at a place."""
        for name in sorted({*values, *unknown}):
            attribute = f"{path}.{name}".strip(".")
            value, hidden = values.get(name), unknown.get(name, False)
            if hidden is True or not mapping.is_unset(self._kind, attribute, value):
                self._attribute(attribute, value, hidden, place)

    def _attribute(self, attribute: str, value: Any, unknown: Any, place: Place) -> None:
        target = self._names.get(attribute, attribute.rpartition(".")[2])
        if target == ".":
            for item, hidden in _blocks(value, unknown):
                self.block(item, hidden, place, attribute)
        elif "]." in target and isinstance(value, list):
            for item in value:
                self._attribute(attribute, item, False, place)
        elif target != "-":
            found = self._property(target, place)
            if not found:
                self._made.uncovered.add(attribute)
            elif unknown is True or (isinstance(unknown, list) and True in unknown):
                self._made.unknown.add(found[2])
            else:
                node, parent, at = found
                self._made.sources[at] = attribute
                parent[at[-1]] = self._value(value, unknown, node, at, attribute)

    def _property(self, target: str, place: Place) -> tuple[Schema, Any, Path] | None:
        """The schema of a property, what holds it, and where it stands."""
        node, parent, at = place
        *outer, last = target.split(".")
        for part in outer:
            found = step(node, part.split("[")[0], self._schema)
            if not found:
                return None
            name, node = found
            at = (*at, name)
            if "[" in part:
                items = parent.setdefault(name, [])
                key, _, value = part.partition("[")[2].rstrip("]").partition("=")
                items.append({key: value})
                node, parent, at = self._item(node), items[-1], (*at, len(items) - 1)
            else:
                parent = parent.setdefault(name, {})
        found = step(node, last, self._schema)
        return (found[1], parent, (*at, found[0])) if found else None

    def _value(self, value: Any, unknown: Any, node: Schema, at: Path, path: str) -> Any:
        if _are_blocks(value):
            many = self._takes(node, "array")
            inner = self._item(node) if many else node
            made: list[dict[str, Any]] = []
            for number, (item, hidden) in enumerate(_blocks(value, unknown)):
                made.append({})
                where = (*at, number) if many else at
                self._made.sources[where] = f"{path}[{number}]"
                self.block(item, hidden, (inner, made[-1], where), path)
            return made if many else made[0]
        if isinstance(value, list):
            inner = self._item(node)
            return [self._scalar(item, inner) for item in value]
        if self._takes(node, "array"):
            return self._pairs(value, node) if isinstance(value, dict) else [value]
        return self._scalar(value, node)

    def _pairs(self, value: Mapping[str, Any], node: Schema) -> list[dict[str, Any]]:
        """A map as a list of keys and values, as tags and dimensions are."""
        key = next((name for name in self._item(node).get("properties", {}) if name != "Value"), "Key")
        return [{key: name, "Value": item} for name, item in value.items()]

    def _item(self, node: Schema) -> Schema:
        """The schema of an array's elements."""
        found = (choice.get("items") for choice in _choices(node, self._schema))
        return resolve(next((items for items in found if isinstance(items, Mapping)), {}), self._schema)

    def _takes(self, node: Schema, *kinds: str) -> bool:
        taken = (choice.get("type", ()) for choice in _choices(node, self._schema))
        return any(kind in ([one] if isinstance(one, str) else one) for one in taken for kind in kinds)

    def _scalar(self, value: Any, node: Schema) -> Any:
        """A value as CloudFormation spells it: a JSON text as what it says, a number as text, and
        the other way round.
        """
        if self._takes(node, "string") and not isinstance(value, str | dict):
            return json.dumps(value)
        reads = ("object",) if self._takes(node, "string") else ("object", "integer", "number", "boolean")
        if isinstance(value, str) and self._takes(node, *reads):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value


def _are_blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _blocks(values: Any, unknown: Any) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    hidden = unknown if isinstance(unknown, list) else []
    for number, item in enumerate(values or []):
        inner = hidden[number] if number < len(hidden) else {}
        yield item, inner if isinstance(inner, dict) else {}
