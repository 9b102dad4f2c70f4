"""The data beside the code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parent / "data"


class Rule(NamedTuple):
    """What stands between fields of a type."""

    name: str
    schema: Mapping[str, Any]


@cache
def published(name: str) -> Mapping[str, Any]:
    """What `generate` wrote into `data/<name>.json`."""
    found: Mapping[str, Any] = json.loads((DATA / f"{name}.json").read_text())["of"]
    return found


@cache
def _documented() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads((DATA / "documented.json").read_text())
    return found


def rules(kind: str) -> Iterator[Rule]:
    """The rules between fields of a CloudFormation type: published ones, and those that only AWS's
    documentation has (`data/documented.json`, written by hand).
    """
    for found in (published("types")[kind]["rules"], _documented().get(kind, {})):
        for name, schema in found.items():
            yield Rule(name, schema)
