"""What the smoke test of every pipeline says, line by line, and what it advises where one fails."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.console import Console

from tools.common.errors import CommandError
from tools.common.text import MOST, visible
from tools.operations.deployment import Deployment
from tools.operations.pipeline import Pipeline
from tools.operations.status import health

# what shows more, or is of messages that were before: what was tried fails of something else
NO_CURE = ("make logs", "make redrive")


def run(deployment: Deployment, console: Console, pipeline: Pipeline) -> int:
    """Try a pipeline; where it fails, say what is wrong with it and the command that cures that.

    Going back is for what began with a release: where nothing else is known to be wrong.
    """
    if not (code := pipeline.smoke(deployment, console)):
        return 0
    findings = health(deployment, pipeline).findings
    for finding in findings:
        console.print(visible(f"NOT WELL: {finding.told()}"), soft_wrap=True, highlight=False, markup=False)
    if all(not one.command or one.command.startswith(NO_CURE) for one in findings):
        known = "" if findings else f"nothing else is known to be wrong (`make logs {deployment.words}`). "
        console.print(f"{known}If it began with a release: `make rollback {deployment.words}`", soft_wrap=True)
    return code


def say_all(
    deployment: Deployment,
    console: Console,
    seen: Iterator[str],
    *,
    most: int = MOST,
) -> int:
    """Say what is `seen`, as it is seen; 1 with the reason when something is not as it should be.

    `seen` tries the pipeline as it is gone through, and raises CommandError then.
    `most`: characters of a line.
    """
    began = time.monotonic()

    def say(text: str) -> None:
        seconds = time.monotonic() - began
        console.print(f"{seconds:6.1f} s  {visible(text, most)}", soft_wrap=True, highlight=False, markup=False)

    say(f"{deployment.name}: {deployment.outputs.get('api_url', deployment.pipeline)}")
    try:
        for line in seen:
            say(line)
    except CommandError as failed:
        say(f"FAILED: {failed}")
        return 1
    say("all well")
    return 0
