"""A run as people read it, from the answer of GET /v1/runs/{run_id}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_LINE = 400  # characters; a reason is longer than a name

Said = Mapping[str, Any]


def line(said: Said) -> str:
    """One line: state, how far, how fast of what is permitted, refusals, failures, the end."""
    rate = said["rate"]
    share = f"{100 * said['share']:.1f} %"
    of_rate = f" ({100 * rate['achieved'] / rate['permitted']:.1f} %)" if rate["permitted"] else ""
    parts = [
        f"{said['run_id']}  {said['state']}",
        f"{said['done']:,} of {said['known']:,} ({share})",
        f"{rate['achieved']:g}/s of {rate['permitted']:g}{of_rate}, bound {100 * rate['bound']:.1f} %",
        f"429s {said['throttled']}",
        f"failed {said['failed']}",
    ]
    if said["estimated_end"]:
        parts.append(f"ends {said['estimated_end'][:19]}Z")
    return "  ".join(parts)


def whole(said: Said) -> Iterator[str]:
    """All that is said of it, in lines."""
    yield line(said)
    if said["reason"]:
        yield f"  stopped: {said['reason']}"
    times = [f"{name} {said[name][:19]}Z" for name in ("started", "ended", "since", "as_of") if said[name]]
    yield f"  {', '.join(times)}; {said['calls']:,} calls, on average {said['rate']['average']:g}/s"
    for name, level in said["levels"].items():
        yield (
            f"  {name}: {level['expected']:,} expected = {level['ok']:,} ok + {level['gone']:,} gone + "
            f"{level['failed']:,} failed{_open(level)}"
        )
    for cause, count in sorted(said["causes"].items(), key=lambda one: -one[1]):
        yield f"  {cause}: {count:,}"
    pacer = said["pacer"]
    closed = f"; closed until {pacer['closed_until'][:19]}Z" if pacer["closed_until"] else ""
    beat = f", last heard of {pacer['beat'][11:19]}Z" if pacer["beat"] else ""
    yield f"  pacer: turn {pacer['turn']}{beat}{closed}"


def _open(level: Mapping[str, int]) -> str:
    left = level["expected"] - level["ok"] - level["gone"] - level["failed"]
    return f" + {left:,} open" if left else ""
