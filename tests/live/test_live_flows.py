"""The pictures of the live page are those of the plan: what is drawn is there, and what passes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.support import plan
from tools.environment.names import PIPELINES
from tools.environment.planned import outputs, resources
from tools.iam.roles import granted
from tools.live.flow import BIN, FUNCTION, QUEUE, STORE, Drawing, Flow, edge_of, flow_of, name_of
from tools.live.pipeline import pipelines
from tools.operations.pipeline import pipeline_of

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PutObject"}
READS = {"GetItem", "BatchGetItem", "Query", "GetObject"}


@cache
def planned(pipeline: str) -> dict[str, Any]:
    return plan.plan_of(pipeline, "local")


def made_of(pipeline: str) -> dict[str, Any]:
    found: dict[str, Any] = outputs(planned(pipeline))[pipeline]
    return found


def flow(pipeline: str) -> tuple[Flow, Drawing]:
    drawing = pipelines()[pipeline].drawing
    return flow_of(pipeline, drawing, pipeline_of(pipeline).consumers), drawing


def drawn(pipeline: str, *kinds: str) -> set[str]:
    """What is drawn or said to be left out, of these kinds, by name."""
    picture, drawing = flow(pipeline)
    ids = [node.id for node in picture.nodes] + list(drawing.apart)
    return {name_of(one) for one in ids if one.partition("/")[0] in kinds}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_everything_of_the_outputs_is_drawn_or_left_out_on_purpose(pipeline: str) -> None:
    made = made_of(pipeline)
    assert drawn(pipeline, QUEUE) == set(made["queues"])
    assert drawn(pipeline, FUNCTION) == set(made["functions"])
    assert drawn(pipeline, STORE) == set(made["tables"]) | set(made.get("buckets", {}))
    assert drawn(pipeline, BIN) == {"quarantine"}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_what_passes_is_what_the_roles_allow(pipeline: str) -> None:
    picture, drawing = flow(pipeline)
    allowed = set(_allowed(pipeline))
    edges = {edge for edge in picture.edges if _is_of_roles(edge)}
    assert edges <= allowed
    sends = {(start, end) for start, end in allowed if end.startswith((QUEUE, BIN)) and start.startswith(FUNCTION)}
    quiet = set(map(edge_of, drawing.quiet))
    assert sends == {edge for edge in edges if edge[1].startswith((QUEUE, BIN))} | quiet
    assert not quiet & edges


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_queue_leads_to_the_function_of_its_mapping(pipeline: str) -> None:
    made = made_of(pipeline)
    arns = {queue["name"]: name for name, queue in made["queues"].items()}
    mapped = {
        (arns[mapping["event_source_arn"].rsplit(":", 1)[-1]], f"{address}....".split(".")[3])
        for address, mapping in resources(planned(pipeline), "aws_lambda_event_source_mapping").items()
    }
    drawn = {
        (name_of(start), name_of(end))
        for start, end in flow(pipeline)[0].edges
        if start.startswith(f"{QUEUE}/") and end.startswith(f"{FUNCTION}/")
    }
    by_hand = {("delivery", "deliver")} if pipeline == "receipts" else set()
    assert drawn == mapped | by_hand, "lanes receive by themselves, a mapping for each of the others"


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_meter_counts_requests_of_every_function_behind_the_api(pipeline: str) -> None:
    names = {function["name"]: name for name, function in made_of(pipeline)["functions"].items()}
    permissions = resources(planned(pipeline), "aws_lambda_permission").values()
    behind = {names[one["function_name"]] for one in permissions if one["principal"] == "apigateway.amazonaws.com"}
    assert behind == set(pipelines()[pipeline].watch.called)


def test_an_edge_to_what_is_not_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        flow_of("orders", Drawing("Orders", (("queue/orders",),), ()), {"orders": "take"})
    with pytest.raises(ValueError, match="none of"):
        flow_of("orders", Drawing("Orders", (("topic/orders",),), ()), {})


def _is_of_roles(edge: tuple[str, str]) -> bool:
    """Whether roles tell of an edge: one between a function and something that has an ARN."""
    kinds = {one.partition("/")[0] for one in edge}
    return FUNCTION in kinds and kinds <= {FUNCTION, QUEUE, STORE, BIN}


def _allowed(pipeline: str) -> Iterator[tuple[str, str]]:
    """Edges by the roles of a plan: sends, writes, what is received, reads."""
    made = made_of(pipeline)
    things = {queue["name"]: f"{QUEUE}/{name}" for name, queue in made["queues"].items()}
    things |= {table: f"{STORE}/{name}" for name, table in made["tables"].items()}
    things |= {bucket: f"{STORE}/{name}" for name, bucket in made.get("buckets", {}).items()}
    things[made["quarantine_bucket"]] = f"{BIN}/quarantine"
    for address, values in resources(planned(pipeline), "aws_iam_role_policy").items():
        role = f"{address}....".split(".")[3]
        for need in granted(values["policy"]) if role in made["functions"] and "policy" in values else ():
            name = need.resource.split(":", 5)[-1].removeprefix("table/").split("/")[0]
            thing, action = things.get(name), need.action.partition(":")[2]
            if thing and action in WRITES | {"SendMessage"}:
                yield f"{FUNCTION}/{role}", thing
            if thing and action in READS | {"ReceiveMessage"}:
                yield thing, f"{FUNCTION}/{role}"
