"""What a message of the votes pipeline is, as far as one can see from its body."""

from __future__ import annotations

from typing import Any

from tools.operations import message_summary
from tools.operations.message_summary import newer
from tools.operations.pipeline import MessageSummary
from votes import messages

WITH_BALLOTS = ("ingest", "count")  # the queues whose messages hold ballots


def summary_of(body: str) -> MessageSummary:
    """What the message is in words, and how many ballots it holds."""
    return message_summary.summary_of(body, _known)


def _known(message: dict[str, Any]) -> MessageSummary:
    ballots = message.get("ballots")
    count = len(ballots) if isinstance(ballots, list) else int("voter_id" in message)
    return MessageSummary(_kind(message), count)


def _kind(message: dict[str, Any]) -> str:
    if told := newer(message, messages.VERSION):
        return told
    if "slot" in message:
        return "tick"
    if isinstance(message.get("ballots"), list):
        return "ballots to count" if "shard" in message else "ballots as received"
    return "ballot put on the queue by hand" if "voter_id" in message else "JSON of no known shape"
