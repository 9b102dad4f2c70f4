"""enter: puts orders into the book. The four obligations of a function behind a queue."""

import json
import os

from shared import clients, dynamo, logs, queues, witness


def handler(event, context):
    url, entered, failed, left = os.environ["ORDERS_QUEUE_URL"], [], [], []
    for record in event["Records"]:
        if queues.out_of_time(context):  # 1. an early stop: what is not begun goes back
            left.append(record)
            continue
        try:
            entered.append(_enter(json.loads(record["body"])))
        except Exception as error:
            failed.append(record)
            queues.failed("enter", logs.kind_of(error), url, [record], **logs.cause_of(error))
    witness.of_environment().settled("entered", entered)  # 2. a measure of what was accepted
    queues.back_off(clients.client("sqs"), url, failed, base=1, context=context)
    return queues.failures(_ids(failed), kept=_ids(left))  # 3. partial failures, counted


def _enter(order):
    item = {"order_id": {"S": order["order_id"]}, "item": {"S": order["item"]}}
    book, unless = os.environ["BOOK_TABLE"], "attribute_not_exists(order_id)"  # 4. once, however often it comes
    dynamo.unless_refused(clients.client("dynamodb").put_item, TableName=book, Item=item, ConditionExpression=unless)
    return order["order_id"]


def _ids(records):
    return [record["messageId"] for record in records]
