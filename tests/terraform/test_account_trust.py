"""Whose token becomes which role, by the claims that AWS tells as condition keys."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pytest
import yaml

from tests.support.authority import authority
from tests.support.plan import ROOT
from tools.environment import names

Claims = dict[str, str]
FILES = "your-org/sluice/.github/workflows/"
MAIN = "refs/heads/main"

OURS = {"aud": "sts.amazonaws.com", "repository_id": "123456789"}


def on_main(environment: str, workflow: str) -> Claims:
    """What the token of a job in an environment says, in a workflow of main."""
    subject = f"repo:your-org/sluice:environment:{environment}"
    return {**OURS, "sub": subject, "ref": MAIN, "job_workflow_ref": f"{FILES}{workflow}@{MAIN}"}


def of_a_pull_request(workflow: str) -> Claims:
    """What the token of a pull request's job says."""
    ref = "refs/pull/7/merge"
    subject = "repo:your-org/sluice:pull_request"
    return {**OURS, "sub": subject, "ref": ref, "job_workflow_ref": f"{FILES}{workflow}@{ref}"}


PROMOTE = on_main("dev", "promote.yml")
TOKENS: dict[str, tuple[Claims, str]] = {
    "a promotion": (PROMOTE, "apply"),
    "a rollback": (on_main("dev", "rollback.yml"), "apply"),
    "the plan that an approver reads": (on_main("plan", "promote.yml"), "plan"),
    "the nightly look for drift": (on_main("plan", "drift.yml"), "plan"),
    "a pull request": (of_a_pull_request("pull-request.yml"), "plan"),
    "another environment": (on_main("prod", "promote.yml"), ""),
    "an environment with a longer name": (on_main("dev2", "promote.yml"), ""),
    "no environment": (PROMOTE | {"sub": f"repo:your-org/sluice:ref:{MAIN}"}, ""),
    "a wildcard": (PROMOTE | {"sub": "repo:your-org/sluice:*"}, ""),
    "another workflow of main, in dev": (on_main("dev", "release.yml"), ""),
    "another workflow of main, in plan": (on_main("plan", "release.yml"), ""),
    "a rollback that says it plans": (on_main("plan", "rollback.yml"), ""),
    "a branch that says it is dev": (
        PROMOTE | {"ref": "refs/heads/x", "job_workflow_ref": f"{FILES}promote.yml@refs/heads/x"},
        "",
    ),
    "main's workflow called by a branch": (PROMOTE | {"ref": "refs/heads/x"}, ""),
    "a branch's workflow called by main": (PROMOTE | {"job_workflow_ref": f"{FILES}promote.yml@refs/heads/x"}, ""),
    "a tag": (PROMOTE | {"ref": "refs/tags/main", "job_workflow_ref": f"{FILES}promote.yml@refs/tags/main"}, ""),
    "another repository's workflow": (
        PROMOTE | {"job_workflow_ref": f"other-org/sluice/.github/workflows/promote.yml@{MAIN}"},
        "",
    ),
    "another repository of the same name": (PROMOTE | {"repository_id": "987654321"}, ""),
    "another repository": (PROMOTE | {"sub": "repo:your-org/other:environment:dev", "repository_id": "2"}, ""),
    "another workflow of a pull request": (of_a_pull_request("mine.yml"), ""),
    "a pull request in dev": (of_a_pull_request("promote.yml") | {"sub": PROMOTE["sub"]}, ""),
    "a pull request's subject on a branch": (
        of_a_pull_request("pull-request.yml") | {"job_workflow_ref": f"{FILES}pull-request.yml@refs/heads/x"},
        "",
    ),
}


@pytest.mark.parametrize("who", TOKENS)
def test_a_token_becomes_at_most_the_role_it_is_for(who: str) -> None:
    claims, role = TOKENS[who]
    iam = authority("dev")
    for name in ("plan", "apply"):
        assert iam.is_trusted(f"sluice-dev-{name}", claims) == (name == role)


@pytest.mark.parametrize("claims", [PROMOTE, on_main("plan", "drift.yml"), of_a_pull_request("pull-request.yml")])
def test_every_claim_is_asked_for(claims: Claims) -> None:
    iam, used = authority("dev"), set(claims) - ({"ref"} if "pull" in claims["ref"] else set())
    for name in used:
        for other in ({**claims, name: f"{claims[name]}x"}, {key: claims[key] for key in claims if key != name}):
            assert not iam.is_trusted("sluice-dev-plan", other), name
            assert not iam.is_trusted("sluice-dev-apply", other), name


@pytest.mark.parametrize("environment", names.DEPLOYED)
def test_the_workflows_that_are_trusted_are_those_that_ask(environment: str) -> None:
    """Each job that takes a role's credentials becomes it, and no other file is named."""
    iam, named = authority(environment), set()
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for role in ("plan", "apply"):
                if f"-{role}'" in str(job.get("steps", "")):
                    claims = _claims(path.name, job, environment)
                    assert iam.is_trusted(f"sluice-{environment}-{role}", claims), (path.name, claims)
                    named.add(path.name)
    trusted = "".join(role["assume_role_policy"] for role in iam.roles.values())
    assert _files(trusted) == named


def _claims(workflow: str, job: dict[str, Any], environment: str) -> Claims:
    if "environment" not in job:
        return of_a_pull_request(workflow)
    return on_main(job["environment"].replace("${{ inputs.environment }}", environment), workflow)


def _files(policy: str) -> set[str]:
    return {PurePath(part.partition("@")[0]).name for part in policy.split('"') if part.startswith(FILES)}


@pytest.mark.parametrize("name", names.DEPLOYED)
def test_a_trust_policy_fits_into_iam(name: str) -> None:
    """IAM takes 2,048 characters unless the account's quota is raised."""
    sizes = {role: len(values["assume_role_policy"]) for role, values in authority(name).roles.items()}
    assert {role: size for role, size in sizes.items() if size > 2048} == {}
