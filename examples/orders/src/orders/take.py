"""take: an order is accepted once the queue has it, and not before."""

import json
import os

from shared import clients, http, queues, witness

NOT_TAKEN = http.HttpError(503, "unavailable", "it was not taken: send it again")


def handler(event, context):  # noqa: ARG001
    return http.answered("take", lambda: _take(event), (), NOT_TAKEN)


def _take(event):
    try:
        order = json.loads(http.json_text(event, 100_000, "send one order"))
        order_id = str(order["order_id"])
    except (ValueError, TypeError, KeyError):
        raise http.HttpError(400, "no-order", "an order is JSON with an order_id") from None
    witness.of_environment(makes=True).prepare()  # before anybody can settle it
    message = queues.OutgoingMessage(json.dumps(order))
    if queues.send_all(clients.client("sqs"), os.environ["ORDERS_QUEUE_URL"], [message]):
        raise NOT_TAKEN
    witness.of_environment(makes=True).accepted([order_id])
    return http.reply(202, {"accepted": order_id})
