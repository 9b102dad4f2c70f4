"""The rights of every role, and what uses each, as a table in docs/reference/iam.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.common.paths import ROOT
from tools.iam import roles
from tools.iam.pipeline import Pipeline
from tools.simulation.aws.actions import Where
from tools.simulation.aws.used import Used

DOCUMENT = ROOT / "docs/reference/iam.md"
BEGIN, END = "<!-- {} -->", "<!-- end of {} -->"


class Row(NamedTuple):
    """A right: who has it, on what, and by which calls it is used."""

    who: str
    resource: str
    action: str
    used_by: str


def of_roles(seeded: Iterable[Used], planned: roles.Plan, pipeline: Pipeline) -> list[Row]:
    """The rows of every function and every schedule of a pipeline in a plan."""
    there = (*roles.place_of(planned, pipeline), pipeline)
    here = (pipeline.where, pipeline.deployed.name, pipeline)
    rows = [
        Row(f"`{one.who}`", said(one.resource, *here), one.action, _call(one))
        for one in seeded
        if one.who in pipeline.functions
    ]
    for function in pipeline.functions:
        for one in roles.RUNTIME:
            for resource in one.resource(planned, pipeline, function):
                rows += [Row(f"`{function}`", said(resource, *there), action, one.user) for action in one.actions]
    for schedule, needs in roles.planned_roles(planned, pipeline).items():
        if schedule not in pipeline.functions:
            who = f"schedule `{schedule.split()[-1]}`"
            rows += [Row(who, said(need.resource, *there), need.action, "the schedule's target") for need in needs]
    return merged(rows, [f"`{function}`" for function in pipeline.functions])


def _call(used: Used) -> str:
    return f"`{used.call.split('.')[1]}`"


def said(resource: str, where: Where, name: str, pipeline: Pipeline) -> str:
    """A resource without what differs between environments."""
    for one in pipeline.deployed.mappings:
        resource = resource.replace(f"event-source-mapping:{one.uuid}", f"event-source-mapping:<of {one.function}>")
    shown = resource.replace(name, "<name>").replace(f":{where.region}:", ":").replace(f":{where.account}:", ":")
    return f"`{shown.replace(where.account, '<account>').removeprefix('arn:aws:')}`"


def merged(rows: Iterable[Row], first: Sequence[str] = ()) -> list[Row]:
    """One row for each right, with all that uses it; these first, then others by name."""
    users: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        users.setdefault(row[:3], set()).add(row.used_by)

    def place(key: tuple[str, str, str]) -> tuple[int, tuple[str, str, str]]:
        return (first.index(key[0]) if key[0] in first else len(first), key)

    return [Row(*key, ", ".join(sorted(users[key]))) for key in sorted(users, key=place)]


def markdown(rows: Iterable[Row], heads: tuple[str, str, str, str] = ("role of", "on", "may", "used by")) -> str:
    """The rows as a table."""
    lines = [f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.who} | {row.resource} | `{row.action}` | {row.used_by} |" for row in rows)])


def in_document(name: str, text: str) -> str:
    """What the document has as the table of this name. Raises ValueError where it has none."""
    begin, end = BEGIN.format(name), END.format(name)
    return text[text.index(begin) + len(begin) : text.index(end)].strip()


def put_in_document(tables: Mapping[str, str], document: Path = DOCUMENT) -> None:
    """Write these tables in the place of those there are."""
    text = document.read_text()
    for name, table in tables.items():
        before, rest = text.split(BEGIN.format(name))
        _, after = rest.split(END.format(name))
        text = f"{before}{BEGIN.format(name)}\n\n{table}\n\n{END.format(name)}{after}"
    document.write_text(text)
