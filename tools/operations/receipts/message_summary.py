"""What a message of the receipts pipeline is, as far as one can see from its body."""

from __future__ import annotations

from typing import Any

from receipts import messages
from tools.operations import message_summary
from tools.operations.message_summary import newer
from tools.operations.pipeline import MessageSummary


def summary_of(body: str) -> MessageSummary:
    """What the message is in words, and how many files it tells of."""
    return message_summary.summary_of(body, _known)


def _known(message: dict[str, Any]) -> MessageSummary:
    records, count = message.get("Records"), message.get("count")
    if told := newer(message, messages.VERSION):
        return MessageSummary(told, 0)
    if message.get("Event") == "s3:TestEvent":
        return MessageSummary("S3's test event", 0)
    if isinstance(records, list):
        return MessageSummary("uploads, told by S3", len(records))
    if isinstance(count, int) and "first" in message:
        return MessageSummary("entries of an archive", max(0, count))
    if "file_id" in message:
        return MessageSummary("file to be read", 1)
    return MessageSummary("JSON of no known shape", 0)
