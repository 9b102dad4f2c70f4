"""What quarantined lines go back as: a message goes back as it was, a settled file does not.

What has become of a file stands in its batch's account, and a customer has read it there: it is
sent again as a new batch, and the same bytes are read then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import strict_json
from shared.queues import REQUEST_BYTES
from tools.operations import quarantine
from tools.operations.pipeline import MessageToSend, Unsendable

QUEUES = ("intake", "image")
NAMES = ("batch_id", "file_id", "name", "place")  # what tells one refused file from another


def messages_of(text: str) -> list[MessageToSend]:
    """The messages that an object goes back as.

    Raises Unsendable where it holds a file, or a message that is larger than one may be.
    """
    made = []
    for number, line in enumerate(quarantine.parsed(text), 1):
        body, source = line.get("body"), line.get("source")
        if "batch_id" in line:
            raise Unsendable(
                f"line {number} is a file whose batch's account says so already: its customer sends it in a new batch"
            )
        if source not in QUEUES or not isinstance(body, str):
            raise Unsendable(f"line {number} is no message of the queues {' and '.join(QUEUES)}")
        if len(body.encode()) > REQUEST_BYTES:
            raise Unsendable(f"line {number} is larger than a message may be")
        made.append(MessageToSend(source, body, number, number, 0))
    return made


def identity_of(line: Mapping[str, Any]) -> str:
    """The file or entry that was refused, or else the message."""
    if "batch_id" in line:
        return strict_json.canonical([line.get(name) for name in NAMES])
    return strict_json.canonical(line.get("body", line))
