"""`make rollback`: every function that the last release changed goes back, by its alias.

A version is code and settings together, so both go back; queues, tables and rights are not part of
one and stay. Old and new read what the other writes (docs/how-to/upgrading.md), so the functions
may go one after the other. Of several pipelines, what the last release of any changed goes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tools.common.errors import CommandError
from tools.common.text import counted
from tools.operations.audit import Audit, kept
from tools.operations.deployment import Deployment, words_of
from tools.operations.pipeline import Pipeline

ONE_APPLY = timedelta(minutes=10)  # versions published closer together came with one release
WHAT = "rollback"


@dataclass(frozen=True)
class Alias:
    """A function's alias and its versions: number → when it was published.

    `left`: versions that a rollback went back from before.
    """

    pipeline: str
    function: str
    name: str
    alias: str
    live: int
    revision: str
    versions: Mapping[int, datetime]
    left: frozenset[int] = frozenset()

    @property
    def before(self) -> int | None:
        """The greatest version below the live one, never one above it; None when there is none."""
        return max((one for one in self.versions if one < self.live), default=None)


def run(places: Sequence[tuple[Deployment, Pipeline]], console: Console, *, dry_run: bool = False) -> int:
    """Say what of these pipelines of an environment goes back to which version, and do it unless it
    is a dry run.

    Raises CommandError when nothing can go back.
    """
    name, words = places[0][0].name, words_of([of for of, _ in places])
    try:
        back, lines = plan([one for of, pipeline in places for one in read(of, pipeline.rollback_order)])
        for line in lines:
            console.print(line, soft_wrap=True, highlight=False, markup=False)
        if not back:
            raise CommandError(
                f"nothing of {name} was changed: there is no version to go back to. "
                "Revert the change instead, and apply that"
            )
        if dry_run:
            console.print(
                f"nothing was changed (DRY_RUN): `make rollback {words}` does it", soft_wrap=True, highlight=False
            )
            return 0
        for of, _ in places:
            if own := [one for one in back if one.pipeline == of.pipeline]:
                _go(of, own)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(
            f"{name} could not be rolled back all the way ({error}): look with DRY_RUN=yes, then try again"
        ) from error
    console.print(
        f"{counted(len(back), 'function')} {'is' if len(back) == 1 else 'are'} back. Now `make smoke {words}`. "
        "Terraform's next plan shows these aliases as changes, and its next apply points them forward again: "
        "revert the commit before anybody applies (docs/how-to/upgrading.md)",
        soft_wrap=True,
        highlight=False,
    )
    return 0


def plan(aliases: list[Alias]) -> tuple[list[Alias], list[str]]:
    """Those that go back, in their order, and a line on every function."""
    newest = max((one.versions[one.live] for one in aliases), default=None)
    back, lines = [], []
    for one in aliases:
        published = one.versions[one.live]
        when = f"version {one.live} of {published:%Y-%m-%d %H:%M:%S} UTC"
        if newest is None or published < newest - ONE_APPLY:
            lines.append(f"{one.name}: stays at {when}, which the last release did not change")
        elif one.before is None:
            lines.append(f"{one.name}: stays at {when}, there is no version before it")
        else:
            back.append(one)
            bad = " (which was gone back from before: run this again to go past it)" if one.before in one.left else ""
            lines.append(f"{one.name}: goes from {when} back to version {one.before}{bad}")
    return back, lines


def read(deployment: Deployment, order: Sequence[str]) -> list[Alias]:
    """Every function's alias and versions, in the order in which they go back.

    Those that `order` does not name go last.
    """
    functions: dict[str, Any] = deployment.outputs["functions"]
    _refuse_untold(deployment, functions)
    client, left = deployment.client("lambda"), _left(deployment)
    aliases = []
    for function in sorted(functions, key=lambda one: order.index(one) if one in order else len(order)):
        name, alias = functions[function]["name"], functions[function]["alias"]
        now = client.get_alias(FunctionName=name, Name=alias)
        versions = _published(client, name)
        live = now["FunctionVersion"]
        if not live.isdigit() or int(live) not in versions:
            raise CommandError(
                f"the alias {alias} of {name} points at {live!r}, which is no published version: "
                f"apply {deployment.name} first"
            )
        gone = frozenset(left.get(name, ()))
        aliases.append(Alias(deployment.pipeline, function, name, alias, int(live), now["RevisionId"], versions, gone))
    return aliases


def _refuse_untold(deployment: Deployment, functions: Mapping[str, Any]) -> None:
    """Raise CommandError where outputs of somebody's own are not enough to go back by."""
    if none := [one for one in deployment.outputs.get("rollback_order", ()) if one not in functions]:
        raise CommandError(f"rollback_order of {deployment.pipeline} names {', '.join(none)}, no function of it")
    if none := [one for one, function in functions.items() if not function.get("alias")]:
        raise CommandError(
            f"the outputs of {deployment.pipeline} have no alias of {', '.join(none)}: "
            "add the one by which it is called; a function that is called by none cannot go back"
        )


def _published(client: Any, function: str) -> dict[int, datetime]:
    """The published versions: number → when."""
    versions: dict[int, datetime] = {}
    for page in client.get_paginator("list_versions_by_function").paginate(FunctionName=function):
        numbered = [version for version in page["Versions"] if version["Version"].isdigit()]
        versions |= {int(version["Version"]): _time(version["LastModified"]) for version in numbered}
    return versions


def _go(deployment: Deployment, back: list[Alias]) -> None:
    """Point the aliases back one by one, each unless somebody else has moved it meanwhile."""
    client = deployment.client("lambda")
    with Audit(deployment, WHAT) as audit:
        for one in back:
            client.update_alias(
                FunctionName=one.name,
                Name=one.alias,
                FunctionVersion=str(one.before),
                RoutingConfig={"AdditionalVersionWeights": {}},  # a canary ends too
                RevisionId=one.revision,
            )
            audit.line(function=one.name, left=one.live, to=one.before)


def _left(deployment: Deployment) -> dict[str, set[int]]:
    """The versions of each function that earlier rollbacks went back from, by their audits."""
    left: dict[str, set[int]] = {}
    for text in kept(deployment, WHAT):
        for change in map(json.loads, text.splitlines()):
            if "left" in change:
                left.setdefault(change["function"], set()).add(int(change["left"]))
    return left


def _time(text: str) -> datetime:
    """Lambda's "2026-11-21T10:00:00.000+0000"."""
    return datetime.fromisoformat(text.replace("+0000", "+00:00"))
