"""The judge: what the vendor's own log says of a harvest.

It counts over-limit calls anew from the times of arrival, and does not ask the limits' own code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tools.local_cloud.vendor.settings import Limit
from tools.local_cloud.vendor.vendor import LEVELS, Seen, Vendor


@dataclass
class Judgement:
    """What was found. `repeated`: answers given again after a right one, by path and query.

    `complete`: level → (things that were there all the time, of these answered). `missing`: some of
    the others.
    """

    calls: int
    throttled: int
    over: int
    most_in_window: int
    repeated: dict[str, int] = field(default_factory=dict)
    complete: dict[str, tuple[int, int]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether everything that lasts was answered."""
        return all(there == answered for there, answered in self.complete.values())


def judge(vendor: Vendor, since: float = 0.0) -> Judgement:
    """What the log says since then (seconds since the epoch)."""
    log = [seen for seen in vendor.log if seen.at >= since]
    arrivals = sorted(seen.at for seen in log)
    over = max((over_limit(arrivals, limit) for limit in vendor.settings.limits), default=0)
    most = max((most_in_any_window(arrivals, limit) for limit in vendor.settings.limits), default=0)
    throttled = sum(seen.limited for seen in log)
    return Judgement(len(log), throttled, over, most, repeated(log), *_complete(vendor, log))


def over_limit(arrivals: Sequence[float], limit: Limit) -> int:
    """How many calls came over a limit, by its own kind of window; those refused fill nothing."""
    if limit.window == "fixed":
        windows = Counter((at - limit.phase) // limit.seconds for at in arrivals)
        return sum(max(0, calls - limit.calls) for calls in windows.values())
    kept: list[float] = []
    over, first, held, last = 0, 0, float(limit.calls), arrivals[0] if arrivals else 0.0
    for at in arrivals:
        if limit.window == "sliding":
            while first < len(kept) and kept[first] <= at - limit.seconds:
                first += 1
            passes = len(kept) - first < limit.calls
        else:
            held, last = min(limit.calls, held + (at - last) * limit.calls / limit.seconds), at
            passes = held >= 1
            held -= passes
        kept += [at] if passes else []
        over += not passes
    return over


def most_in_any_window(arrivals: Sequence[float], limit: Limit) -> int:
    """The most calls in any stretch of the limit's length, whatever its kind."""
    return max((n + 1 - bisect_left(arrivals, at - limit.seconds + 1e-9) for n, at in enumerate(arrivals)), default=0)


def repeated(log: Sequence[Seen]) -> dict[str, int]:
    """Calls made again after they had a right answer, by path and query.

    One that was slow on purpose is none: nobody is asked to wait for it.
    """
    had: set[str] = set()
    again: Counter[str] = Counter()
    for seen in log:
        if seen.node in had:
            again[seen.node] += 1
        elif seen.right and not seen.slow:
            had.add(seen.node)
    return dict(again)


def _complete(vendor: Vendor, log: Sequence[Seen]) -> tuple[dict[str, tuple[int, int]], list[str]]:
    answered = {seen.node.partition("?")[0] for seen in log if seen.right and seen.status == 200}
    ended = max((seen.at for seen in log), default=vendor.began) - vendor.began
    there: dict[str, list[str]] = {level: [] for level in LEVELS}
    there["groups"].append("/v1/groups")
    for group in vendor.estate.groups(ended):
        path = f"/v1/groups/{quote(group, safe='')}/hosts"
        there["hosts"].append(path)
        for host in vendor.estate.all_hosts(group):
            if host.born > vendor.estate.born[group] or host.gone <= ended:
                continue
            listing = f"{path}/{quote(host.name, safe='')}/data-groups"
            there["data groups"].append(listing)
            names = vendor.estate.data_groups(group, host.name)
            there["data"] += [f"{listing}/{quote(name, safe='')}/data" for name in names]
    missing = [path for paths in there.values() for path in paths if path not in answered]
    complete = {level: (len(paths), sum(path in answered for path in paths)) for level, paths in there.items()}
    return complete, missing[:20]
