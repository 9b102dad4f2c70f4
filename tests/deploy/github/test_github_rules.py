"""`make github-check` finds every way past the rules, and says it in words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.recording import FOLDER, REPOSITORY, TOKEN, replayed
from tools.deploy.github import rules
from tools.deploy.github.github import GitHub

Answers = dict[str, Any]
RECORDED: list[dict[str, Any]] = json.loads((FOLDER / "rules_guarded.json").read_text())
LINE = "GET /repos/acme/sluice/"
MAIN, TAGS = "rulesets/21", "rulesets/42"
BRANCH, ALL_TAGS = "rules/branches/main?per_page=100", "rulesets?targets=tag&per_page=100"
POLICIES = "environments/{}/deployment-branch-policies?per_page=100"


def _gaps(tmp_path: Path, change: Callable[[Answers], object], unasked: tuple[str, ...] = ()) -> list[str]:
    """What is found once `change` has changed the recorded answers; `unasked` are not asked for."""
    pairs = copy.deepcopy(RECORDED)
    change({pair["request"]["line"].removeprefix(LINE): pair["response"] for pair in pairs})
    kept = [pair for pair in pairs if pair["request"]["line"].removeprefix(LINE) not in unasked]
    (tmp_path / "changed.json").write_text(json.dumps(kept))
    with replayed("changed", folder=tmp_path) as replay:
        return list(rules.gaps_of(GitHub(REPOSITORY, TOKEN, replay.api)))


def test_what_is_guarded_has_no_gap(tmp_path: Path) -> None:
    assert _gaps(tmp_path, lambda _: None) == []


def _reviewers(answers: Answers, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = _of(answers, f"environments/{name}")["protection_rules"]
    (rule,) = [one for one in found if "reviewers" in one]
    return rule


def _of(answers: Answers, path: str) -> Any:
    return answers[path]["body"]


def _without(answers: Answers, path: str, kind: str) -> None:
    body = _of(answers, path)
    held = body["rules"] if isinstance(body, dict) else body
    held[:] = [rule for rule in held if rule["type"] != kind]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a: _reviewers(a, "prod").update(reviewers=[]), "environment prod: nobody approves"),
        (lambda a: _of(a, "environments/prod").update(protection_rules=[]), "environment prod: nobody approves"),
        (
            lambda a: _reviewers(a, "prod").update(prevent_self_review=False),
            "environment prod: who started a run may approve it",
        ),
        (lambda a: _reviewers(a, "release").update(reviewers=[]), "environment release: nobody approves"),
        (
            lambda a: _of(a, "environments/prod").update(can_admins_bypass=True),
            "environment prod: administrators may pass by its rules",
        ),
        (
            lambda a: _of(a, POLICIES.format("prod"))["branch_policies"].append({"name": "fix/*", "type": "branch"}),
            "environment prod: branch fix/*, branch main may use it: limit it to the branch main",
        ),
        (
            lambda a: _of(a, POLICIES.format("prod"))["branch_policies"][0].update(type="tag"),
            "environment prod: tag main may use it",
        ),
        (
            lambda a: _of(a, POLICIES.format("release"))["branch_policies"][0].update(name="*"),
            "environment release: tag * may use it: limit it to the tag v*",
        ),
        (lambda a: _without(a, BRANCH, "pull_request"), "main: anybody who may write may push to it"),
        (lambda a: _without(a, BRANCH, "non_fast_forward"), "main: its history may be written anew"),
        (lambda a: _without(a, BRANCH, "required_status_checks"), "main: what fails its checks may be merged"),
        (
            lambda a: _of(a, BRANCH)[2]["parameters"].update(required_approving_review_count=0),
            "main: nobody has to approve a pull request",
        ),
        (
            lambda a: _of(a, BRANCH)[3]["parameters"].update(strict_required_status_checks_policy=False),
            "main: a branch that is not up to date may be merged",
        ),
        (
            lambda a: _of(a, MAIN)["bypass_actors"].append(
                {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}
            ),
            "main: everybody who may write may pass by ruleset 'main'",
        ),
        (lambda a: _of(a, MAIN).pop("bypass_actors"), "main: who may pass by ruleset 'main' is not shown"),
        (lambda a: _without(a, TAGS, "creation"), "tags v*: anybody who may write may make one"),
        (lambda a: _without(a, TAGS, "update"), "tags v*: anybody who may write may move one"),
        (lambda a: _without(a, TAGS, "deletion"), "tags v*: anybody who may write may delete one"),
        (
            lambda a: _of(a, TAGS)["conditions"]["ref_name"].update(include=["refs/tags/v1.*"]),
            "tags v*: anybody who may write may make one",
        ),
        (
            lambda a: _of(a, TAGS)["conditions"]["ref_name"].update(exclude=["refs/tags/v9*"]),
            "tags v*: anybody who may write may make one",
        ),
        (
            lambda a: _of(a, TAGS)["bypass_actors"].append(
                {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}
            ),
            "tags v*: everybody who may write may pass by ruleset 'releases'",
        ),
        (
            lambda a: _of(a, TAGS)["bypass_actors"].append(
                {"actor_id": None, "actor_type": "DeployKey", "bypass_mode": "always"}
            ),
            "tags v*: every deploy key may pass by ruleset 'releases'",
        ),
    ],
)
def test_each_gap_is_named(change: Callable[[Answers], object], said: str, tmp_path: Path) -> None:
    gaps = _gaps(tmp_path, change)
    assert gaps, "nothing was found"
    assert any(gap.startswith(said) for gap in gaps), gaps


@pytest.mark.parametrize("name", ["dev", "staging", "prod", "plan", "release"])
def test_an_environment_for_every_branch(name: str, tmp_path: Path) -> None:
    def every(answers: Answers) -> None:
        _of(answers, f"environments/{name}")["deployment_branch_policy"] = None

    (gap,) = _gaps(tmp_path, every, (POLICIES.format(name),))
    assert gap.startswith(f"environment {name}: every branch and tag may use it: limit it to the ")


def test_protected_branches_are_not_main_alone(tmp_path: Path) -> None:
    def protected(answers: Answers) -> None:
        policy = {"protected_branches": True, "custom_branch_policies": False}
        _of(answers, "environments/prod")["deployment_branch_policy"] = policy

    (gap,) = _gaps(tmp_path, protected, (POLICIES.format("prod"),))
    assert gap.startswith("environment prod: branch (every protected one) may use it")


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    def gone(answers: Answers) -> None:
        answers["environments/prod"].update(status=404, body={"message": "Not Found", "status": "404"})

    (gap,) = _gaps(tmp_path, gone, (POLICIES.format("prod"),))
    assert gap.startswith("environment prod: there is none, so the first job that names it makes one without rules")


def test_no_ruleset_or_one_that_only_watches(tmp_path: Path) -> None:
    for held in ([], [{"id": 42, "name": "releases", "target": "tag", "enforcement": "evaluate"}]):

        def only(answers: Answers, held: Any = held) -> None:
            answers[ALL_TAGS]["body"] = held

        gaps = _gaps(tmp_path, only, (TAGS,))
        assert [gap.split(" one:")[0] for gap in gaps] == [
            f"tags v*: anybody who may write may {verb}" for verb in ("make", "move", "delete")
        ]


def test_a_second_ruleset_holds_what_the_first_lets_through(tmp_path: Path) -> None:
    """GitHub goes by the strictest of all; a bypass is of one ruleset alone."""
    wide = [{"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
    pairs = copy.deepcopy(RECORDED)
    lines = [pair["request"]["line"].removeprefix(LINE) for pair in pairs]
    for path, listed, number in ((MAIN, BRANCH, 22), (TAGS, ALL_TAGS, 43)):
        second = copy.deepcopy(pairs[lines.index(path)])
        second["request"]["line"] = f"{LINE}rulesets/{number}"
        second["response"]["body"]["bypass_actors"] = wide
        rules_or_sets = pairs[lines.index(listed)]["response"]["body"]
        more = copy.deepcopy(rules_or_sets)
        for one in more:
            one["id" if path == TAGS else "ruleset_id"] = number
        rules_or_sets += more
        pairs.insert(lines.index(path) + 1, second)
        lines = [pair["request"]["line"].removeprefix(LINE) for pair in pairs]
    (tmp_path / "changed.json").write_text(json.dumps(pairs))
    with replayed("changed", folder=tmp_path) as replay:
        assert list(rules.gaps_of(GitHub(REPOSITORY, TOKEN, replay.api))) == []
