"""What a person asked a redrive for, and the question before anything is changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console

from tools.common.confirm import confirmed
from tools.operations.deployment import Deployment

MOST_LISTED = 100  # messages that a dry run lists
MOST_LINE = 1_000  # characters


@dataclass(frozen=True)
class Options:
    """What a person asked for.

    `rate`: messages a second; `reason`: which of them, all where it is empty; `quarantine`: put
    dead letters away instead of sending them back.
    """

    queue: str
    reason: str = ""
    most: int = 1_000
    rate: float = 50.0
    confirm: bool = False
    dry_run: bool = False
    quarantine: bool = False


def say(console: Console, text: str) -> None:
    """Print a stranger's text, or what a person types, as it is: no line is broken."""
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def preview(console: Console, lines: Sequence[str], count: int) -> None:
    """List some of so many."""
    for line in lines[:MOST_LISTED]:
        say(console, f"  {line}")
    if count > (listed := min(len(lines), MOST_LISTED)):
        say(console, f"  … and {count - listed} more")


def agreed(deployment: Deployment, console: Console, options: Options, show: Callable[[], None]) -> bool:
    """Whether to go on.

    What would be done is listed where that is asked for, or nobody could be asked.
    """
    what = "be put away in quarantine" if options.quarantine else "go back"
    if options.dry_run or not (options.confirm or sys.stdin.isatty()):
        console.print(f"this would {what}, at most {options.rate:g} messages a second:")
        show()
    if options.dry_run:
        console.print("nothing was changed: it was a dry run")
        return False
    command = f"redrive {deployment.words} QUEUE={options.queue}"
    command += f" REASON={options.reason}" if options.reason else ""
    command += " QUARANTINE=yes" if options.quarantine else ""
    question = "Put them away?" if options.quarantine else "Send them back?"
    return confirmed(console, question, command, confirm=options.confirm)
