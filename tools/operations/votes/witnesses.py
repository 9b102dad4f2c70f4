"""`make conservation`: who left a line when accepted must leave one when settled.

Conservation by witnesses, from the operator's side.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console

from shared import conserved
from shared.conservation import SETTLED_EARLIER_MS
from shared.conserved import Witnesses
from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.votes.message_summary import WITH_BALLOTS

__all__ = ["Witnesses", "read", "run"]

MOST_SECONDS = 120.0  # of reading
POLL_SECONDS = 0.5
SHOWN = 50


def read(deployment: Deployment) -> Witnesses:
    """The witnesses of all that was accepted until now.

    What is under way is waited for, as long as the pipeline's latency allows.

    Raises CommandError when there are more lines than can be read.
    """
    asked = time.time()
    until = asked + deployment.outputs["settings"]["latency_seconds"]
    seen = _read(deployment, since_ms=0)
    while seen.late(asked * 1000) and time.time() < until:
        time.sleep(POLL_SECONDS)
        seen = _read(deployment, since_ms=0)
    seen.accepted = {one: at for one, at in seen.accepted.items() if at < asked * 1000}
    return seen


def run(deployment: Deployment, console: Console, *, minutes: float | None) -> int:
    """Print the comparison, as far back as the pipeline's check looks or `minutes`.

    1 when a witness is missing, or dead letters hold ballots, which may be older than that.
    """
    settings = deployment.outputs["settings"]
    latency = int(settings["latency_seconds"])
    back = minutes * 60 if minutes else latency + int(settings["look_back_seconds"])
    now = time.time()
    seen = _read(deployment, since_ms=int((now - back) * 1000))
    late = seen.late((now - latency) * 1000)
    settled = ", ".join(f"{outcome} {len(hashes)}" for outcome, hashes in sorted(seen.settled.items())) or "none"
    console.print(
        f"witnesses (one ballot in {settings['witness_share']}) of the last {back / 60:.0f} minutes: "
        f"{len(seen.accepted)} accepted; settled, some of them accepted before: {settled}; "
        f"{len(seen.missing) - len(late)} under way; {len(late)} missing",
        soft_wrap=True,
        highlight=False,
    )
    for reserve in _reserves(seen):
        console.print(f"  {reserve}", soft_wrap=True, highlight=False)
    for one, at in list(late.items())[:SHOWN]:
        when = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
        console.print(f"  {one}: accepted {when}, over {latency} s ago, and not settled", highlight=False)
    if len(late) > SHOWN:
        console.print(f"  … and {len(late) - SHOWN} more")
    old = _say_what_is_dead(deployment, console, now - back)
    return 1 if late or old else 0


def _say_what_is_dead(deployment: Deployment, console: Console, since: float) -> int:
    """Say that dead letters are not settled, however old; how many there are."""
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    dead = {name: depth(sqs, queues[name]["dead_letter_url"]).total for name in WITH_BALLOTS}
    began = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
    for name, count in dead.items():
        if count:
            console.print(
                f"{name}: {count} dead letters, whose ballots are not settled. Of what was accepted before {began} "
                f"this says nothing: it is missing too if it lies there. "
                f"`make redrive ENV={deployment.name} QUEUE={name}`",
                soft_wrap=True,
                highlight=False,
            )
    return sum(dead.values())


def _reserves(seen: Witnesses) -> Iterator[str]:
    """What the comparison says nothing of."""
    if seen.one_in > 1:
        yield f"there are too many to keep: only one witness in {seen.one_in} was looked at"
    if seen.not_judged:
        until = datetime.fromtimestamp(seen.judged_from_ms / 1000, UTC).isoformat(timespec="seconds")
        yield (
            f"{seen.not_judged} accepted until {until} are not judged: meanwhile some were settled by another key, "
            "as by the release before"
        )


def _read(deployment: Deployment, *, since_ms: int) -> Witnesses:
    """What was accepted since then, and settled since a while before. Raises CommandError."""
    seen = Witnesses()
    logs, functions = deployment.client("logs"), deployment.outputs["functions"]
    until = time.monotonic() + MOST_SECONDS
    earlier_ms = max(0, since_ms - SETTLED_EARLIER_MS)
    try:
        for name, since in (("receive", since_ms), ("process", earlier_ms), ("write", earlier_ms)):
            conserved.read(logs, functions[name]["log_group"], seen, since_ms=since, until=until)
    except conserved.NotAllRead as error:
        raise CommandError(f"nothing can be said of conservation: {error}") from error
    return seen
