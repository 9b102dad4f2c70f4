"""What a person may do about counting: repair tallies, and mend a journal that cannot be read.

Both are entries of kinds of their own.
"""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from shared import clock, quarantine
from shared.dynamo import number
from shared.quarantine import QuarantineStore
from shared.versions import NewerVersion
from votes import entry
from votes.counting import Counting
from votes.entry import Content, Kind, UnreadableEntry
from votes.journal import KEEP_SECONDS, WRITERS_LIVE_SECONDS, Journal
from votes.recount import Difference, Report
from votes.rows import PLAIN_VERSION, read_entry
from votes.standing import Delta

SHARD = 0  # repairs go to this shard's journal: a tally belongs to none
MOST_COUNTERS = 2_000  # an entry: no more than the votes of a full one
# With those of ballots, in one epoch, they must fit the title's update (4 KB).
MOST_OF_A_TITLE = 100
REASON = "unreadable-entry"
HEAD_BEHIND = "it was mended, and its shard's head does not know yet"


class Refused(Exception):
    """Nothing was changed, because it would be wrong now; the message says why, and what to do."""


class Trouble(NamedTuple):
    """What is wrong with an entry.

    `row` is what the table holds of it (None: nothing), `finished` whether its votes were all put.
    """

    shard: int
    n: int
    detail: str
    row: dict[str, Any] | None
    appended_at: int | None
    finished: bool


def repair(journal: Journal, shards: int, report: Report) -> list[int]:
    """Add to the tallies what `report` misses in them, and take away what is too much.

    Gives the numbers of the entries appended. A report can be used once: an audit made before the
    last repair was folded would find the same again. Raises Refused then, and what
    Counting.append_other raises; after any error audit again, and repair what that finds. Of one
    title's counters at most MOST_OF_A_TITLE are repaired at once.
    """
    counting = Counting(journal, shards)
    appended: list[int] = []
    for added in _parts(report.differences):
        content = Content(kind=Kind.REPAIR, added=added, note=f"audit as of epoch {report.epoch}")

        def content_at(done: int, content: Content = content) -> Content:
            _require_first(journal, max([report.cut.get(SHARD, 0), *appended]), done)
            return content

        n = counting.append_other(SHARD, content_at)
        if n is not None:
            appended.append(n)
    return appended


def _require_first(journal: Journal, after: int, done: int) -> None:
    """Raise Refused unless it is sure that no entry of after < n ≤ done repairs.

    The report's tallies were without it.
    """
    expected = after + 1
    for stored in journal.entries(SHARD, after, done):
        if stored.n != expected:
            break
        kind = entry.decode(stored.body).kind
        if kind in (Kind.REPAIR, Kind.MENDED):
            what = (
                "is a repair" if kind is Kind.REPAIR else "was mended, and may have been a repair"
            )
            raise Refused(
                f"entry {stored.n} of shard {SHARD}, since the audit's cut, {what}: "
                "wait until it is folded, then audit again"
            )
        expected += 1
    if expected <= done:
        raise Refused(
            f"entry {expected} of shard {SHARD} is not there, and may have been a repair: "
            "wait until it is folded, or mend it"
        )


def _parts(differences: list[Difference]) -> Iterator[dict[str, Delta]]:
    """What to add, an entry's worth at a time."""
    part: dict[str, Delta] = {}
    cells = 0
    for title_id, name, tallied, rebuilt in differences:
        if len(part.get(title_id, ())) >= MOST_OF_A_TITLE:
            continue
        if cells >= MOST_COUNTERS and title_id not in part:
            yield part
            part, cells = {}, 0
        part.setdefault(title_id, {})[name] = rebuilt - tallied
        cells += 1
    if part:
        yield part


def diagnose(
    journal: Journal,
    shard: int,
    n: int,
    *,
    insist: bool = False,
    now_us: Callable[[], int] = lambda: clock.now_us(),
) -> Trouble:
    """What is wrong with entry n of the shard.

    Raises Refused when nothing is, or when it must not be mended yet.

    `insist` takes an entry of a later version, or one whose writer may live, for damaged all the
    same.
    """
    finished = _is_finished(journal, shard, n)
    row = journal.row(shard, n)
    if row is None:
        if not finished:
            raise Refused(f"shard {shard} has no entry {n} yet, and waits for none")
        return Trouble(shard, n, "it is not there", None, None, finished)
    try:
        kind = entry.decode(read_entry(row).body).kind
    except UnreadableEntry as error:
        detail = str(error)
    except NewerVersion as error:
        if not insist:
            raise Refused(
                f"entry {n} of shard {shard}: {error}. "
                "If no later release was ever deployed, it is damaged: INSIST=yes"
            ) from error
        detail = str(error)
    else:
        if kind is Kind.MENDED and not finished:
            return Trouble(shard, n, HEAD_BEHIND, row, None, finished)
        raise Refused(f"entry {n} of shard {shard} can be read: there is nothing to mend")
    appended_at = _whole_number(row.get("appended_at"))
    if not finished and not insist:
        _require_dead(shard, n, appended_at, now_us())
    return Trouble(shard, n, detail, row, appended_at, finished)


def _is_finished(journal: Journal, shard: int, n: int) -> bool:
    """Whether the votes of entry n are all put for sure: the head says so, or another follows it.

    Raises Refused when there can be no such entry.
    """
    head = journal.head(shard)
    if head is None or n < 1:
        why = "they are numbered from 1" if head else "it has no journal yet"
        raise Refused(f"shard {shard} has no entry {n}: {why}")
    return n <= head.done or journal.row(shard, n + 1) is not None


def mend(
    journal: Journal,
    store: QuarantineStore,
    shard: int,
    n: int,
    *,
    insist: bool = False,
    now_us: Callable[[], int] = lambda: clock.now_us(),
) -> str | None:
    """Move an entry that cannot be read to quarantine, so that its shard goes on: the object's key.

    None where nothing was there. An entry that says nothing takes its place. Some of its votes may
    be put, and the tallies do not have them: once it is folded, an audit finds that, and a repair
    mends it. Raises Refused, see `diagnose`; whatever is raised, do it again.
    """
    trouble = diagnose(journal, shard, n, insist=insist, now_us=now_us)
    if trouble.detail == HEAD_BEHIND:
        journal.move_head(shard, n)
        return None
    at_us = trouble.appended_at or now_us()
    if trouble.row is None:
        body = entry.encode_other(Content(kind=Kind.MENDED, note="it was not there"))
        if not journal.append(shard, n, body, now_us()):
            raise Refused(f"entry {n} of shard {shard} is there now: look again")
        return None
    text = _as_text(trouble.row)
    line = quarantine.line_of("journal", REASON, trouble.detail, at_us, body=text, shard=shard, n=n)
    key = store.put(REASON, at_us, [line])
    body = entry.encode_other(Content(kind=Kind.MENDED, note=f"moved to {key}"))
    new = {
        "entry": {"B": body},
        "v": number(PLAIN_VERSION),
        "appended_at": number(at_us),
        "expires": number(at_us // 1_000_000 + KEEP_SECONDS),
    }
    if not journal.replace(shard, n, trouble.row, new):
        raise Refused(f"entry {n} of shard {shard} has changed meanwhile: look again")
    if not trouble.finished:
        journal.move_head(shard, n)  # there is nothing to put
    return key


def _require_dead(shard: int, n: int, appended_at: int | None, now_us: int) -> None:
    """Raise Refused unless an unfinished entry's writer is sure to be dead.

    One that lives would go on and say that its ballots are counted.
    """
    if appended_at is None:
        raise Refused(
            f"entry {n} of shard {shard} does not say when it was appended: "
            "its writer may be at it still. "
            f"If the shard has been stopped for {WRITERS_LIVE_SECONDS // 60} minutes: INSIST=yes"
        )
    left = appended_at // 1_000_000 + WRITERS_LIVE_SECONDS - now_us // 1_000_000
    if left > 0:
        raise Refused(
            f"the writer of entry {n} of shard {shard} may be at it still: "
            f"try again in {left // 60 + 1} minutes"
        )


def _whole_number(value: Any) -> int | None:
    text = value.get("N", "") if isinstance(value, dict) else ""
    return int(text) if text.isdecimal() else None


def _as_text(row: dict[str, Any]) -> str:
    """A row of DynamoDB's as JSON, bytes in base64."""
    return json.dumps(row, sort_keys=True, default=_in_base64)


def _in_base64(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()
