"""Every planned value beside AWS's schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema_rs import Draft7Validator as Validator

from tools.aws_schemas import mapping, properties, words
from tools.aws_schemas.data_files import published, rules
from tools.aws_schemas.properties import Properties, Schema
from tools.aws_schemas.refused import Refused, resources


@cache
def _validator(kind: str, name: str = "") -> Validator:
    schema = next(one.schema for one in rules(kind) if one.name == name) if name else published("types")[kind]["schema"]
    return Validator(dict(schema))


def refused(plan: Mapping[str, Any]) -> Iterator[Refused]:
    """What AWS's schemas refuse of a plan (as `terraform show -json` gives it)."""
    for address, type_, after, unknown in resources(plan):
        kind = mapping.cloudformation(type_)
        if kind in published("types"):
            made = properties.of(type_, after, unknown, published("types")[kind]["schema"])
            for attribute, value, answer in _errors(kind, made):
                needed = re.fullmatch(r"needs (\w+)(.*)", answer)
                if needed and not attribute:
                    answer = f"needs {needed[1]} ({', '.join(mapping.attributes(type_, needed[1]))}){needed[2]}"
                yield Refused(address, attribute, value, answer)


def _errors(kind: str, made: Properties) -> Iterator[tuple[str, Any, str]]:
    """Attribute, value and what AWS does instead, of each value that a schema or a rule refuses."""
    yield from _against(published("types")[kind]["schema"], _validator(kind), made, "")
    hidden = [f'"{path[0]}"' for path in made.unknown]
    for rule in rules(kind):
        if not any(name in json.dumps(rule.schema) for name in hidden):
            yield from _against(rule.schema, _validator(kind, rule.name), made, f" (rule {rule.name})")


def _against(schema: Schema, validator: Validator, made: Properties, source: str) -> Iterator[tuple[str, Any, str]]:
    for error in words.innermost(validator.iter_errors(made.document)):
        if not _hidden(error, made):
            yield made.attribute(tuple(error.instance_path)), error.instance, f"{words.answer(error, schema)}{source}"


def _hidden(error: jsonschema_rs.ValidationError, made: Properties) -> bool:
    """Whether something that is not known yet may be what is missing."""
    at, keyword = tuple(error.instance_path), error.kind.name
    below = {path[len(at)] for path in made.unknown if len(path) > len(at) and path[: len(at)] == at}
    if keyword == "required":
        return error.kind.as_dict()["property"] in below
    return bool(below) and keyword in ("anyOf", "oneOf", "minItems", "minProperties")
