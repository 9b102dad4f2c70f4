"""receive: a webhook is accepted once its signature is right and the queue has it.

Signed as standardwebhooks.com says: HMAC-SHA256 of "id.timestamp.body".
"""

import base64
import hmac
import json
import os
import time
from functools import cache
from hashlib import sha256

from shared import clients, http, keys, queues, witness

NOT_TAKEN = http.HttpError(503, "unavailable", "it was not taken: send it again")
TOLERANCE_SECONDS = 300  # a signature is good for so long: nobody can send an old one again


def handler(event, context):  # noqa: ARG001
    return http.answered("receive", lambda: _receive(event), (), NOT_TAKEN)


def _receive(event):
    given, body = event["headers"], http.json_text(event, 200_000, "send a smaller one")
    name = given.get("webhook-id", "")
    if not name or not _is_signed(name, given.get("webhook-timestamp", ""), body, given.get("webhook-signature", "")):
        raise http.HttpError(401, "not-signed", "its signature is not right")
    witness.of_environment(makes=True).prepare()  # before anybody can settle it
    text, repeat = json.dumps({"id": name, "body": body}), sha256(name.encode()).hexdigest()
    message = queues.OutgoingMessage(text, group="all", deduplication_id=repeat)
    if queues.send_all(clients.client("sqs"), os.environ["HOOKS_QUEUE_URL"], [message]):
        raise NOT_TAKEN
    witness.of_environment(makes=True).accepted([name])
    return http.reply(202, {"accepted": name})


def _is_signed(name, sent_at, body, signatures):
    secret = _secret().get()
    if secret is None or not sent_at.isdigit() or abs(time.time() - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    digest = hmac.new(secret, f"{name}.{sent_at}.{body}".encode(), sha256).digest()
    right = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in signatures.split())


@cache
def _secret():
    return keys.Key(clients.client("dynamodb"), os.environ["KEYS_TABLE"], "webhooks")
