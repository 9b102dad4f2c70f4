"""The account of a batch: every file that was announced or sent, in exactly one state.

It is made of the batch's rows alone, so it says what is true, whatever was counted on the way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from receipts import revisions, rows
from receipts.deliveries import is_to_review
from receipts.ids import rfc3339
from receipts.presigned import ARCHIVE_NAME
from receipts.reasons import Reason
from receipts.rows import ARCHIVE_PLACE, Batch, FileRow, Item, Outcome, State

EXPECTED = "expected"  # announced, or in an archive, and not here yet
SAME, IGNORED = "same", "ignored"
STATES = (EXPECTED, *State, SAME, IGNORED)

Json = dict[str, Any]


class Rows(NamedTuple):
    """A batch's rows, sorted: names of what was announced and outcomes by place, files by id."""

    announced: dict[int, str]
    outcomes: dict[int, Outcome]
    files: dict[str, FileRow]


class Line(NamedTuple):
    """One file of the account, at its first place; `names` are all that it came under.

    A file whose outcome is not written yet is still expected, though its row may be there.
    """

    place: int
    names: tuple[str, ...]
    state: str
    reason: str | None = None
    detail: str | None = None
    row: FileRow | None = None


class Account(NamedTuple):
    """What a batch has come to: how many by state, and each file.

    `is_open`: something may still come, or be read. Beside their states, files wait for a person
    (`to_review`) or for their delivery (`to_deliver`): so many.
    """

    batch: Batch
    counts: Mapping[str, int]
    lines: list[Line]
    is_open: bool
    to_review: int
    to_deliver: int


def sort(items: Iterable[Item]) -> Rows:
    """Read a batch's rows. Raises NewerVersion."""
    found = Rows({}, {}, {})
    for item in items:
        kind = item["item"]["S"].partition("#")[0]
        if kind == "manifest":
            named = rows.read_manifest(item)
            found.announced.update({place: one.name for place, one in named.items()})
        elif kind in ("slot", "range"):
            for one in rows.read_outcomes(item):
                there = found.outcomes.get(one.place)
                if there is None or there.file_id is None:  # what was taken stays taken
                    found.outcomes[one.place] = one
        elif kind == "file":
            file = rows.read_file(item)
            found.files[file.file_id] = file
    return found


def account(batch: Batch, found: Rows, now: int) -> Account:
    """The account of a batch at that time (µs)."""
    lines = _lines(batch, found, now)
    counts = Counter(line.state for line in lines)
    counts[SAME] = sum(len(line.names) - 1 for line in lines)
    waiting = counts[State.RECEIVED] + _may_still_come(batch, counts, now)
    files = [line.row for line in lines if line.row is not None]
    return Account(
        batch,
        {state: counts[state] for state in STATES},
        lines,
        is_open=waiting > 0,
        to_review=sum(map(is_to_review, files)),
        to_deliver=sum(bool(revisions.waiting(row.revisions)) for row in files),
    )


def _lines(batch: Batch, found: Rows, now: int) -> list[Line]:
    came: dict[str, list[Outcome]] = {}
    lines: list[Line] = []
    for place, outcome in sorted(found.outcomes.items()):
        if place == ARCHIVE_PLACE and batch.entries is not None:
            continue  # it was gone, or refused, and came rightly later
        if outcome.file_id is not None:
            came.setdefault(outcome.file_id, []).append(outcome)
        else:
            state = IGNORED if outcome.ignored else State.QUARANTINED
            name = (outcome.name,)
            lines.append(Line(place, name, state, outcome.reason, outcome.detail))
    lines += [_of_file(found.files.get(file_id), of) for file_id, of in came.items()]
    lines += [_of_announced(batch, place, name, now) for place, name in _awaited(batch, found)]
    return sorted(lines, key=lambda line: (line.place, line.names))


def _of_file(row: FileRow | None, outcomes: list[Outcome]) -> Line:
    names = tuple(outcome.name for outcome in outcomes)
    if row is None:  # its row comes before its outcome; one that is gone has expired
        return Line(outcomes[0].place, names, State.RECEIVED)
    # what was refused once is nobody's matter any more where the last correction stands
    why = (None, None) if row.revisions.endswith(revisions.STANDS) else (row.reason, row.detail)
    return Line(outcomes[0].place, names, row.state, *why, row)


def _awaited(batch: Batch, found: Rows) -> list[tuple[int, str]]:
    """What was announced, or is in the archive, and has not come to anything yet."""
    if batch.archive is None:
        announced = found.announced
    elif batch.entries is None:
        announced = {ARCHIVE_PLACE: ARCHIVE_NAME}
    else:
        announced = {place: f"entry {place}" for place in range(batch.entries)}
    return [(place, name) for place, name in announced.items() if place not in found.outcomes]


def _of_announced(batch: Batch, place: int, name: str, now: int) -> Line:
    if batch.entries is None and now > batch.closes_at:
        detail = "nothing came before its address had expired"
        return Line(place, (name,), EXPECTED, Reason.UPLOAD_EXPIRED, detail)
    return Line(place, (name,), EXPECTED)


def _may_still_come(batch: Batch, counts: Mapping[str, int], now: int) -> int:
    return counts[EXPECTED] if batch.entries is not None or now <= batch.closes_at else 0


def told(line: Line) -> Json:
    """A file as the answer tells it, without what is not known."""
    row = line.row
    said: Json = {"place": line.place if line.place >= 0 else None}
    said |= {"names": line.names, "state": line.state}
    said |= {"reason": line.reason, "detail": line.detail}
    if row is not None:
        said |= {
            "file_id": row.file_id,
            "size": row.size,
            "receipts": row.receipts,
            "same_as": row.same_as,
            "received_at": rfc3339(row.received_at),
            "read_at": _time(row.read_at),
            "review": row.review,
            "to_review": is_to_review(row) or None,
            "to_deliver": revisions.waiting(row.revisions) or None,
            "delivered_at": _time(row.delivered_at),
        }
    return {name: value for name, value in said.items() if value is not None}


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
