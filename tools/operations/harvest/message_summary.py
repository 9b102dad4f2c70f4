"""What a message of the harvest pipeline is, as far as one can see from its body."""

from __future__ import annotations

from typing import Any

from harvest import messages
from tools.operations import message_summary
from tools.operations.message_summary import newer
from tools.operations.pipeline import MessageSummary


def summary_of(body: str) -> MessageSummary:
    """What the message is in words, and how many tasks it lets out."""
    return message_summary.summary_of(body, _known)


def _known(message: dict[str, Any]) -> MessageSummary:
    slots = message.get("slots")
    return MessageSummary(_kind(message), len(slots) if isinstance(slots, list) else 0)


def _kind(message: dict[str, Any]) -> str:
    if told := newer(message, messages.VERSION):
        return told
    if "slots" in message:
        return f"parcel of run {message.get('run_id')} (its slots are over: the pacer lets it out again)"
    if "turn" in message:
        return f"turn {message['turn']} of account {message.get('account')} (the next minute wakes another)"
    if "group" in message:
        return f"group {message['group']!r} of run {message.get('run_id')} to merge"
    return "JSON of no known shape"
