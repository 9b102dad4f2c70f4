"""The rights of a pipeline's roles as docs/reference/iam.md has them, where its tests record calls:
what the plan allows, each with the calls that were seen to use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.support.plan import ROOT, plan_of
from tools.iam import roles, table
from tools.iam.pipeline import Pipeline
from tools.iam.table import Row
from tools.simulation.aws.actions import Need
from tools.simulation.deployed import Deployed

Right = tuple[str, Need]  # a function and what it may, the resource in short
NONE: Mapping[Right, str] = MappingProxyType({})
NOBODY = "nobody"


def compare(
    name: str,
    deployed: Deployed,
    calls: Mapping[Right, set[str]],
    short: Callable[[str], str],
    others: Mapping[Right, str] = NONE,
) -> None:
    """Fail where the document has another table of this pipeline; build/iam/ has the one recorded.

    `calls` ("sqs.SendMessage") used each right, `short` says a resource as they have it, and
    `others` who uses what no call here does.
    """
    pipeline = Pipeline(name, "", deployed, set)
    planned = plan_of(name, "prod")
    where, full_name = roles.place_of(planned, pipeline)
    rows = [
        Row(_who(pipeline, role), table.said(need.resource, where, full_name, pipeline), need.action, user)
        for role, needs in roles.planned_roles(planned, pipeline).items()
        for need in needs
        for right in [(role, Need(need.action, short(need.resource)))]
        for user in _by_aws(planned, pipeline, role, need) + _by_ours(calls, others, right) or [NOBODY]
    ]
    assert [row for row in rows if row.used_by == NOBODY] == [], "allowed, and nothing here says who uses it"
    found = table.markdown(table.merged(rows, [f"`{function}`" for function in pipeline.functions]))
    file = ROOT / "build" / "iam" / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{found}\n")
    written = table.in_document(name, table.DOCUMENT.read_text())
    assert written == found, f"docs/reference/iam.md has another table of {name} than was recorded: see {file}"


def _who(pipeline: Pipeline, role: str) -> str:
    return f"`{role}`" if role in pipeline.functions else f"schedule `{role.split()[-1]}`"


def _by_aws(planned: roles.Plan, pipeline: Pipeline, role: str, need: Need) -> list[str]:
    """Who of AWS's own uses a right."""
    if role not in pipeline.functions:
        return ["the schedule's target"]
    return [
        one.user
        for one in roles.RUNTIME
        if need.action in one.actions and need.resource in one.resource(planned, pipeline, role)
    ]


def _by_ours(calls: Mapping[Right, set[str]], others: Mapping[Right, str], right: Right) -> list[str]:
    """The calls that use a right, or who else does."""
    said = [f"`{call.split('.')[1]}`" for call in sorted(calls.get(right, ()))]
    return [*said, others[right]] if right in others else said
