"""Which types, attributes and rules between fields are held to what AWS publishes, as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.aws_schemas import mapping, properties
from tools.aws_schemas.data_files import published, rules
from tools.aws_schemas.refused import resources as planned
from tools.common.paths import ROOT
from tools.offline_provider import schema
from tools.offline_provider.schema_sources import resources

DOCUMENT = ROOT / "docs/reference/aws-schemas.md"
BEGIN, END = "<!-- coverage -->", "<!-- end of coverage -->"


def table() -> str:
    """One row a type of the stand-in provider's."""
    lines = [
        "| type | held to | rules between its fields | attributes not covered | rules between resources not covered |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(_row(kind) for kind in sorted(resources()))])


def _row(kind: str) -> str:
    known = mapping.cloudformation(kind)
    if known not in published("types"):
        return f"| `{kind}` | **not covered**: no schema | | all | |"
    cells = [
        ", ".join(f"`{rule.name}`" for rule in rules(known)),
        ", ".join(f"`{name}`" for name in _grouped(_uncovered(kind, known))),
        ", ".join(f"`{name}`" for name in published("types")[known]["between"]),
    ]
    return f"| `{kind}` | {known.removeprefix('AWS::')} | {' | '.join(cells)} |"


def uncovered_types(plan: Mapping[str, Any]) -> set[str]:
    """The types of a plan that no schema is there for."""
    kinds = {one.kind for one in planned(plan)}
    return {kind for kind in kinds - {"terraform_data"} if mapping.cloudformation(kind) not in published("types")}


def _uncovered(kind: str, known: str) -> set[str]:
    values, unknown = _all_set(schema.load().resources[kind])
    found = properties.of(kind, values, unknown, published("types")[known]["schema"]).uncovered
    return {name for name in found if name.split(".")[-1] != "policy"}  # policies.py finds them anywhere


def _all_set(block: schema.Block) -> tuple[dict[str, Any], dict[str, Any]]:
    """A value of a block in which everything that may be set is, to what is not known yet."""
    unknown: dict[str, Any] = {name: True for name, one in block.attributes.items() if set(one.flags) & {"r", "o"}}
    values: dict[str, Any] = {}
    for name, nested in block.blocks.items():
        inner = _all_set(nested.block)
        values[name], unknown[name] = [inner[0]], [inner[1]]
    return values, unknown


def _grouped(names: set[str]) -> Iterator[str]:
    """Names, those with a number in it once ("tunnel1_…", "tunnel2_…")."""
    return iter(sorted({re.sub(r"(?<=[a-z])[12](?=_)", "N", name) for name in names}))


def written(text: str) -> str:
    """What a document has as the table. Raises ValueError where it has none."""
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()


def write() -> None:
    """Put the table into its document."""
    text = DOCUMENT.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}")
