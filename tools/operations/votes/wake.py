"""Wakes the tally after a person changed the journal."""

from __future__ import annotations

import time

from shared import queues
from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from votes import messages


def wake_tally(deployment: Deployment) -> None:
    """Send a tick, as write does after an append.

    What a person has appended is in the titles' rows when the slot is over.
    """
    slot = int(time.time()) // int(deployment.outputs["settings"]["slot_seconds"])
    ticks = [messages.tick(slot, titles=True)]
    if queues.send_all(deployment.client("sqs"), deployment.outputs["queues"]["tick"]["url"], ticks):
        raise CommandError(
            "the tick was not sent, the line above says why; the schedule wakes tally within five minutes all the same"
        )
