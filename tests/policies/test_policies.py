"""The rules of policies/ on examples that pass, fail and cannot be known, each a plan by Terraform,
and on the environments' plans.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.plan import ENTRANCES, ROOT, by_entrance, plan, plan_of, workspace
from tests.terraform import hcl
from tests.terraform.hcl import ENVIRONMENTS

CHECKOV = ROOT / ".venv-checkov/bin/checkov"
POLICIES = ROOT / "policies"
EXAMPLES = ROOT / "tests/policies/examples"
RULES = {path.stem: re.findall(r'"""(CKV_SLUICE_\d+): ', path.read_text())[0] for path in POLICIES.glob("[a-z]*.py")}
VERDICTS = {"passing": "PASSED", "failing": "FAILED", "unknown": "SKIPPED", "skipped": "SKIPPED"}
ENCODINGS = ("utf-8-sig", "utf-16", "utf-32")  # with the mark that editors and PowerShell write
# rules that a test breaks, each at another place
BREAKS = {"receives": "problems", "dead_letter_queue": "_judge", "partial_batches": "_plan"}
# By entrance and rule: a resource of the plan, what of it is otherwise then, and which one fails.
DOORS = "module.votes.module"
OPENED: dict[str, dict[str, tuple[str, dict[str, Any], str]]] = {
    "alb": {
        "browsers_authorised": (
            f"{DOORS}.alb[0].aws_lb.this",
            {"tags": {"pipeline": "votes"}},
            f'{DOORS}.alb[0].aws_lb_listener_rule.route["POST /v1/ballots"]',
        ),
        "public_invoke": (
            f'{DOORS}.alb[0].aws_lambda_permission.target["POST /v1/ballots"]',
            {"principal": "*"},
            f'{DOORS}.alb[0].aws_lambda_permission.target["POST /v1/ballots"]',
        ),
    },
    "function_url": {
        "browsers_authorised": (
            f"{DOORS}.receive.aws_lambda_function.this",
            {"tags": {"pipeline": "votes"}},
            f'{DOORS}.function_url[0].aws_lambda_function_url.this["sluice-dev-votes-receive"]',
        ),
        "public_invoke": (
            f'{DOORS}.function_url[0].aws_lambda_permission.invoke["sluice-dev-votes-receive *"]',
            {"invoked_via_function_url": None},
            f'{DOORS}.function_url[0].aws_lambda_permission.invoke["sluice-dev-votes-receive *"]',
        ),
    },
}
SECONDS = 300  # what checkov may take; it takes about 9 for all plans together on two busy cores


class Judged(NamedTuple):
    address: str
    result: str
    words: str


Reports = dict[tuple[str, str], list[Judged]]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """What checkov says of every plan, by the plan's name and the rule: one run, since most of a
    run is its start.
    """
    folder = tmp_path_factory.mktemp("plans")
    for name in ENVIRONMENTS:
        (folder / f"{name}.json").write_text(json.dumps(plan(name)))
    for example in sorted(EXAMPLES.glob("*.tf")):
        if example.stem != "common":
            (folder / f"{example.stem}.json").write_text(json.dumps(_planned(example)))
    for name in hcl.TAKEN_AWAY:
        (folder / f"{name}.json").write_text(json.dumps(plan(hcl.taken_away(name))))
    for entrance, breaks in OPENED.items():
        (folder / f"{entrance}.json").write_text(json.dumps(by_entrance(entrance)))
        for rule in breaks:
            (folder / f"{entrance}-{rule}.json").write_text(json.dumps(_opened(entrance, rule)))
    (folder / "broken.json").write_text(json.dumps(_broken()))
    receives = (folder / "receives.json").read_text()
    for encoding in ENCODINGS:
        (folder / f"{encoding}.json").write_bytes(receives.encode(encoding))
    return _checkov(folder)


def _planned(example: Path) -> dict[str, Any]:
    folder = workspace() / "policies" / example.stem
    folder.mkdir(parents=True)
    for file in (EXAMPLES / "common.tf", example):
        shutil.copy(file, folder)
    return plan(folder)


def _checkov(folder: Path, rules: Path = POLICIES, *, whole: bool = True, **settings: str) -> Reports:
    assert CHECKOV.exists(), "checkov has a virtual environment of its own: run this through `make test`"
    files = [argument for file in sorted(folder.glob("*.json")) for argument in ("--file", file.name)]
    command = [
        str(CHECKOV),
        *files,
        "--external-checks-dir",
        str(rules),
        "--check",
        "CKV_SLUICE_*",
        "--framework",
        "terraform_plan",
    ]
    command += ["--repo-root-for-plan-enrichment", str(EXAMPLES), "--skip-download", "--output", "json"]
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")} | settings
    done = subprocess.run(command, cwd=folder, env=ours, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert ("Cannot load" in done.stderr) != whole, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    found: Reports = defaultdict(list)
    for record in (r for kind in ("passed", "failed", "skipped") for r in report["results"][f"{kind}_checks"]):
        said = record["check_result"]
        words = [*record["details"], said.get("suppress_comment") or ""]
        found[Path(record["file_abs_path"]).stem, record["check_id"]].append(
            Judged(record["resource"], said["result"], " ".join(words))
        )
    return found


def test_every_rule_has_a_number_an_example_and_a_page() -> None:
    assert sorted(int(number.rsplit("_", 1)[-1]) for number in RULES.values()) == list(range(1, len(RULES) + 1))
    assert {path.stem.split(".")[0] for path in EXAMPLES.glob("*.tf")} - {"common"} == set(RULES)
    headings = re.findall(r"^### (CKV_SLUICE_\d+)$", (ROOT / "docs/reference/policies.md").read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(RULES.values())


@pytest.mark.parametrize("rule", RULES)
def test_examples(rule: str, reports: Reports) -> None:
    seen = set()
    for name in (path.stem for path in EXAMPLES.glob(f"{rule}.*")):
        for judged in reports[name, RULES[rule]]:
            label = next((label for label in VERDICTS if re.search(rf'[."]{label}', judged.address)), None)
            if label:
                assert judged.result == VERDICTS[label], judged
                seen.add(re.findall(rf"{label}\w*", judged.address)[0])
            if judged.result == "FAILED":
                assert "cannot read" not in judged.words, judged
                assert judged.words.strip(), "a failure says what to do"
            if judged.result == "SKIPPED":
                assert re.search("Not judged: .+ not known before apply|The reason, in words", judged.words), judged
    text = "".join(path.read_text() for path in EXAMPLES.glob(f"{rule}.*"))
    assert {"passing", "failing"} <= {label.split("_")[0] for label in seen}
    assert seen == set(re.findall(r"\b(?:passing|failing|unknown|skipped)(?:_\w+)?\b", text)), "each example is judged"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environments_pass(name: str, reports: Reports) -> None:
    found = [
        (rule, judged)
        for (plan_name, rule), all_judged in reports.items()
        if plan_name == name
        for judged in all_judged
    ]
    assert {rule for rule, _ in found} == set(RULES.values()), "each rule has something to judge"
    assert [(rule, judged) for rule, judged in found if judged.result == "FAILED"] == []
    # Its role names mappings by their UUIDs, which the first apply makes.
    unknown = ("CKV_SLUICE_14", "module.votes.module.conservation.module.function.aws_iam_role_policy.this")
    assert [(rule, judged.address) for rule, judged in found if judged.result == "SKIPPED"] == [unknown]


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_each_entrance_passes_and_what_opens_it_fails(entrance: str, reports: Reports) -> None:
    def failed(name: str) -> list[tuple[str, str]]:
        return [
            (rule, one.address)
            for (plan, rule), all_ in reports.items()
            if plan == name
            for one in all_
            if one.result == "FAILED"
        ]

    assert failed(entrance) == []
    judged = {one.address for one in reports[entrance, RULES["browsers_authorised"]] if one.result == "PASSED"}
    for rule, (_, _, fails) in OPENED[entrance].items():
        assert failed(f"{entrance}-{rule}") == [(RULES[rule], fails)]
        assert rule != "browsers_authorised" or fails in judged


@pytest.mark.parametrize("name", hcl.TAKEN_AWAY)
def test_a_pipeline_of_ones_own_passes(name: str, reports: Reports) -> None:
    """Examples keep every rule, but for what no plan knows before the first apply."""
    found = {
        rule: {judged.result for judged in judged_all}
        for (plan_name, rule), judged_all in reports.items()
        if plan_name == name
    }
    assert set(found) == set(RULES.values()), "each rule has something to judge"
    assert {rule: results for rule, results in found.items() if results != {"PASSED"}} == {
        RULES["wildcards"]: {"PASSED", "SKIPPED"}  # the check's role names mappings by their UUIDs
    }


def test_settings(tmp_path: Path) -> None:
    for name in ("account_concurrency.failing", "alarm_on_conservation.passing"):
        folder = workspace() / "policies" / name
        (tmp_path / f"{name}.json").write_text(
            json.dumps(plan(folder) if folder.exists() else _planned(EXAMPLES / f"{name}.tf"))
        )
    changed = _checkov(tmp_path, SLUICE_ACCOUNT_CONCURRENCY="1001", SLUICE_CONSERVATION_METRICS="Lost,Missing")
    assert {j.result for j in changed["account_concurrency.failing", "CKV_SLUICE_4"]} == {"PASSED"}
    assert {j.result for j in changed["alarm_on_conservation.passing", "CKV_SLUICE_11"]} == {"FAILED"}


def test_what_a_rule_cannot_read_fails(reports: Reports) -> None:
    """checkov drops a check that raises without a word."""
    failed = {judged for judged in reports["broken", "CKV_SLUICE_8"] if judged.result == "FAILED"}
    assert [judged.address for judged in failed] == ["module.votes.module.ingest.aws_sqs_queue.this"]
    assert "cannot read" in failed.pop().words


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_editors_write_is_judged(encoding: str, reports: Reports) -> None:
    """A mark before the text made every rule crash, and checkov end with 0."""
    for rule in RULES.values():
        assert reports[encoding, rule] == reports["receives", rule]
    assert "FAILED" in {judged.result for judged in reports[encoding, RULES["receives"]]}


def test_a_rule_that_cannot_run_fails(tmp_path: Path) -> None:
    """Wherever it breaks: before it has a plan, or while it judges."""
    rules = shutil.copytree(POLICIES, tmp_path / "rules")
    for name, breaks in BREAKS.items():
        source = rules / f"{name}.py"
        broken = (
            f"def broken(*_):\n    raise RecursionError('so deep')\n\n\n{_class(name)}.{breaks} = broken\n\ncheck ="
        )
        source.write_text(source.read_text().replace("check =", broken))
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "dev.json").write_text(json.dumps(plan_of("votes", "dev")))
    reports = _checkov(folder, rules)
    for name in BREAKS:
        judged = reports["dev", RULES[name]]
        assert {one.result for one in judged} == {"FAILED"}, name
        assert all("so deep" in one.words for one in judged), name
    others = {
        one.result for (_, rule), all_judged in reports.items() for one in all_judged if rule == RULES["visibility"]
    }
    assert others == {"PASSED"}, "a rule that runs is not held up"


def _class(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def test_a_rule_that_cannot_be_loaded_fails_the_plan(tmp_path: Path) -> None:
    rules = shutil.copytree(POLICIES, tmp_path / "rules")
    (rules / "receives.py").write_text('"""CKV_SLUICE_8: x."""\nimport nothing_of_that_name\n')
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "dev.json").write_text(json.dumps(plan_of("votes", "dev")))
    reports = _checkov(folder, rules, whole=False)
    said = {judged.words for judged in reports["dev", "CKV_SLUICE_1"] if judged.result == "FAILED"}
    assert said == {"checkov could not load CKV_SLUICE_8: its log says why. "}


def _broken() -> dict[str, Any]:
    """A plan with a policy that is no JSON: it stands for all that a rule does not expect."""
    document: dict[str, Any] = json.loads(json.dumps(plan("dev")))
    redrive = _at(
        document["planned_values"]["root_module"], "module.votes.module.ingest.aws_sqs_queue_redrive_policy.this"
    )
    redrive["values"]["redrive_policy"] = "{"
    return document


def _opened(entrance: str, rule: str) -> dict[str, Any]:
    """A plan by an entrance, with what a rule is there to refuse."""
    document: dict[str, Any] = json.loads(json.dumps(by_entrance(entrance)))
    address, otherwise, _ = OPENED[entrance][rule]
    _at(document["planned_values"]["root_module"], address)["values"] |= otherwise
    return document


def _at(module: dict[str, Any], address: str) -> dict[str, Any]:
    """The planned resource at an address."""
    modules = [module]
    for inner in modules:
        modules += inner.get("child_modules", ())
    return next(r for inner in modules for r in inner.get("resources", ()) if r["address"] == address)
