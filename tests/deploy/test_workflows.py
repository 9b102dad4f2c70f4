"""The workflows hold no logic, trust nobody by accident, and a test runs every step of theirs."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.workflows import FOLDER, WORKFLOWS, jobs, read
from tests.support.makefile import TARGETS
from tools.common.paths import ROOT
from tools.environment import names

STEP = re.compile(r'make ([a-z-]+)((?: [A-Z_]+=(?:"\$[A-Z_]+"|[a-z]+))*)')
# What a step may put on a command line, where make would run a $(shell …) in it: values that the
# workflow itself lists.
LISTED = {"ENVIRONMENT", "SOAK_MINUTES"}
PIN = re.compile(
    r"^( *- | *)uses: (?:\$/\.github/workflows/[a-z-]+\.yml|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$"
)
MAY = {
    "pull-request": {"contents: read", "id-token: write", "pull-requests: write"},
    "main": {"contents: read", "id-token: write"},
    "promote": {"contents: read", "id-token: write"},
    "promote-again": {"contents: read", "id-token: write"},
    "rollback": {"contents: read", "id-token: write"},
    "drift": {"contents: read", "id-token: write", "issues: write"},
    "dependencies": {"contents: read", "contents: write", "pull-requests: write"},
    "audit": {"contents: read", "issues: write"},
    "release": {"contents: read", "contents: write", "id-token: write", "attestations: write"},
}

# What runs each target of a workflow where there is no GitHub: CI itself, or a test, for real or as
# its offline twin.
CI = ".ci/run"
RUN_BY = {
    "check": CI,
    "test": CI,
    "demo": CI,
    "rehearse": CI,
    "package": "tests/deploy/github/test_github_release.py::test_it_holds_zips_manifest_sums_and_notes",
    "release": "tests/deploy/github/test_github_release.py::test_it_holds_zips_manifest_sums_and_notes",
    "release-upload": "tests/deploy/github/test_github_targets.py::test_make_release_upload",
    "comment": "tests/deploy/github/test_github_targets.py::test_make_comment",
    "drift": "tests/deploy/test_drift_plan.py::test_what_somebody_changed_is_drift_and_what_waits_is_not",
    "drift-issue": "tests/deploy/github/test_github_targets.py::test_make_drift_issue",
    "dependencies": "tests/deploy/github/test_github_targets.py::test_make_dependencies",
    "deploy-tools": "tests/deploy/github/test_github_targets.py::test_what_sets_up_for_an_account_needs_none",
    "policies-tools": "tests/deploy/github/test_github_targets.py::test_what_sets_up_for_an_account_needs_none",
    "audit": "tests/packager/test_packager_audit.py::test_what_is_in_the_zips_fails",
    "audit-issue": "tests/deploy/github/test_github_targets.py::test_make_audit_issue",
    "lock": "tests/deploy/github/test_github_targets.py::test_make_lock_takes_the_newest_where_asked",
    "preflight": "tests/operations/test_preflight.py::test_a_new_account_bears_the_small_environments",
    "propose": "tests/deploy/test_plans_promote.py::test_what_was_reviewed_is_applied_and_the_zip_in_the_bucket_runs",
    "policies": "tests/deploy/test_plans_policies.py::test_the_proposed_plan_is_judged",
    "promote": "tests/deploy/test_plans_promote.py::test_what_was_reviewed_is_applied_and_the_zip_in_the_bucket_runs",
    "smoke": "tests/operations/votes/test_smoke.py::test_all_is_well",
    "soak": "tests/operations/votes/test_soak.py::test_all_holds_for_its_time",
    "rollback": "tests/operations/test_rollback.py::"
    "test_everything_that_the_last_release_changed_goes_back_who_writes_first",
}


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for workflow, name, job in jobs():
        for step in job.get("steps", ()):
            yield f"{workflow}.yml, {name}", step


def _targets() -> dict[str, str]:
    """Target → where it is called."""
    targets = {}
    for where, step in _steps():
        if "run" in step:
            command = STEP.fullmatch(step["run"])
            assert command, f"{where}: `{step['run']}` is not one make target"
            targets[command[1]] = where
    return targets


def _by_id(pairs: Iterator[tuple[str, str, dict[str, Any]]]) -> list[Any]:
    return [pytest.param(job, id=f"{workflow}-{name}") for workflow, name, job in pairs]


def test_every_step_is_one_make_target_with_values_of_its_own() -> None:
    assert len(_targets()) > 15
    for where, step in _steps():
        assert "shell" not in step, where
        used = set(re.findall(r"\$([A-Z_]+)", step.get("run", "")))
        assert used <= LISTED, (
            f"{where}: {used - LISTED} may hold anything: leave it to the recipe, which takes it from the environment"
        )


def test_every_target_that_is_called_exists_and_is_run_by_a_test() -> None:
    targets = _targets()
    assert not {f"{where} calls `make {target}`" for target, where in targets.items() if target not in TARGETS}
    assert set(targets) == set(RUN_BY), (
        "a target without a test, or a test of a target that no workflow calls: see RUN_BY"
    )


@pytest.mark.parametrize("target", RUN_BY)
def test_what_runs_a_target_exists(target: str) -> None:
    if RUN_BY[target] == CI:
        assert re.search(rf"^(?:step )?make {target}\b", (ROOT / CI).read_text(), re.MULTILINE)
        return
    file, _, name = RUN_BY[target].partition("::")
    tree = ast.parse((ROOT / file).read_text())
    functions = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert name in functions, f"{file} has no {name}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_the_tag_beside_it(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert "uses:" not in line or PIN.match(line), f"{path.name}: {line.strip()}"


def test_one_action_has_one_pin() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, pin in re.findall(r"uses: ([\w/.-]+)@(.*)", path.read_text()):
            pins.setdefault(action, set()).add(pin)
    assert not {action: several for action, several in pins.items() if len(several) > 1}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_but_by_a_job(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    triggers = workflow[True]  # YAML's `on`
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)
    permitted: set[str] = set()
    for job in workflow["jobs"].values():
        permitted |= {f"{scope}: {level}" for scope, level in job["permissions"].items()}
    assert permitted == MAY[path.stem]
    assert "secrets." not in path.read_text()


@pytest.mark.parametrize("job", _by_id(jobs()))
def test_a_job_ends_and_keeps_no_credentials(job: dict[str, Any]) -> None:
    assert "uses" in job or job["timeout-minutes"] <= 120
    for step in job.get("steps", ()):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
            assert step["with"].keys() <= {"persist-credentials", "fetch-depth"}
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            assert step["with"]["retention-days"] <= 3
            assert "tfplan" not in step["with"]["path"]


@pytest.mark.parametrize("job", _by_id(jobs()))
def test_only_a_job_with_a_reason_gets_a_token(job: dict[str, Any]) -> None:
    """AWS by OIDC, and GitHub's token for the one step that writes; never both in a job."""
    steps = job.get("steps", [])
    aws = [step for step in steps if step.get("uses", "").startswith("aws-actions/")]
    attests = [step for step in steps if step.get("uses", "").startswith("actions/attest")]
    tokens = [step for step in steps if "GITHUB_TOKEN" in step.get("env", {})]
    permissions = job["permissions"]
    assert ("id-token" in permissions) == bool(aws or attests or "uses" in job)
    assert len(tokens) <= 1
    assert bool(tokens) == bool({"pull-requests", "issues"} & set(permissions) or permissions["contents"] == "write")
    assert not (aws and tokens)


def test_a_fork_gets_no_credentials() -> None:
    jobs = read(FOLDER / "pull-request.yml")["jobs"]
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["plan"]["if"] == ours
    assert jobs["comment"]["if"] == f"${{{{ !cancelled() && {ours} }}}}"
    others = {name for name, job in jobs.items() if set(job["permissions"].items()) != {("contents", "read")}}
    assert others == {"plan", "comment"}


def test_the_suite_runs_on_the_python_that_the_matrix_names() -> None:
    job = read(FOLDER / "pull-request.yml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert job["env"]["PYTHON"] == "python${{ matrix.python }}", (
        "make takes the newest Python that it finds unless told"
    )


def test_promotion_goes_in_order_one_at_a_time_and_stops() -> None:
    workflow = read(FOLDER / "main.yml")
    assert workflow["concurrency"] == {"group": "promotion", "cancel-in-progress": False, "queue": "max"}
    assert {name: job.get("needs") for name, job in workflow["jobs"].items()} == {
        "check": None,
        "dev": "check",
        "staging": "dev",
        "prod": "staging",
    }
    assert not [job for job in workflow["jobs"].values() if "if" in job], (
        "a condition could let a promotion go on after a failure"
    )
    promoted = {name: job["with"]["environment"] for name, job in workflow["jobs"].items() if "uses" in job}
    assert promoted == {name: name for name in names.DEPLOYED}
    assert list(promoted) == list(names.DEPLOYED)
    steps = [step for step in read(FOLDER / "promote.yml")["jobs"]["promote"]["steps"] if "run" in step]
    assert [step["run"].split()[1] for step in steps] == [
        "deploy-tools",
        "package",
        "promote",
        "smoke",
        "soak",
        "rollback",
    ]
    assert [step.get("if") for step in steps] == [*[None] * 5, "failure()"]
    assert not [step for step in steps if "PIPELINE" in step["run"]], (
        "all pipelines of an environment, or it proves little"
    )
    assert steps[-1]["run"].endswith("DRY_RUN=yes"), "a failed promotion says how to go back, and leaves it to a person"
    assert read(FOLDER / "promote-again.yml")["concurrency"] == workflow["concurrency"]


def test_an_approver_has_the_plan_to_read_before_the_environments_rules_let_it_through() -> None:
    """The job with the plan role runs before, outside of the environment that asks for approval."""
    jobs = read(FOLDER / "promote.yml")["jobs"]
    assert {name: (job["environment"], job.get("needs")) for name, job in jobs.items()} == {
        "plan": ("plan", None),
        "promote": ("${{ inputs.environment }}", "plan"),
    }
    assert jobs["plan"]["steps"][-1] == {"run": 'make promote ENV="$ENVIRONMENT" DRY_RUN=yes'}
    assert not [step for step in jobs["promote"]["steps"] if "if" in step and "failure" not in step["if"]]
    assert not any("artifact" in str(step.get("uses")) for job in jobs.values() for step in job["steps"]), (
        "nothing that another job made is applied"
    )


@pytest.mark.parametrize(
    "path", [path for path in WORKFLOWS if "aws-actions/" in path.read_text()], ids=lambda path: path.stem
)
def test_accounts_and_roles_are_those_of_the_environments(path: Path) -> None:
    accounts = {}
    for name in names.DEPLOYED:
        accounts[name] = names.account_of(name)
        assert names.region_of(name) == "us-east-1", f"{path.name} asks us-east-1 for credentials"
    text = path.read_text()
    pairs = re.findall(r'environment: (\w+), account: "(\d+)"', text) + re.findall(r'"(\w+)":"(\d{12})"', text)
    assert dict(pairs) == accounts, f"{path.name} and environments/*/environment.tf.json name different accounts"
    roles = {"promote": ["plan", "apply"], "rollback": ["apply"]}.get(path.stem, ["plan"])
    assert re.findall(r":role/sluice-\$\{\{ [\w.]+ \}\}-(\w+)$", text, re.MULTILINE) == roles
    environments = {job.get("environment") for name, job in read(path)["jobs"].items() if "aws-actions/" in str(job)}
    assert environments == {
        "promote": {"plan", "${{ inputs.environment }}"},
        "rollback": {"${{ inputs.environment }}"},
        "drift": {"plan"},
    }.get(path.stem, {None})


@pytest.mark.parametrize("workflow", ["broken", "injected"])
def test_the_linters_find_what_they_are_for(workflow: str, tmp_path: Path) -> None:
    """That they find nothing here is `make check`'s to say."""
    extra = {"broken": "needs: nowhere", "injected": "timeout-minutes: 5"}[workflow]
    run = "make check A=${{ github.event.pull_request.title }}"
    job = f"  a:\n    {extra}\n    runs-on: ubuntu-24.04\n    steps:\n      - run: {run}\n"
    (tmp_path / "bad.yml").write_text(f"on: pull_request\npermissions: {{}}\njobs:\n{job}")
    programs = {"broken": ["actionlint", "-shellcheck=", "-pyflakes="], "injected": ["zizmor", "--offline", "--quiet"]}
    program, *options = programs[workflow]
    path = shutil.which(program, path=str(Path(sys.executable).parent))
    assert path, f"{program} is not in the virtual environment: `make test` installs it"
    done = subprocess.run(
        [path, *options, str(tmp_path / "bad.yml")], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert {"broken": "nowhere", "injected": "template-injection"}[workflow] in done.stdout
