"""`make policies` judges the plan that was proposed of these files, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release import policies, propose, tree
from release.ground import Ground
from tests.release.plans_world import repository

MAPPING = "aws_lambda_event_source_mapping.this"


def shown() -> dict[str, Any]:
    """A plan with a mapping that takes no partial batch responses."""
    values = {"event_source_arn": "arn:aws:sqs:us-east-1:111111111111:q", "function_name": "f", "function_response_types": None}
    known = {"address": MAPPING, "mode": "managed", "type": MAPPING.split(".")[0], "name": "this", "provider_name": "aws"}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    module = {"resources": [{**known, "expressions": {}}]}
    return {
        "format_version": "1.2",
        "terraform_version": "1.15.5",
        "planned_values": {"root_module": {"resources": [{**known, "values": values}]}},
        "resource_changes": [{**known, "change": change}],
        "configuration": {"root_module": module},
    }


def test_the_proposed_plan_is_judged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    world = repository(tmp_path / "project")
    ground, said = world.ground, world.said
    ground.file(propose.PLANNED).write_text(json.dumps(shown()))
    ground.file(propose.SUMMARY).write_text(json.dumps({"tree": tree.of_work(world.root).hash}))
    assert policies.check(ground, said.append) == 1
    assert "proposed" in said[0]
    told = capfd.readouterr().out
    assert "CKV_SLUICE_2" in told
    assert MAPPING in told
    assert "CKV_AWS" not in told


def test_another_trees_plan_is_not_judged_in_its_stead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = repository(tmp_path / "project")
    ground = world.ground
    ground.file(propose.PLANNED).write_text(json.dumps(shown()))
    ground.file(propose.SUMMARY).write_text(json.dumps({"tree": tree.of_work(world.root).hash}))
    world.pipeline.write_text(world.pipeline.read_text() + "# changed since\n")
    planned: list[Ground] = []

    def offline(here: Ground) -> None:
        planned.append(here)
        here.file(propose.PLANNED).write_text(json.dumps(shown() | {"resource_changes": []}))

    monkeypatch.setattr(policies, "offline_plan", offline)
    monkeypatch.setattr(policies, "CHECKOV", Path("/bin/true"))
    assert policies.check(ground, world.said.append) == 0
    assert planned == [ground]
    assert "an offline plan of dev, from an empty state" in world.said[0]
