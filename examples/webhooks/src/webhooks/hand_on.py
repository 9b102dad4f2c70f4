"""hand_on: gives webhooks to the system behind, in order, each once, at its pace.

The queue has one group, so that one invocation runs at a time: its rest is everybody's pace.
"""

import json
import os
import time
import urllib.request

from shared import clients, logs, queues, witness

KEPT_SECONDS = 7 * 86_400  # a webhook that comes again within so long is a repeat


def handler(event, context):
    url, done, failed, left = os.environ["HOOKS_QUEUE_URL"], [], [], []
    for record in event["Records"]:
        if failed or queues.out_of_time(context):  # in order: what follows a failure waits for it
            left.append(record)
            continue
        try:
            done.append(_hand_on(json.loads(record["body"])))
        except Exception as error:
            failed.append(record)
            queues.failed("hand-on", logs.kind_of(error), url, [record], **logs.cause_of(error))
    witness.of_environment().settled("handed-on", done)
    queues.back_off(clients.client("sqs"), url, [*failed, *left], base=1, context=context)
    return queues.failures(_ids(failed), kept=_ids(left))


def _hand_on(hook):
    table, key = {"TableName": os.environ["SEEN_TABLE"]}, {"webhook_id": {"S": hook["id"]}}
    dynamodb = clients.client("dynamodb")
    if "Item" not in dynamodb.get_item(**table, Key=key, ConsistentRead=True):
        time.sleep(1 / float(os.environ["A_SECOND"]))
        # after a crash it is handed on again: the system behind tells a repeat by its id
        headers = {"content-type": "application/json", "webhook-id": hook["id"]}
        url = os.environ["TARGET_URL"]
        request = urllib.request.Request(url, hook["body"].encode(), headers)  # noqa: S310
        urllib.request.urlopen(request, timeout=2).close()  # noqa: S310
        expires = {"N": str(int(time.time()) + KEPT_SECONDS)}
        dynamodb.put_item(**table, Item={**key, "expires": expires})
    return hook["id"]


def _ids(records):
    return [record["messageId"] for record in records]
