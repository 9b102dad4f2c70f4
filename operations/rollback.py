"""`make rollback`: every function that the last release changed goes back to the version before, by its alias.

A version is code and settings together, so both go back; queues, tables and rights are not part of one and stay. Old and new
read each other's messages, entries and rows (docs/upgrading.md), so the functions may go one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.audit import PREFIX, Audit
from operations.place import Place

# Who writes goes back first: so nothing of the new release's making reaches a function that is old already and has not met it yet.
ORDER = ("receive", "process", "write", "tally", "results", "conservation", "probe")
ONE_APPLY = timedelta(minutes=10)  # versions published closer together came with one release
WHAT = "rollback"


@dataclass(frozen=True)
class Alias:
    """A function's alias and its versions: number → when it was published. `left`: versions that a rollback went back from before."""

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


def run(place: Place, console: Console, *, dry_run: bool = False) -> int:
    """Say what goes back to which version, and do it unless it is a dry run. Raises LocalCloudError when nothing can go back."""
    try:
        aliases = read(place)
        back, said = plan(aliases)
        for line in said:
            console.print(line, soft_wrap=True, highlight=False, markup=False)
        if not back:
            raise LocalCloudError(
                f"nothing of {place.name} was changed: there is no version to go back to. Revert the change instead, and apply that"
            )
        if dry_run:
            console.print(f"nothing was changed (DRY_RUN): `make rollback ENV={place.name}` does it", soft_wrap=True, highlight=False)
            return 0
        _go(place, back)
    except (ClientError, BotoCoreError) as error:
        raise LocalCloudError(
            f"{place.name} could not be rolled back all the way ({error}): look with DRY_RUN=yes, then try again"
        ) from error
    console.print(
        f"{len(back)} functions are back. Now `make smoke ENV={place.name}`. Terraform's next plan shows these aliases as changes, "
        "and its next apply points them forward again: revert the commit before anybody applies (docs/upgrading.md)",
        soft_wrap=True,
        highlight=False,
    )
    return 0


def plan(aliases: list[Alias]) -> tuple[list[Alias], list[str]]:
    """Those that go back, in the order in which they do, and what is to be said of every function."""
    newest = max((one.versions[one.live] for one in aliases), default=None)
    back, said = [], []
    for one in aliases:
        published = one.versions[one.live]
        when = f"version {one.live} of {published:%Y-%m-%d %H:%M:%S} UTC"
        if newest is None or published < newest - ONE_APPLY:
            said.append(f"{one.function}: stays at {when}, which the last release did not change")
        elif one.before is None:
            said.append(f"{one.function}: stays at {when}, there is no version before it")
        else:
            back.append(one)
            bad = " (which was gone back from before: run this again to go past it)" if one.before in one.left else ""
            said.append(f"{one.function}: goes from {when} back to version {one.before}{bad}")
    return back, said


def read(place: Place) -> list[Alias]:
    """Every function's alias and versions, in the order in which they go back."""
    client, left = place.client("lambda"), _left(place)
    functions: dict[str, Any] = place.outputs["functions"]
    found = []
    for function in sorted(functions, key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER)):
        name, alias = functions[function]["name"], functions[function]["alias"]
        now = client.get_alias(FunctionName=name, Name=alias)
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        versions = {
            int(one["Version"]): _time(one["LastModified"]) for page in pages for one in page["Versions"] if one["Version"].isdigit()
        }
        live = now["FunctionVersion"]
        if not live.isdigit() or int(live) not in versions:
            raise LocalCloudError(
                f"the alias {alias} of {name} points at {live!r}, which is no published version: apply {place.name} first"
            )
        gone = frozenset(left.get(name, ()))
        found.append(Alias(function, name, alias, int(live), now["RevisionId"], versions, gone))
    return found


def _go(place: Place, back: list[Alias]) -> None:
    """Point the aliases back one by one, each unless somebody else has moved it meanwhile."""
    client = place.client("lambda")
    with Audit(place, WHAT) as audit:
        for one in back:
            client.update_alias(
                FunctionName=one.name,
                Name=one.alias,
                FunctionVersion=str(one.before),
                RoutingConfig={"AdditionalVersionWeights": {}},  # a canary ends too
                RevisionId=one.revision,
            )
            audit.line(function=one.name, left=one.live, to=one.before)


def _left(place: Place) -> dict[str, set[int]]:
    """The versions of each function that earlier rollbacks went back from, by their audits."""
    s3, bucket = place.client("s3"), place.outputs["quarantine_bucket"]
    left: dict[str, set[int]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{PREFIX}{WHAT}/"):
        for item in page.get("Contents", []):
            for line in s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read().decode().splitlines():
                said = json.loads(line)
                if "left" in said:
                    left.setdefault(said["function"], set()).add(int(said["left"]))
    return left


def _time(text: str) -> datetime:
    """Lambda's "2026-11-21T10:00:00.000+0000"."""
    return datetime.fromisoformat(text.replace("+0000", "+00:00"))
