"""What a message is, as far as every pipeline can see from its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared import strict_json
from tools.operations.pipeline import MessageSummary

NEWER = "newer than this code knows"


def summary_of(body: str, known: Callable[[dict[str, Any]], MessageSummary]) -> MessageSummary:
    """A message in words, and how many items it holds: an object by what a pipeline has `known`."""
    try:
        message = strict_json.loads(body)
    except ValueError:  # nested too deep, too: what a function does not read is none to it
        return MessageSummary("not JSON", 0)
    return known(message) if isinstance(message, dict) else MessageSummary("JSON, but no message", 0)


def newer(message: Mapping[str, Any], newest: int) -> str | None:
    """What to say of a message of a version past the `newest` known here; None of any other."""
    version = message.get("v")
    if isinstance(version, int) and version > newest:
        return f"message of version {version}, {NEWER} (deploy first, then redrive)"
    return None


def is_newer(summary: MessageSummary) -> bool:
    """Whether a message is of a later release: here it fails again, however often it goes back."""
    return NEWER in summary.kind
