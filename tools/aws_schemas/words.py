"""What a schema says to a value that it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema_rs import ValidationError as Error

from tools.aws_schemas.properties import Schema, resolve

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a block or a JSON object",
}


def innermost(errors: Iterable[Error]) -> Iterator[Error]:
    """The errors; instead of one that no alternative is met, those of the alternative that was met
    furthest inside.
    """
    for error in errors:
        inside = [inner for inner in error.kind.as_dict().get("context", ()) if inner]
        depth, best = max(((_depth(inner), inner) for inner in inside), default=(0, []), key=lambda one: one[0])
        if depth > len(error.instance_path):
            yield from innermost(best)
        else:
            yield error


def _depth(errors: Iterable[Error]) -> int:
    return max(len(error.instance_path) for error in errors)


def answer(error: Error, schema: Schema) -> str:
    """What AWS does instead of taking the value: "takes …", "needs …", "knows no …"."""
    keyword, said = error.kind.name, error.kind.as_dict()
    if keyword == "required":
        return f"needs {said['property']}"
    if keyword == "additionalProperties":
        return f"knows no {', '.join(said['unexpected'])}"
    if keyword == "falseSchema":
        return "takes nothing here beside the rest"
    node = _node(error, schema)
    if keyword in ("anyOf", "oneOf"):
        amount = "exactly" if keyword == "oneOf" else "at least"
        return f"takes {amount} one of: {'; '.join(dict.fromkeys(_alternative(one, schema) for one in node[keyword]))}"
    return f"takes {described(node)}"


def _alternative(node: Any, schema: Schema) -> str:
    choice = resolve(node, schema)
    return ", ".join(choice["required"]) if set(choice) == {"required"} else described(choice)


def _node(error: Error, schema: Schema) -> Schema:
    """The schema whose keyword refused."""
    node: Any = schema
    for step in list(error.schema_path)[:-1]:
        node = resolve(node, schema) if step == "$ref" else node[step]
    return resolve(node, schema)


def described(node: Mapping[str, Any]) -> str:
    """What a schema of one value takes."""
    if "const" in node or "enum" in node:
        choices = node.get("enum", [node.get("const")])
        return " or ".join(one if isinstance(one, str) else json.dumps(one) for one in choices)
    kinds = node.get("type", ())
    words = [" or ".join(_KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "a value"]
    words += _between("from", node.get("minimum"), node.get("maximum"), "")
    words += _between("of", node.get("minLength"), node.get("maxLength"), " characters")
    words += _between("of", node.get("minItems"), node.get("maxItems"), " elements")
    words += [f"in steps of {node['multipleOf']}"] if "multipleOf" in node else []
    words += [f"that matches {node['pattern']}"] if "pattern" in node else []
    words += ["without one twice"] if node.get("uniqueItems") else []
    words += [f"other than {described(node['not'])}"] if "not" in node else []
    words += [f"named {described(node['propertyNames'])}"] if "propertyNames" in node else []
    return " ".join(words)


def _between(word: str, least: Any, most: Any, unit: str) -> list[str]:
    if least is None and most is None:
        return []
    if least is None:
        return [f"{word} at most {most}{unit}"]
    return [f"{word} at least {least}{unit}" if most is None else f"{word} {least} to {most}{unit}"]
