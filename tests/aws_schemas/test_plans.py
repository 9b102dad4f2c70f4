"""What is planned here is taken by AWS's schemas; what they do not cover is told."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.plan import ROOT, plan
from tests.terraform import hcl
from tools.aws_schemas import check, coverage, policies
from tools.aws_schemas.__main__ import main

DOCUMENTS = [module / "README.md" for module in hcl.MODULES]
EXAMPLES = [(document, index) for document in DOCUMENTS for index in range(len(hcl.examples(document)))]


def _changed(name: str, address: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """A plan of an environment in which one resource is otherwise."""
    planned = copy.deepcopy(plan(name))
    (resource,) = [one for one in planned["resource_changes"] if one["address"] == address]
    change(resource)
    return planned


@pytest.mark.parametrize("name", check.roots())
def test_every_environment_and_account_is_taken(name: str) -> None:
    planned = plan(name)
    assert [check.said(one, planned, ROOT / "environments" / name) for one in check.refused(planned)] == []


@pytest.mark.parametrize(("document", "index"), EXAMPLES, ids=[f"{path.parent.name}-{i}" for path, i in EXAMPLES])
def test_every_example_is_taken(document: Path, index: int) -> None:
    assert check.refused(plan(hcl.example(document, index))) == []


def test_only_what_speaks_to_the_emulator_is_let_off() -> None:
    assert {re.sub(r"\[.*", "", one.address) for one in policies.refused(plan("local"))} == {
        "aws_iam_role_policy.emulator_partiql",
    }


def test_a_refusal_leads_to_where_the_value_is_given() -> None:
    address = "module.votes.module.process.aws_lambda_function.this"
    planned = _changed("prod", address, lambda one: one["change"]["after"].update(memory_size=64))
    (one,) = check.refused(planned)
    first, *lines = check.said(one, planned, ROOT / "environments/prod").splitlines()
    assert first == f"{address}: memory_size is 64; AWS takes a whole number from 128 to 32768"
    wanted = [
        (r"    (terraform/modules/function/\w+\.tf):(\d+): memory_size is var\.sizing\.", "resource"),
        (r"    (terraform/pipelines/votes/\w+\.tf):(\d+): sizing is var\.sizing\.process$", 'module "process"'),
        (r"    (environments/prod/\w+\.tf):(\d+): sizing is local\.votes\.sizing$", 'module "votes"'),
    ]
    for line, (pattern, start) in zip(lines, wanted, strict=True):
        found = re.match(pattern, line)
        assert found, line
        assert (ROOT / found[1]).read_text().splitlines()[int(found[2]) - 1].startswith(start)


def test_a_type_without_a_schema_is_told() -> None:
    address = "module.votes.module.receive.aws_lambda_function.this"
    planned = _changed("dev", address, lambda one: one.update(type="aws_of_tomorrow"))
    assert check.refused(planned) == []
    assert coverage.uncovered_types(planned) == coverage.uncovered_types(plan("dev")) | {"aws_of_tomorrow"}


def test_a_rule_is_not_judged_by_what_is_not_known_yet() -> None:
    def hide(one: dict[str, Any]) -> None:
        one["change"]["after"].update(read_capacity=None, billing_mode="PROVISIONED")
        one["change"]["after_unknown"]["read_capacity"] = True

    address = "module.votes.module.votes.aws_dynamodb_table.this"
    assert check.refused(_changed("prod", address, hide)) == []


def test_the_command_says_what_is_wrong_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "module.votes.module.ingest.aws_sqs_queue.this"
    bad = _changed("dev", address, lambda one: one["change"]["after"].update(delay_seconds=901))
    monkeypatch.setattr("sys.argv", ["aws_schemas", "check"])
    monkeypatch.setattr(check, "plans", lambda _: [("dev", plan("dev"))])
    assert main() == 0
    monkeypatch.setattr(check, "plans", lambda _: [("dev", bad)])
    assert main() == 1
    said = capsys.readouterr()
    assert f"environments/dev: {address}: delay_seconds is 901; AWS takes a whole number from 0 to 900" in said.err
    assert "1 values refused" in said.out


def test_make_check_runs_it() -> None:
    recipe = re.findall(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "-m tools.aws_schemas check\n" in recipe[0]


def test_the_table_is_of_today() -> None:
    written = coverage.written(coverage.DOCUMENT.read_text())
    assert written == coverage.table(), "run `python -m tools.aws_schemas table`"
