"""What a parcel's answers come to: outcomes, children, lines to keep. Nothing is called here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from harvest.calling import Called
from harvest.parcels import Outcome, Parcel, Task, child_id, group_id, packed, parcel_of
from harvest.results import Line
from harvest.vendor import Listed, Refused, Vendor, Verdict
from shared import backoff

FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 1.0, 60.0


@dataclass
class Sorted:
    """A parcel's answers, sorted.

    `outcomes` are in the order of its tasks. `fresh` tasks are heard of for the first time,
    `groups` are listed from the start, `anew` were perhaps listed before. `back` was not called,
    `again` failed and may be tried once more. `failed`: what never succeeds, and why.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    fresh: list[Task] = field(default_factory=list)
    groups: list[Task] = field(default_factory=list)
    anew: list[Task] = field(default_factory=list)
    back: list[Task] = field(default_factory=list)
    again: list[Task] = field(default_factory=list)
    failed: list[tuple[Called, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    throttled: int = 0


def sort(called: Iterable[Called], vendor: Vendor, attempts: int) -> Sorted:
    """Sort a parcel's answers. A task that failed `attempts` times has failed."""
    found = Sorted()
    for one in called:
        found.calls += one.verdict is not None
        if one.verdict and one.verdict.kind == "ok":
            found.outcomes.append(_followed(one, one.verdict, vendor, found))
        elif one.verdict and one.verdict.kind == "gone":
            found.outcomes.append("gone")
            found.causes[one.verdict.cause] += 1
        else:
            found.outcomes.append(_not_answered(one, attempts, found))
    return found


def _followed(one: Called, verdict: Verdict, vendor: Vendor, found: Sorted) -> Outcome:
    """An answer that is right: what follows from it."""
    try:
        listed = vendor.listed(one.task, verdict.body) or Listed(())
    except Refused as refused:
        found.failed.append((one, str(refused)))
        found.causes[str(refused)] += 1
        return "failed"
    for task in listed.tasks:
        if task == vendor.group(task.group):
            found.groups.append(task)
        else:
            (found.anew if listed.is_anew else found.fresh).append(task)
    found.fresh += [listed.more] if listed.more else []
    found.lines.append(Line(one.task, one.at_ms, one.body))
    return "ok"


def _not_answered(one: Called, attempts: int, found: Sorted) -> Outcome:
    """A task that is handed on, or has failed."""
    verdict = one.verdict
    if verdict is None:
        found.back.append(one.task)
        return "again"
    found.causes[verdict.cause] += 1
    if verdict.kind in ("throttled", "unauthorised"):
        found.throttled += verdict.kind == "throttled"
        found.back.append(one.task)
        return "again"
    if verdict.kind == "again" and one.task.attempts + 1 < attempts:
        found.again.append(replace(one.task, attempts=one.task.attempts + 1))
        return "again"
    found.failed.append((one, verdict.cause))
    return "failed"


def children(parcel: str, claim: int, found: Sorted, most: int, now_ms: int) -> list[Parcel]:
    """The parcels that follow under this claim, at most `most` tasks each; groups are apart.

    What failed is let out again after a while that doubles, and is not the same for all.
    """
    made: list[tuple[Sequence[Task], bool, int]] = []
    made += [(tasks, True, 0) for tasks in packed(found.fresh, most)]
    made += [(tasks, False, 0) for tasks in packed(found.back, most)]
    for tasks in packed(found.again, most):
        retry = max(task.attempts for task in tasks)
        pause = backoff.pause_seconds(retry, FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS)
        made.append((tasks, False, now_ms + int(1000 * pause)))
    return [
        parcel_of(child_id(parcel, claim, index), tasks, new=new, after=after)
        for index, (tasks, new, after) in enumerate(made)
    ]


def group_parcels(found: Sorted) -> list[Parcel]:
    """The parcels of groups that were named, each once."""
    tasks = {task.group: task for task in found.groups}
    return [parcel_of(group_id(group), [task]) for group, task in tasks.items()]
