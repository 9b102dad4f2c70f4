"""The extract is of the packages that are named, of every type there is, and plain JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from tools.aws_schemas import draft7, mapping, packages
from tools.aws_schemas.data_files import DATA, published, rules
from tools.aws_schemas.generate import SERVICES
from tools.offline_provider.schema import load

AGAIN = "run `python -m tools.aws_schemas.generate`"


@pytest.mark.parametrize("name", ["types", "policies", "actions"])
def test_it_is_of_the_named_versions(name: str) -> None:
    source = json.loads((DATA / f"{name}.json").read_text())["source"]
    assert source == ", ".join(packages.pinned(package) for package in packages.PACKAGES), AGAIN


def test_every_type_and_every_service_is_there() -> None:
    assert set(published("types")) == mapping.cloudformation_types(), AGAIN
    assert list(published("actions")) == sorted(SERVICES.split()), AGAIN


def test_every_schema_and_rule_is_valid_and_in_draft_7() -> None:
    for kind, one in published("types").items():
        assert draft7.plain(one["schema"]) == one["schema"], kind
        for schema in (one["schema"], *(rule.schema for rule in rules(kind))):
            Draft7Validator(dict(schema))
    for grammar in published("policies").values():
        assert draft7.plain(grammar) == grammar


def test_every_name_in_the_mapping_is_an_attribute() -> None:
    known = load().resources
    assert set(mapping.named()) <= set(known)
    for kind, attributes in mapping.named().items():
        for attribute in attributes:
            block = known[kind]
            *outer, last = attribute.split(".")
            for name in outer:
                block = block.blocks[name].block
            assert last in block.attributes or last in block.blocks, f"{kind} {attribute}"


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"dependentExcluded": {"A": ["B"]}}, [{"A": 1}, {"B": 1}], [{"A": 1, "B": 1}]),
        ({"dependentRequired": {"A": ["B"]}}, [{"B": 1}, {"A": 1, "B": 1}], [{"A": 1}]),
        ({"requiredXor": ["A", "B"]}, [{"A": 1}, {"B": 1}, []], [{}, {"A": 1, "B": 1}]),
        ({"requiredOr": ["A", "B"]}, [{"A": 1}, {"A": 1, "B": 1}], [{}]),
        ({"enumCaseInsensitive": ["On", "a.b"]}, ["on", "ON", "A.B"], ["onn", "axb"]),
        ({"prefixItems": [{"const": "A"}, {"const": "B"}]}, [["A"], ["A", "B"]], [["B", "A"]]),
        ({"definitions": {"T": {"type": "string"}}, "$ref": "#/definitions/T", "maxLength": 1}, ["a"], ["ab", 1]),
        ({"pattern": r"^a\Z", "format": "AWS::Any", "description": "x"}, ["a"], ["ab"]),
    ],
)
def test_keywords_of_the_registry_mean_the_same(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    validator = Draft7Validator(draft7.plain(schema))
    assert [one for one in good if not validator.is_valid(one)] == []
    assert [one for one in bad if validator.is_valid(one)] == []
