"""`make policies` judges the plan that was proposed of these files, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.deploy.plans_world import repository
from tools.common.errors import CommandError
from tools.deploy import git_tree, policies, tree_plan
from tools.deploy.target import Target

MAPPING = "aws_lambda_event_source_mapping.this"


def shown() -> dict[str, Any]:
    """A plan with a mapping that takes no partial batch responses."""
    values = {
        "event_source_arn": "arn:aws:sqs:us-east-1:111111111111:q",
        "function_name": "f",
        "function_response_types": None,
    }
    known = {
        "address": MAPPING,
        "mode": "managed",
        "type": MAPPING.split(".")[0],
        "name": "this",
        "provider_name": "aws",
    }
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
    target, said = world.target, world.said
    target.file(tree_plan.PLANNED).write_text(json.dumps(shown()))
    target.file(tree_plan.SUMMARY).write_text(json.dumps({"tree": git_tree.current(world.root).hash}))
    assert policies.run(target, said.append) == 1
    assert "proposed" in said[0]
    printed = "\n".join(said)
    assert "FAILED CKV_SLUICE_2 (The mapping takes partial batch responses)\n" in printed
    assert f"{MAPPING}: Set function_response_types = " in printed
    assert "CKV_AWS" not in printed
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "judged nothing"),
        (json.dumps({"format_version": "1.2"}), "CKV_SLUICE_1, CKV_SLUICE_10, "),
        (json.dumps(shown() | {"planned_values": {"root_module": {}}}), "judged nothing"),
    ],
)
def test_what_is_no_plan_is_not_passed(text: str, says: str, tmp_path: Path) -> None:
    """checkov ends with 0 on each of these."""
    world = repository(tmp_path / "project")
    target = world.target
    target.file(tree_plan.PLANNED).write_text(text)
    target.file(tree_plan.SUMMARY).write_text(json.dumps({"tree": git_tree.current(world.root).hash}))
    assert policies.run(target, world.said.append) == 1
    assert says in world.said[-1]


def test_anybodys_plan_is_judged_and_the_guide_leads_somewhere(tmp_path: Path) -> None:
    plan, said = tmp_path / "theirs.json", list[str]()
    hostile = json.dumps(shown()).replace('q"', 'q\\u001b[2J"')
    plan.write_text("\ufeff" + hostile, encoding="utf-8")
    (tmp_path / ".checkov.yaml").write_text("skip-check: [CKV_SLUICE_2]")
    assert policies.run_on(str(plan), str(tmp_path), said.append) == 1
    printed = "\n".join(said)
    assert "rules have something to judge" in said[0]
    assert "FAILED CKV_SLUICE_2" in printed
    assert "\x1b" not in printed
    guide = next(line.strip() for line in said if line.strip().endswith("policies.md#ckv_sluice_2"))
    page = Path(urlsplit(guide).path)
    assert "### CKV_SLUICE_2\n" in page.read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is no JSON"), ("[]", "is JSON, and no plan"), ('{"planned_values": 1}', "is JSON, and no plan")],
)
def test_what_anybody_gives_for_a_plan_and_is_none_is_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(CommandError, match=words):
        policies.run_on(str(tmp_path / "plan.json"), "", print)


def test_a_plan_that_is_not_there_or_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        policies.run_on(str(tmp_path / "plan.json"), "", print)
    (tmp_path / "plan.json").write_text("{}" * 10)
    monkeypatch.setattr(policies, "MOST_BYTES", 10)
    with pytest.raises(CommandError, match="is larger than"):
        policies.run_on(str(tmp_path / "plan.json"), "", print)


def test_a_checkov_that_says_nothing_has_judged_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = repository(tmp_path / "project")
    monkeypatch.setattr(policies, "CHECKOV", Path("/bin/true"))
    monkeypatch.setattr(policies, "offline_plan", lambda of: of.file(tree_plan.PLANNED).write_text("{}"))
    with pytest.raises(CommandError, match="nothing was judged"):
        policies.run(world.target, world.said.append)


def test_another_trees_plan_is_not_judged_in_its_stead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = repository(tmp_path / "project")
    target = world.target
    target.file(tree_plan.PLANNED).write_text(json.dumps(shown()))
    target.file(tree_plan.SUMMARY).write_text(json.dumps({"tree": git_tree.current(world.root).hash}))
    world.pipeline.write_text(world.pipeline.read_text() + "# changed since\n")
    planned: list[Target] = []

    def offline(of: Target) -> None:
        planned.append(of)
        of.file(tree_plan.PLANNED).write_text(json.dumps(shown() | {"resource_changes": []}))

    monkeypatch.setattr(policies, "offline_plan", offline)
    monkeypatch.setattr(policies, "_report", lambda folder, plan, source: ({"of": folder / plan}, ""))
    judged = {"of": target.file(tree_plan.PLANNED)}
    monkeypatch.setattr(policies, "_said", lambda report, say, trouble: 0 if report == judged else 1)
    assert policies.run(target, world.said.append) == 0
    assert planned == [target]
    assert "an offline plan of dev, from an empty state" in world.said[0]
