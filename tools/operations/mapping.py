"""`make mapping FUNCTION=… ON=yes|no`: lets a function take from its queue, or lets it wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from shared import clock
from tools.common.confirm import confirmed
from tools.common.console import plain_table
from tools.common.errors import CommandError
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.mappings import GONE, EventSourceMapping, mappings_of, state
from tools.operations.pipeline import Pipeline

SETTLES_SECONDS, POLL_SECONDS = 90.0, 1.0  # Lambda switches within a minute or so
LASTS = {True: "Enabled", False: "Disabled"}


@dataclass(frozen=True)
class Options:
    """What a person asked for; all are shown where `function` is empty or `on` is None."""

    function: str = ""
    on: bool | None = None
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    """Show the mappings, or switch those of one function, with an audit line.

    Switching off asks first: nothing is lost by it, but what waits grows old. Raises CommandError.
    """
    mappings = mappings_of(deployment, pipeline.consumers)
    lambda_ = deployment.client("lambda")
    if options.on is None:
        return _show(console, lambda_, mappings, options.function)
    chosen = [one for one in mappings if one.function == options.function]
    if not chosen:
        known = ", ".join(sorted({one.function for one in mappings})) or "none: the outputs name no mapping"
        raise CommandError(f"no mapping of {options.function!r}: FUNCTION is one of {known}")
    word = "yes" if options.on else "no"
    command = f"mapping {deployment.words} FUNCTION={options.function} ON={word}"
    question = f"Let {options.function} take nothing more? What comes waits on its queue."
    if not options.on and not confirmed(console, question, command, confirm=options.confirm):
        return 0
    return max([_switch(deployment, console, lambda_, one, on=options.on) for one in chosen])


def _show(console: Console, lambda_: Any, mappings: Sequence[EventSourceMapping], function: str) -> int:
    table = plain_table("function", "takes from", "mapping", "since (UTC)", words=4)
    for one in mappings:
        if function in ("", one.function):
            now = state(lambda_, one.uuid)
            since = datetime.fromtimestamp(now.since, UTC).strftime("%Y-%m-%d %H:%M:%S") if now.since else "–"
            table.add_row(one.function, one.queue, now.name, since)
    console.print(table)
    console.print("ON=yes or ON=no with FUNCTION switches one", markup=False)
    return 0


def _switch(deployment: Deployment, console: Console, lambda_: Any, one: EventSourceMapping, *, on: bool) -> int:
    was = state(lambda_, one.uuid)
    if was.name == GONE:
        raise CommandError(f"the mapping of {one.function} is gone: `{deployment.again}` makes it again")
    if was.name == LASTS[on]:
        console.print(f"{one.function}: its mapping is {was.name} already", highlight=False)
        return 0
    with Audit(deployment, "mapping") as audit:
        try:
            lambda_.update_event_source_mapping(UUID=one.uuid, Enabled=on)
        except (ClientError, BotoCoreError) as error:
            raise CommandError(
                f"the mapping of {one.function} could not be switched ({error}): "
                "you need lambda:UpdateEventSourceMapping on it; while Lambda still changes it, try again"
            ) from error
        audit.line(function=one.function, queue=one.queue, mapping=one.uuid, was=was.name, on=on)
    until = clock.monotonic() + SETTLES_SECONDS
    while (now := state(lambda_, one.uuid).name) != LASTS[on] and clock.monotonic() < until:
        clock.sleep(POLL_SECONDS)
    console.print(f"{one.function}: its mapping was {was.name}, is {now}; audit: {audit.key}", soft_wrap=True)
    return int(now != LASTS[on])
