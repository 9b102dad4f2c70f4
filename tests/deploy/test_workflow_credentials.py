"""A job sets itself up before it holds anything that is worth taking."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.workflows import FOLDER, jobs, read
from tests.support.makefile import copied
from tools.environment import official

# What a step before the credentials leaves, so that make has nothing left to install.
SET_UP = {
    "deploy-tools": [".venv/.deploy"],
    "policies-tools": [".venv/.deploy", ".venv/.terraform", ".venv/.tools", ".venv-checkov/.checkov"],
}
BUILD_ZIPS = {"propose", "promote", "drift"}


def _holds_credentials(step: dict[str, Any]) -> bool:
    return step.get("uses", "").startswith("aws-actions/") or "GITHUB_TOKEN" in step.get("env", {})


def _target(step: dict[str, Any]) -> str:
    """The make target of a step; nothing for an action."""
    return str(step["run"].split()[1]) if "run" in step else ""


def _parts(job: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Its steps before it holds credentials, and from then on."""
    steps = job.get("steps", [])
    first = next((number for number, step in enumerate(steps) if _holds_credentials(step)), len(steps))
    return steps[:first], steps[first:]


WITH_CREDENTIALS = [pytest.param(job, id=f"{where}-{name}") for where, name, job in jobs() if _parts(job)[1]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Makefile and the locks, with nothing set up."""
    return copied(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("job", WITH_CREDENTIALS)
def test_nothing_is_installed_once_it_holds_credentials(job: dict[str, Any], folder: Path) -> None:
    before, after = _parts(job)
    stamps = [stamp for step in before for stamp in SET_UP.get(_target(step), [])]
    for target in filter(None, map(_target, after)):
        old = [f"--old-file={stamp}" for stamp in stamps]
        command = ["make", "--dry-run", *old, target]
        dev = os.environ | {"ENV": "dev"}
        done = subprocess.run(command, cwd=folder, env=dev, capture_output=True, text=True, check=True, timeout=60)
        assert "pip" not in done.stdout, f"`make {target}` would still install: {done.stdout}"


def test_what_make_would_install_is_seen(folder: Path) -> None:
    """Or the test above could not fail."""
    done = subprocess.run(["make", "-n", "promote"], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert "-m pip install" in done.stdout


@pytest.mark.parametrize("job", WITH_CREDENTIALS)
def test_the_wheels_of_the_zips_are_there_before_and_others_actions_are_not_after(job: dict[str, Any]) -> None:
    before, after = _parts(job)
    if BUILD_ZIPS & set(map(_target, after)):
        assert "package" in map(_target, before), "building the zips would download their wheels"
    used = {step["uses"].split("@")[0] for step in after if "uses" in step}
    assert used <= {"aws-actions/configure-aws-credentials", "actions/upload-artifact"}


@pytest.mark.parametrize("job", WITH_CREDENTIALS)
def test_terraform_is_set_up_as_the_repository_lists_it(job: dict[str, Any]) -> None:
    before, after = _parts(job)
    if not any(step.get("uses", "").startswith("aws-actions/") for step in after):
        return
    (terraform,) = [step for step in before if step.get("uses", "").startswith("hashicorp/setup-terraform@")]
    assert terraform["with"]["terraform_wrapper"] is False, "a wrapper is not the program that was listed"


def test_every_workflow_has_the_one_terraform_that_is_listed() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("*.yml"))
    versions = set(re.findall(r'terraform_version: "(.*)"', text))
    assert len(versions) == 1
    assert f"terraform {versions.pop()} linux_amd64" in official.listed(official.LIST).values(), (
        "requirements/terraform.sha256"
    )


def test_a_release_waits_for_somebody_and_knows_main() -> None:
    build = read(FOLDER / "release.yml")["jobs"]["build"]
    assert build["environment"] == "release"
    assert build["permissions"]["attestations"] == "write"
    (checkout,) = [step for step in build["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0, "a shallow clone does not know what main has"
    upload = read(FOLDER / "release.yml")["jobs"]["upload"]
    assert upload["needs"] == "build"
