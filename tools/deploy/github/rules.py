"""`make github-check`: do GitHub's rules guard what AWS trusts to them?

The apply role trusts an environment's name: who may use that environment is GitHub's to say, by the
environment's rules, main's and those of tags. docs/how-to/workflows.md says how they are set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.common.errors import CommandError
from tools.deploy.github.github import GitHub

MAIN = ("branch", "main")
TAGS = ("tag", "v*")
# Patterns of a ruleset that take in every tag v*.
ALL_TAGS = {"~ALL", "refs/tags/*", "refs/tags/**", "refs/tags/**/*", "refs/tags/v*"}
TAG_RULES = {"creation": "make", "update": "move", "deletion": "delete"}
MAIN_RULES = {
    "pull_request": "anybody who may write may push to it without a pull request",
    "required_status_checks": "what fails its checks may be merged",
    "non_fast_forward": "its history may be written anew (block force pushes)",
    "deletion": "it may be deleted, and made again from anything",
}
# Bypasses that let everybody through: of the role "write", by GitHub's number, and of deploy keys.
EVERY_WRITER = {("RepositoryRole", 4): "everybody who may write", ("DeployKey", None): "every deploy key"}


@dataclass(frozen=True)
class Guard:
    """What an environment must be limited to, and whether somebody else approves."""

    name: str
    limit: tuple[str, str] = MAIN
    reviewed: bool = False


GUARDS = (
    Guard("plan"),
    Guard("dev"),
    Guard("staging"),
    Guard("prod", reviewed=True),
    Guard("release", TAGS, reviewed=True),
)


def run() -> int:
    """0 where all is guarded. Raises CommandError with every gap, and GitHubError."""
    github = GitHub.from_environment()
    gaps = list(gaps_of(github))
    if gaps:
        listed = "\n".join(f"  {gap}" for gap in gaps)
        raise CommandError(
            f"{github.repository} is not guarded; docs/how-to/workflows.md says where each rule is set:\n{listed}"
        )
    print(f"{github.repository}: environments, main and tags v* are guarded")
    return 0


def gaps_of(github: GitHub) -> Iterator[str]:
    """Whatever the rules of a repository leave open, a sentence each. Raises GitHubError."""
    for guard in GUARDS:
        yield from _gaps_of_environment(github, guard)
    yield from _gaps_of_main(github)
    yield from _gaps_of_tags(github)


def _gaps_of_environment(github: GitHub, guard: Guard) -> Iterator[str]:
    environment = github.get_or_none(f"environments/{guard.name}")
    if environment is None:
        yield f"environment {guard.name}: there is none, so the first job that names it makes one without rules"
        return
    allowed = _allowed(github, environment)
    if allowed != {guard.limit}:
        kind, name = guard.limit
        found = ", ".join(sorted(f"{kind} {name}" for kind, name in allowed)) if allowed else "every branch and tag"
        yield f"environment {guard.name}: {found} may use it: limit it to the {kind} {name}"
    if not guard.reviewed:
        return
    rules = [rule for rule in environment["protection_rules"] if rule["type"] == "required_reviewers"]
    if not any(rule["reviewers"] for rule in rules):
        yield f"environment {guard.name}: nobody approves: name a required reviewer"
    elif not all(rule.get("prevent_self_review") for rule in rules):
        yield f"environment {guard.name}: who started a run may approve it: prevent self-review"
    if environment.get("can_admins_bypass"):
        yield f"environment {guard.name}: administrators may pass by its rules: do not allow them to"


def _allowed(github: GitHub, environment: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The branches and tags that may use an environment; nothing where all may."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return set()
    if policy["protected_branches"]:
        return {("branch", "(every protected one)")}
    found = github.get(f"environments/{environment['name']}/deployment-branch-policies?per_page=100")
    return {(one.get("type", "branch"), one["name"]) for one in found["branch_policies"]} or {("branch", "(none)")}


def _gaps_of_main(github: GitHub) -> Iterator[str]:
    found = list(github.pages("rules/branches/main"))
    passed = {number: list(_bypassing(github.get(f"rulesets/{number}"))) for number in _sources(found)}
    held = [rule for rule in found if not passed[rule["ruleset_id"]]]
    for kind, means in MAIN_RULES.items():
        if not _parameters(held, kind):
            yield f"main: {means}"
    requests = _parameters(held, "pull_request")
    if requests and not any(one["required_approving_review_count"] for one in requests):
        yield "main: nobody has to approve a pull request"
    checks = _parameters(held, "required_status_checks")
    if checks and not any(one["strict_required_status_checks_policy"] for one in checks):
        yield "main: a branch that is not up to date may be merged: what was planned is then not what main has"
    if {rule["type"] for rule in found} & MAIN_RULES.keys() - {rule["type"] for rule in held}:
        yield from (f"main: {who}" for ways in passed.values() for who in ways)


def _sources(rules: Iterable[Mapping[str, Any]]) -> list[int]:
    """The rulesets that rules come from."""
    return sorted({rule["ruleset_id"] for rule in rules})


def _parameters(rules: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    """What each rule of a kind says; GitHub goes by the strictest."""
    return [rule.get("parameters", {}) for rule in rules if rule["type"] == kind]


def _gaps_of_tags(github: GitHub) -> Iterator[str]:
    missing, passed = dict(TAG_RULES), []
    for short in github.pages("rulesets", targets="tag"):
        if short["target"] != "tag" or short["enforcement"] != "active":
            continue
        ruleset = github.get(f"rulesets/{short['id']}")
        names = ruleset["conditions"]["ref_name"]
        if names["exclude"] or not ALL_TAGS & set(names["include"]):
            continue
        ways = list(_bypassing(ruleset))
        passed += ways
        for rule in () if ways else ruleset["rules"]:
            missing.pop(rule["type"], None)
    for verb in missing.values():
        yield f"tags v*: anybody who may write may {verb} one: a ruleset for refs/tags/v* restricts that"
    if missing:
        yield from (f"tags v*: {who}" for who in passed)


def _bypassing(ruleset: Mapping[str, Any]) -> Iterator[str]:
    """Who passes by a ruleset although they are not few."""
    name = f"ruleset {ruleset['name']!r}"
    if "bypass_actors" not in ruleset:
        yield f"who may pass by {name} is not shown to this token: it takes an administrator's"
        return
    for actor in ruleset["bypass_actors"]:
        who = EVERY_WRITER.get((actor["actor_type"], actor["actor_id"] if actor["actor_type"] != "DeployKey" else None))
        if who:
            yield f"{who} may pass by {name}: take them off its bypass list"
