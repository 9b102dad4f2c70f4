"""A plan as Markdown for the pull request.

What is lost comes first, then every change by its address, then the zips. No secret is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tools.deploy.changes import Change
from tools.deploy.packages import Package
from tools.deploy.reviews import Review

# characters; three of these and what stands around them fit a comment of 65,536
MOST = 20_000
# and this a job's summary of 1 MiB, where an approver must miss nothing
MOST_IN_A_SUMMARY = 300_000
MOST_NOTES = 4_000
MOST_LOST = 20
MOST_LINE = 500  # of what stands outside the list that is cut as a whole
# what cannot be had back, or is known to others by an address that goes with it
KEPT_DATA = {
    "aws_dynamodb_table": "table",
    "aws_sqs_queue": "queue",
    "aws_apigatewayv2_api": "API",
    "aws_s3_bucket": "bucket",
}
SIGNS = {"create": "+", "update": "!", "replace": "-", "destroy": "-"}


def markdown(review: Review, changes: Sequence[Change], notes: Sequence[str] = (), most: int = MOST) -> str:
    """The text, at most `most` characters. `notes`: what a reader must know first."""
    head = [f"## {review.environment}: {counted(changes)}", *_lost(changes)]
    head += [f"```text\n{_cut(note.splitlines(), MOST_NOTES)}\n```" for note in notes]
    foot = [_zips(review.packages), _origin(review)]
    room = most - sum(len(part) + 2 for part in (*head, *foot))
    return "\n\n".join([*head, *_listed(changes, room), *foot]) + "\n"


def counted(changes: Iterable[Change]) -> str:
    """How many there are of each action: "3 to create, 1 to replace"."""
    counts = Counter("change outputs" if change.kind == "output" else change.action for change in changes)
    order = [*SIGNS, *sorted(counts)]
    parts = [f"{counts[action]} to {action}" for action in sorted(counts, key=order.index)]
    return ", ".join(parts) or "nothing to do"


def plain(text: str) -> str:
    """One line that ends no code block and hides nothing: others write addresses and values."""
    visible = (c if c == "→" or (c.isascii() and c.isprintable()) else "?" for c in text)
    return "".join(visible).replace("`", "'")


def short(text: str) -> str:
    """`plain`, cut to MOST_LINE characters: a name may be of any length."""
    line = plain(text)
    return line if len(line) <= MOST_LINE else f"{line[:MOST_LINE]}..."


def _lost(changes: Iterable[Change]) -> list[str]:
    ends = {"replace": "REPLACED", "destroy": "DESTROYED"}
    lost = [change for change in changes if change.action in ends and change.kind in KEPT_DATA]
    if not lost:
        return []
    lines = [
        f"> - {KEPT_DATA[change.kind]} `{short(change.address)}` is **{ends[change.action]}**"
        for change in lost[:MOST_LOST]
    ]
    more = [f"> - and {len(lost) - MOST_LOST} more"] if len(lost) > MOST_LOST else []
    head = ["> [!CAUTION]", "> **What these hold, and the addresses others know them by, will be gone:**"]
    return ["\n".join([*head, *lines, *more])]


def _listed(changes: Sequence[Change], room: int) -> list[str]:
    if not changes:
        return []
    opened, diff, closed = "<details><summary>What changes</summary>", "```diff\n{}\n```", "</details>"
    around = len("\n\n".join([opened, diff, closed]))
    lines = [f"{SIGNS.get(change.action, ' ')} {change}" for change in changes]
    return [opened, diff.format(_cut(lines, room - around - 2)), closed]


def _zips(packages: Sequence[Package]) -> str:
    rows = [f"| {plain(package.name)} | {package.size:,} | `{package.sha256}` |" for package in packages]
    return "\n".join(["| zip | bytes | SHA-256 |", "| --- | ---: | --- |", *rows])


def _origin(review: Review) -> str:
    lock = f"provider lock `{review.lock}`" if review.lock else "no provider lock"
    return (
        f"Account {review.account}, tree `{review.tree}` (commit `{review.commit[:12]}`), "
        f"Terraform {review.terraform}, {lock}. Digest of all this: `{review.digest}`."
    )


def _cut(lines: Sequence[str], room: int) -> str:
    """As many whole lines as have room, and how many have none."""
    kept: list[str] = []
    left = room - 100  # for the line that says what is missing
    for number, line in enumerate(map(plain, lines)):
        left -= len(line) + 1
        if left < 0:
            kept.append(
                f"  … and {len(lines) - number} more lines: the workflow's log has them, and so has `make propose`"
            )
            break
        kept.append(line)
    return "\n".join(kept)
