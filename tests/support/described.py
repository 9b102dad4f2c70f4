"""An HTTP API's description (OpenAPI), and the errors that the functions behind it make."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import schemathesis

from tools.common.paths import ROOT

Json = dict[str, Any]
Codes = set[tuple[int, str]]  # an error's status and its code


class Description:
    """The description in a file of the project, by its path ("docs/votes/openapi.yaml")."""

    def __init__(self, path: str) -> None:
        self.schema = schemathesis.openapi.from_path(ROOT / path)
        self.raw: Json = self.schema.raw_schema
        self.schemas: Json = self.raw["components"]["schemas"]

    def resolved(self, node: Json) -> Json:
        """What a node stands for, behind its references."""
        while "$ref" in node:
            found: Any = self.raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def parts(self, schema: Json) -> Iterator[Json]:
        """A schema and all that it is composed of."""
        schema = self.resolved(schema)
        yield schema
        for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from self.parts(part)

    def answers(self, operation: Json) -> dict[int, list[Json]]:
        """By status: the parts of the answer's schema, where it is JSON."""
        responses = {int(status): self.resolved(response) for status, response in operation["responses"].items()}
        return {
            status: list(self.parts(response["content"]["application/json"]["schema"]))
            for status, response in responses.items()
            if "application/json" in response["content"]
        }

    def codes(self, operation: Json) -> Codes:
        """The errors that an operation is said to answer."""
        return {
            (status, code)
            for status, parts in self.answers(operation).items()
            for part in parts
            for code in part.get("properties", {}).get("code", {}).get("enum", ())
        }


def nodes(value: Any) -> Iterator[Json]:
    """Every object inside."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def calls(name: str, function: str, within: str = "") -> Iterator[ast.Call]:
    """Every call of a function in a file of lambda_src, or in some of its functions (a pattern)."""
    tree = ast.parse((ROOT / "lambda_src" / name).read_text())
    for node in ast.walk(tree) if within else (tree,):
        if not within or (isinstance(node, ast.FunctionDef) and re.fullmatch(within, node.name)):
            for one in ast.walk(node):
                if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == function:
                    yield one


def raised(name: str, within: str = "", codes: type[Enum] | None = None) -> Codes:
    """The (status, code) of every HttpError made there; `codes` has those not written out."""
    return {(ast.literal_eval(call.args[0]), word(call.args[1], codes)) for call in calls(name, "HttpError", within)}


def word(node: ast.expr, codes: type[Enum] | None = None) -> str:
    """A code as the source has it: written out, or a member of `codes`."""
    if codes is not None and isinstance(node, ast.Attribute):
        return str(codes[node.attr].value)
    return str(ast.literal_eval(node))
