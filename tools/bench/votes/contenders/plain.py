"""plain: the tutorial's design.

Three functions, boto3's defaults, batches of ten, one put a vote and one counter update an aspect.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from tools.bench.votes.contenders import Design, Json, Sizing, Stage, ballots_in, check, counters, tables
from tools.simulation.aws.wire import Services

BATCH = 10


def build(services: Services, sizing: Sizing) -> Design:
    """Deploy it: tables, queues, functions."""
    tables(services)
    incoming, checked = services.queue("incoming"), services.queue("checked")
    sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")

    def receive(event: Json, _: Any) -> Json:
        ballots = ballots_in(event["body"])
        _send(sqs, incoming, ballots)
        return {"statusCode": 202, "body": json.dumps({"accepted": len(ballots)})}

    def process(event: Json, _: Any) -> None:
        _send(sqs, checked, [check(json.loads(record["body"])) for record in event["Records"]])

    def write(event: Json, _: Any) -> None:
        for record in event["Records"]:
            _count(dynamodb, json.loads(record["body"]))

    stages = [
        Stage("receive", receive, sizing.memory_mb["receive"]),
        Stage("process", process, sizing.memory_mb["process"], incoming),
        Stage("write", write, sizing.memory_mb["write"], checked),
    ]
    return sizing.design("plain", stages, lambda: counters(services))


def _send(sqs: Any, queue: str, ballots: list[Json]) -> None:
    if len(ballots) == 1:
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(ballots[0]))
        return
    for start in range(0, len(ballots), BATCH):
        entries = [
            {"Id": str(index), "MessageBody": json.dumps(ballot)}
            for index, ballot in enumerate(ballots[start : start + BATCH])
        ]
        if sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed"):
            raise RuntimeError("some ballots were not sent")


def _count(dynamodb: Any, ballot: Json) -> None:
    """Put the vote, and add one to each aspect's counter."""
    votes = ballot["votes"]
    key = {"voter_id": {"S": ballot["voter_id"]}, "title_id": {"S": ballot["title_id"]}}
    scores = {"M": {aspect: {"N": str(score)} for aspect, score in votes.items()}}
    dynamodb.put_item(TableName="votes", Item={**key, "votes": scores, "cast_at": {"S": ballot["cast_at"]}})
    for aspect, score in votes.items():
        dynamodb.update_item(
            TableName="counters",
            Key={"title_id": {"S": ballot["title_id"]}, "aspect": {"S": aspect}},
            UpdateExpression="ADD #score :one",
            ExpressionAttributeNames={"#score": f"s{score}"},
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
