"""Listings that come in pages: by a cursor, or by an offset into a list that may move meanwhile.

What the next page needs to know stands in its task's `page`, as JSON.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from harvest.parcels import Task
from harvest.vendor import Listed, Refused

MOST_PAGES = 2000  # of a listing: their cursors' hashes are 16 KB then
MOST_CURSOR = 2000  # characters
OVERLAP = 3  # entries of a page that the next one asks for again
MOST_ANEW = 3  # times that a listing begins again because it has moved


def cursor_of(task: Task) -> str:
    """The cursor that a task's page is asked for with; "" for the first."""
    return str(_state(task).get("cursor", ""))


def offset_of(task: Task) -> int:
    """The offset that a task's page is asked for with."""
    return int(_state(task).get("offset", 0))


def by_cursor(task: Task, tasks: Sequence[Task], cursor: object) -> Listed:
    """What follows from a page that gives the next one's cursor (None or "": there is none).

    Raises Refused for a cursor that was given before in this listing, since it would never end, and
    for one that cannot be one.
    """
    if cursor is None or cursor == "":
        return Listed(tasks)
    if not isinstance(cursor, str) or len(cursor) > MOST_CURSOR:
        raise Refused("cursor-unreadable")
    seen: list[str] = _state(task).get("seen", [])
    digest = blake2b(cursor.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    if digest in seen:
        raise Refused("cursor-repeated")
    if len(seen) >= MOST_PAGES:
        raise Refused("too-many-pages")
    return Listed(tasks, _page(task, cursor=cursor, seen=[*seen, digest]))


def by_offset(
    task: Task, names: Sequence[str], total: int, task_of: Callable[[str], Task]
) -> Listed:
    """What follows from a page of a list of `total` entries, `names` being those that it gave.

    Each page but the first begins with the last few entries of the one before. Where none of them
    is there, the list has moved by more than that, and entries may have been skipped: then it is
    listed anew, and what is known already is left out. Raises Refused where it never stays still.
    """
    state = _state(task)
    offset, anew, last = int(state.get("offset", 0)), int(state.get("anew", 0)), state.get("last")
    fresh = list(names)
    if last is not None:
        known = [place for place, name in enumerate(names) if name in last]
        if not known:
            if anew >= MOST_ANEW:
                raise Refused("listing-moves")
            return Listed((), _page(task, offset=0, anew=anew + 1), is_anew=True)
        fresh = fresh[known[-1] + 1 :]
    tasks, end = [task_of(name) for name in fresh], offset + len(names)
    if end >= total:
        return Listed(tasks, is_anew=anew > 0)
    if not names:
        raise Refused("page-empty")
    kept = min(OVERLAP, len(names) - 1)
    # of all that was seen, in its order: a list that grew at its front shows less than that again
    tail = [*(last or ()), *fresh][-OVERLAP:] if kept else None
    more = _page(task, offset=end - kept, last=tail, anew=anew or None)
    return Listed(tasks, more, is_anew=anew > 0)


def _state(task: Task) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(task.page) if task.page else {}
    return state


def _page(task: Task, **state: object) -> Task:
    said = {name: value for name, value in state.items() if value is not None}
    return replace(task, page=json.dumps(said, separators=(",", ":")), attempts=0)
