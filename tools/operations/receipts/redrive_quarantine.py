"""What quarantined lines go back as.

A message goes back as it was; what the database refused, as a pointer for the lanes. A file that
cannot be read does not: that stands in its batch's account, and a customer has read it there, so it
is sent again as a new batch, and the same bytes are read then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from receipts.deliveries import Deliveries
from receipts.delivery import messages
from receipts.delivery.messages import Delivery
from receipts.settled import SOURCE
from shared import clock, strict_json
from shared.queues import REQUEST_BYTES
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.pipeline import MessageToSend, Unsendable
from tools.operations.receipts.ledger_rows import ledger

QUEUES = ("intake", "image", "delivered")
LANES = "delivery"  # the queue that they ask
NAMES = ("batch_id", "file_id", "revision", "receipt", "name", "place")  # what tells one from another


def messages_of(text: str) -> list[MessageToSend]:
    """The messages that an object goes back as.

    Raises Unsendable where it holds a file, or a message that is larger than one may be.
    """
    made = []
    for number, line in enumerate(quarantine.parsed(text), 1):
        body, source = line.get("body"), line.get("source")
        if (fact := _fact(line)) is not None:
            made.append(MessageToSend(LANES, messages.encode(fact), number, number, 1))
            continue
        if "batch_id" in line:
            raise Unsendable(
                f"line {number} is a file whose batch's account says so already: its customer sends it in a new batch"
            )
        if source not in QUEUES or not isinstance(body, str):
            raise Unsendable(f"line {number} is no message of the queues {', '.join(QUEUES)}")
        if len(body.encode()) > REQUEST_BYTES:
            raise Unsendable(f"line {number} is larger than a message may be")
        made.append(MessageToSend(source, body, number, number, 0))
    return made


def identity_of(line: Mapping[str, Any]) -> str:
    """The file or entry that was refused, or else the message."""
    if "batch_id" in line:
        return strict_json.canonical([line.get(name) for name in NAMES])
    return strict_json.canonical(line.get("body", line))


def before_redrive(deployment: Deployment, text: str) -> None:
    """Let the ledger wait again for what the database refused, so that no queue can lose it."""
    there = ledger(deployment)
    deliveries = Deliveries(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"])
    for line in quarantine.parsed(text):
        fact = _fact(line)
        row = there.file(fact.batch_id, fact.file_id) if fact else None
        if row is not None:
            deliveries.try_again(row, clock.now_us())


def _fact(line: Mapping[str, Any]) -> Delivery | None:
    """What a lane is to deliver again, by a line that says why it was refused."""
    if line.get("source") != SOURCE:
        return None
    named = {name: line.get(name) for name in ("batch_id", "customer_id", "file_id", "revision")}
    try:
        return Delivery.model_validate(named)
    except ValidationError:
        return None
