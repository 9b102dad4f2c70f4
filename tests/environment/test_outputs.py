"""Which of Terraform's outputs are pipelines, and which of them a command works on."""

from __future__ import annotations

from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.environment import planned
from tools.environment.outputs import choose, outputs_of, pipelines_in

QUEUE = {"url": "u", "name": "n", "dead_letter_url": "d", "more": 1}
FUNCTION = {"name": "n", "arn": "arn:aws:lambda:eu-west-1:111111111111:function:n:live", "log_group": "g"}
PIPELINE: dict[str, Any] = {"queues": {"q": QUEUE}, "functions": {"f": FUNCTION}}
OTHERS = {"url": "text", "list": [1], "object": {"a": 1}, "nothing": None}


def test_the_only_one_or_ours_or_the_one_that_is_named() -> None:
    assert choose("", {**OTHERS, "orders": PIPELINE}) == "orders"
    assert choose("orders", {"orders": PIPELINE, "votes": PIPELINE}) == "orders"
    assert choose("", {"orders": PIPELINE, "votes": PIPELINE}) == "votes"


def test_the_default_one_of_ours_or_the_only_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.environment.outputs.PIPELINES", ("votes", "receipts", "harvest"))
    assert choose("", {"receipts": PIPELINE, "votes": PIPELINE, "orders": PIPELINE}) == "votes"
    assert choose("", {"receipts": PIPELINE, "orders": PIPELINE}) == "receipts"
    with pytest.raises(CommandError, match="several pipelines: PIPELINE is one of receipts, harvest"):
        choose("", {"receipts": PIPELINE, "harvest": PIPELINE})


@pytest.mark.parametrize(
    ("name", "outputs", "words"),
    [
        ("", {}, "no output is a pipeline, an object with queues, each with url, name, dead_letter_url; functions"),
        ("orders", OTHERS, "no output is a pipeline"),
        ("", {"orders": PIPELINE, "returns": PIPELINE}, "several pipelines: PIPELINE is one of orders, returns"),
        ("order", {"orders": PIPELINE}, "no pipeline 'order': PIPELINE is one of orders"),
        ("url", {**OTHERS, "orders": PIPELINE}, "no pipeline 'url'"),
    ],
)
def test_what_says_none(name: str, outputs: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        choose(name, outputs)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"functions": None}, "'orders' has no functions: a pipeline's has queues"),
        ({"functions": {}}, "has no functions:"),
        ({"functions": ["f"]}, "has no functions:"),
        ({"queues": {"q": {**QUEUE, "url": None}}}, r"has no queues\.q\.url"),
        ({"queues": {"q": "url"}}, r"has no queues\.q\.url"),
        ({"functions": {"f": FUNCTION, "g": {"name": "g"}}}, r"has no functions\.g\.arn"),
        ({"functions": {"f": {**FUNCTION, "arn": "f"}}}, r"has no functions\.f\.arn"),
    ],
)
def test_one_that_is_meant_and_lacks_something(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        pipelines_in({"orders": {**PIPELINE, **changed}})


def test_region_and_account_are_its_functions() -> None:
    outputs = outputs_of("orders", {"orders": PIPELINE, "region": "us-east-1"})
    assert (outputs["region"], outputs["account_id"]) == ("eu-west-1", "111111111111")


def test_a_plan_with_one_pipeline_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "PIPELINES", ("votes", "shop"))
    addresses = ["module.votes.module.a.aws_x.this", "module.shop.aws_x.this", "aws_x.of_all"]
    held = [{"address": address, "mode": "managed", "type": "aws_x", "values": {}} for address in addresses[:2]]
    modules = [
        {"address": f"module.{name}", "resources": [one]} for name, one in zip(("votes", "shop"), held, strict=True)
    ]
    everything = {
        "planned_values": {"root_module": {"resources": [], "child_modules": modules}},
        "resource_changes": [{"address": address} for address in addresses],
        "output_changes": dict.fromkeys(("votes", "votes_api_url", "shop", "shop_api_url", "region")),
    }
    alone = planned.of_pipeline(everything, "votes")
    assert set(planned.resources(alone)) == {addresses[0]}
    assert [one["address"] for one in alone["resource_changes"]] == [addresses[0], addresses[2]]
    assert set(alone["output_changes"]) == {"votes", "votes_api_url", "region"}
    assert set(planned.resources(everything)) == set(addresses[:2])
