"""What a message of the receipts pipeline is, as far as one can see from its body."""

from __future__ import annotations

from typing import Any

from receipts import messages
from tools.operations import message_summary
from tools.operations.message_summary import newer
from tools.operations.pipeline import MessageSummary

OUTCOMES = {
    "delivered": "word that it stands in the database",
    "row-refused": "word that the database refuses a row",
    "standing": "count of what stands",
    "heartbeat": "heartbeat of a lane",
}


def summary_of(body: str) -> MessageSummary:
    """What the message is in words, and how many files it tells of."""
    return message_summary.summary_of(body, _known)


def _known(message: dict[str, Any]) -> MessageSummary:
    if told := newer(message, messages.VERSION):
        return MessageSummary(told, 0)
    return _of_delivery(message) or _of_reading(message) or MessageSummary("JSON of no known shape", 0)


def _of_reading(message: dict[str, Any]) -> MessageSummary | None:
    records, count = message.get("Records"), message.get("count")
    if message.get("Event") == "s3:TestEvent":
        return MessageSummary("S3's test event", 0)
    if isinstance(records, list):
        return MessageSummary("uploads, told by S3", len(records))
    if isinstance(count, int) and "first" in message:
        return MessageSummary("entries of an archive", max(0, count))
    return MessageSummary("file to be read", 1) if "file_id" in message else None


def _of_delivery(message: dict[str, Any]) -> MessageSummary | None:
    kind, keys = message.get("kind"), message.get("keys")
    if isinstance(kind, str) and kind in OUTCOMES:
        return MessageSummary(OUTCOMES[kind], 1 if "file_id" in message else 0)
    if message.get("ask") == "count":
        return MessageSummary("question what stands of a batch", len(keys) if isinstance(keys, list) else 0)
    if "lane" in message:
        return MessageSummary("tick of a lane", 0)
    return MessageSummary("what was read, to be delivered", 1) if "revision" in message else None
