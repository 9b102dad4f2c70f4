"""Waiting until the votes pipeline has counted all that was sent."""

from __future__ import annotations

from collections.abc import Callable

from tools.operations.deployment import Deployment
from tools.operations.votes.progress import progress
from tools.traffic.drain import Left, until_drained


def until_counted(
    deployment: Deployment,
    depths: Callable[[], dict[str, int]],
    *,
    bound: float = 180.0,
    on_look: Callable[[dict[str, int], int], None] = lambda *_: None,
    dead_letters: bool = False,
) -> None:
    """Wait until the queues are empty and every journal entry is folded.

    Raises CommandError as `until_drained` does.
    """
    dynamodb = deployment.client("dynamodb")

    def left() -> Left:
        done = progress(deployment, dynamodb)
        behind = f"{done.behind} journal entries that no epoch has folded"
        return Left(
            done.behind, done.behind == 0 and not done.open, behind if done.behind else "an epoch is still open"
        )

    until_drained(deployment, depths, left, bound=bound, on_look=on_look, dead_letters=dead_letters)
