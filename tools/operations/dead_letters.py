"""Looking at dead letters: what they are and what they failed of, by reason."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tools.common.text import counted, visible
from tools.operations.held import A_BATCH, Held, Message, group_of
from tools.operations.message_summary import is_newer
from tools.operations.pipeline import MessageSummary
from tools.operations.redrive import named_by
from tools.operations.redrive_causes import Cause

# how long a look keeps dead letters from others; it takes half of it, then gives them back
LOOK_SECONDS = 300
MOST_SHOWN = 100  # characters of a cause's detail
MOST_GROUPS = 400  # characters
NO_LINE = "no line of ours"
NO_LINE_REASON, NEWER_VERSION = "no-line", "newer-version"
WIDTH = 80


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


def reason_of(named: str, summary: MessageSummary, causes: Mapping[str, Cause]) -> str:
    """What REASON= chooses a dead letter by: kind and place of its failure, or why of none."""
    if is_newer(summary):
        return NEWER_VERSION
    return causes[named].reason if named in causes else NO_LINE_REASON


def by_reason(letters: Iterable[DeadLetter], causes: Mapping[str, Cause], items: str) -> str:
    """A paragraph for each reason and kind of message, most messages first; `items`: what they
    hold.
    """
    rows: dict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        rows[reason_of(letter.named, letter.summary, causes), letter.summary.kind].append(letter)
    ordered = sorted(rows.items(), key=lambda row: (-len(row[1]), row[0]))
    return "\n\n".join(_paragraph(reason, kind, some, causes, items) for (reason, kind), some in ordered)


def _paragraph(reason: str, kind: str, some: Sequence[DeadLetter], causes: Mapping[str, Cause], items: str) -> str:
    known = [causes[letter.named] for letter in some if letter.named in causes]
    latest = max(known, key=lambda one: one.last, default=None)
    groups = sorted({letter.group for letter in some if letter.group}, key=lambda group: (len(group), group))
    sent = [letter.sent_at for letter in some]
    about = {
        "what": f"{kind}, {sum(letter.summary.items for letter in some):,} {items}",
        "groups": visible(" ".join(groups), MOST_GROUPS),
        "sent": span_text(min(sent), max(sent)),
        "failed": span_text(min(one.first for one in known), latest.last) if latest else "",
        "saying": visible(latest.detail, MOST_SHOWN) if latest else "",
        "such as": some[0].message_id,
    }
    head = f"{counted(len(some), 'message')}: {visible(str(latest or NO_LINE), MOST_SHOWN)}"
    return paragraph(f"{head}\n  REASON={visible(reason, MOST_SHOWN)}", about)


def paragraph(head: str, about: Mapping[str, str]) -> str:
    """A line, and a line of its own for each thing that is known about it, at 80 columns; what a
    person types is never broken.
    """
    lines = [
        textwrap.fill(
            text, WIDTH, initial_indent=f"  {name:8}", subsequent_indent=" " * 10,
            break_long_words=False, break_on_hyphens=False,
        )
        for name, text in about.items()
        if text
    ]  # fmt: skip
    return "\n".join([head, *lines])


def utc_text(ms: float) -> str:
    """A time in milliseconds since 1970, to the second, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def span_text(first: float, last: float) -> str:
    """From the first to the last (ms since 1970), no date twice, and nothing twice."""
    day, began = utc_text(first).split()
    last_day, ended = utc_text(last).split()
    if (day, began) == (last_day, ended):
        return f"{day} {began} UTC"
    return f"{day} {began} – {ended if day == last_day else f'{last_day} {ended}'} UTC"
