"""Conservation by witnesses, from the operator's side: a ballot that left a line when it was accepted must leave one when it is settled."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.place import Place
from votes import witness
from votes.conservation import SETTLED_EARLIER_SECONDS
from votes.witness import Witnesses

__all__ = ["Witnesses", "read", "show"]

MOST_SECONDS = 120.0  # of reading
POLL_SECONDS = 0.5
SHOWN = 50


def read(place: Place) -> Witnesses:
    """The witnesses of all that was accepted until now. What is under way is waited for, as long as the pipeline's latency allows.

    Raises LocalCloudError when there are more lines than can be read.
    """
    asked = time.time()
    while (seen := _read(place, since_ms=0)).late(asked * 1000) and time.time() < asked + place.outputs["settings"]["latency_seconds"]:
        time.sleep(POLL_SECONDS)
    seen.accepted = {one: at for one, at in seen.accepted.items() if at < asked * 1000}
    return seen


def show(place: Place, console: Console, *, minutes: float | None) -> int:
    """Print the comparison, as far back as the pipeline's check looks or `minutes`; 1 when a witness is missing."""
    settings = place.outputs["settings"]
    latency = int(settings["latency_seconds"])
    back = minutes * 60 if minutes else latency + int(settings["look_back_seconds"])
    now = time.time()
    seen = _read(place, since_ms=int((now - back) * 1000))
    late = seen.late((now - latency) * 1000)
    settled = ", ".join(f"{outcome} {len(hashes)}" for outcome, hashes in sorted(seen.settled.items())) or "none"
    console.print(
        f"witnesses (one ballot in {settings['witness_share']}) of the last {back / 60:.0f} minutes: {len(seen.accepted)} accepted; "
        f"settled, some of them accepted before: {settled}; {len(seen.missing) - len(late)} under way; {len(late)} missing",
        soft_wrap=True,
        highlight=False,
    )
    for one, at in list(late.items())[:SHOWN]:
        when = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
        console.print(f"  {one}: accepted {when}, over {latency} s ago, and not settled", highlight=False)
    if len(late) > SHOWN:
        console.print(f"  … and {len(late) - SHOWN} more")
    return 1 if late else 0


def _read(place: Place, *, since_ms: int) -> Witnesses:
    """What was accepted since then, and settled since a while before. Raises LocalCloudError."""
    seen = Witnesses()
    logs, functions, until = place.client("logs"), place.outputs["functions"], time.monotonic() + MOST_SECONDS
    earlier_ms = max(0, since_ms - SETTLED_EARLIER_SECONDS * 1000)
    try:
        for name, since in (("receive", since_ms), ("process", earlier_ms), ("write", earlier_ms)):
            witness.read(logs, functions[name]["log_group"], seen, since_ms=since, until=until)
    except witness.NotAllRead as error:
        raise LocalCloudError(f"nothing can be said of conservation: {error}") from error
    return seen
