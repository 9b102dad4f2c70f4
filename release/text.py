"""A plan as Markdown for the pull request: what is lost first, then every change by its address, then the zips. No secret is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from release.changes import Change

MOST = 20_000  # characters; three of these and what stands around them fit a comment of 65,536
MOST_NOTES = 4_000
MOST_LOST = 20
HOLDS = {  # what cannot be had back, or is known to others by an address that goes with it
    "aws_dynamodb_table": "table",
    "aws_sqs_queue": "queue",
    "aws_apigatewayv2_api": "API",
    "aws_s3_bucket": "bucket",
}
SIGNS = {"create": "+", "update": "!", "replace": "-", "destroy": "-"}


def markdown(summary: Mapping[str, Any], changes: Sequence[Change], notes: Sequence[str] = ()) -> str:
    """The text, at most MOST characters. `notes`: what a reader must know first."""
    head = [f"## {summary['environment']}: {counted(changes)}", *_lost(changes)]
    head += [f"```text\n{_cut(note.splitlines(), MOST_NOTES)}\n```" for note in notes]
    foot = [_zips(summary["packages"]), _origin(summary)]
    room = MOST - sum(len(part) + 2 for part in (*head, *foot))
    return "\n\n".join([*head, *_listed(changes, room), *foot]) + "\n"


def counted(changes: Iterable[Change]) -> str:
    """How many there are of each action: "3 to create, 1 to replace"."""
    found = Counter("change outputs" if change.kind == "output" else change.action for change in changes)
    return ", ".join(f"{found[action]} to {action}" for action in sorted(found, key=[*SIGNS, *sorted(found)].index)) or "nothing to do"


def plain(text: str) -> str:
    """One line that ends no code block and hides nothing: addresses and values are written by others."""
    return "".join(c if c == "→" or (c.isascii() and c.isprintable()) else "?" for c in text).replace("`", "'")


def _lost(changes: Iterable[Change]) -> list[str]:
    ends = {"replace": "REPLACED", "destroy": "DESTROYED"}
    lost = [change for change in changes if change.action in ends and change.kind in HOLDS]
    if not lost:
        return []
    lines = [f"> - {HOLDS[change.kind]} `{plain(change.address)}` is **{ends[change.action]}**" for change in lost[:MOST_LOST]]
    more = [f"> - and {len(lost) - MOST_LOST} more"] if len(lost) > MOST_LOST else []
    return ["\n".join(["> [!CAUTION]", "> **What these hold, and the addresses others know them by, will be gone:**", *lines, *more])]


def _listed(changes: Sequence[Change], room: int) -> list[str]:
    if not changes:
        return []
    around = ["<details><summary>What changes</summary>", "```diff\n{}\n```", "</details>"]
    lines = [f"{SIGNS.get(change.action, ' ')} {change}" for change in changes]
    return [part.format(_cut(lines, room - len("\n\n".join(around)) - 2)) if "{}" in part else part for part in around]


def _zips(packages: Sequence[Mapping[str, Any]]) -> str:
    rows = [f"| {plain(package['name'])} | {package['size']:,} | `{package['sha256']}` |" for package in packages]
    return "\n".join(["| zip | bytes | SHA-256 |", "| --- | ---: | --- |", *rows])


def _origin(summary: Mapping[str, Any]) -> str:
    return (
        f"Account {summary['account']}, tree `{summary['tree']}` (commit `{summary['commit'][:12]}`), Terraform {summary['terraform']}. "
        f"Digest of the changes: `{summary['digest']}`."
    )


def _cut(lines: Sequence[str], room: int) -> str:
    """As many whole lines as have room, and how many have none."""
    kept: list[str] = []
    left = room - 100  # for the line that says what is missing
    for number, line in enumerate(map(plain, lines)):
        left -= len(line) + 1
        if left < 0:
            kept.append(f"  … and {len(lines) - number} more lines: the workflow's log has them, and so has `make propose`")
            break
        kept.append(line)
    return "\n".join(kept)
