"""Looking at dead letters: what they are and what they failed of, in a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.table import Column, Table
from rich.text import Text

from tools.common.text import visible
from tools.operations.held import A_BATCH, Held, Message, group_of
from tools.operations.pipeline import MessageSummary
from tools.operations.redrive import named_by
from tools.operations.redrive_causes import Cause

# how long a look keeps dead letters from others; it takes half of it, then gives them back
LOOK_SECONDS = 300
MOST_SHOWN = 100  # characters of a cause's detail
MOST_GROUPS = 400  # characters
NO_LINE = "no line of ours"


class DeadLetter(NamedTuple):
    """A dead letter as it was looked at; `sent_at` in milliseconds since 1970.

    `named`: the id under which failures name it.
    """

    message_id: str
    named: str
    summary: MessageSummary
    group: str
    sent_at: int


def peek(sqs: Any, url: str, summary_of: Callable[[str], MessageSummary], most: int = 1_000) -> list[DeadLetter]:
    """At most `most` dead letters, as many as LOOK_SECONDS / 2 allow; all are given back.

    Of a FIFO queue at most 10 of a group: SQS holds a group's further messages back while earlier
    ones are looked at.
    """
    seen: list[DeadLetter] = []
    with Held(sqs, url, LOOK_SECONDS) as held:
        while len(seen) < most and not held.half_over and (fresh := held.fresh(min(A_BATCH, most - len(seen)))):
            seen += (_dead_letter(message, summary_of) for message in fresh)
    return seen


def _dead_letter(message: Message, summary_of: Callable[[str], MessageSummary]) -> DeadLetter:
    sent_at = int(message["Attributes"].get("SentTimestamp", 0))
    return DeadLetter(message["MessageId"], named_by(message), summary_of(message["Body"]), group_of(message), sent_at)


def by_cause(letters: Iterable[DeadLetter], causes: Mapping[str, Cause], items: str) -> Table:
    """A row for each cause and kind of message, most messages first; `items`: what they hold."""
    rows: dict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        rows[str(causes.get(letter.named, NO_LINE)), letter.summary.kind].append(letter)
    table = Table(
        "cause",
        "what",
        "messages",
        items,
        "groups",
        "oldest",
        "failed first – last",
        Column("such as", overflow="fold"),
    )
    for (cause, kind), some in sorted(rows.items(), key=lambda row: -len(row[1])):
        known = [causes[letter.named] for letter in some if letter.named in causes]
        latest = max(known, key=lambda one: one.last, default=None)
        detail = f"\n{visible(latest.detail, MOST_SHOWN)}" if latest and latest.detail else ""
        failed = f"{utc_text(min(one.first for one in known))} – {utc_text(latest.last)}" if latest else "–"
        groups = sorted({letter.group for letter in some}, key=lambda group: (len(group), group))
        table.add_row(
            Text(visible(cause, MOST_SHOWN)).append(detail, "dim"),
            Text(kind),
            str(len(some)),
            str(sum(letter.summary.items for letter in some)),
            Text(visible(" ".join(groups), MOST_GROUPS) or "–"),
            utc_text(min(letter.sent_at for letter in some)),
            failed,
            some[0].message_id,
        )
    return table


def utc_text(ms: float) -> str:
    """A time in milliseconds since 1970, to the second, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
