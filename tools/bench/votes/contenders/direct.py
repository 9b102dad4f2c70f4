"""direct: the cheapest public pattern.

The API puts the body on the queue itself; one worker takes a hundred messages, puts each ballot on
condition that no later one is there, and adds to the counters afterwards, once a counter.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.bench.votes.contenders import Design, Json, Sizing, Stage, ballots_in, check, counters, tables
from tools.simulation.aws.pollers import Mapping
from tools.simulation.aws.wire import Services

BATCH = 100
# SQS's, which the API passes on
ANSWER = (
    '<?xml version="1.0"?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">'
    f"<SendMessageResult><MessageId>{'0' * 36}</MessageId><MD5OfMessageBody>{'0' * 32}</MD5OfMessageBody>"
    f"</SendMessageResult><ResponseMetadata><RequestId>{'0' * 36}</RequestId></ResponseMetadata>"
    "</SendMessageResponse>"
)


def build(services: Services, sizing: Sizing) -> Design:
    """Deploy it: tables, queue, function."""
    tables(services)
    queue = services.queue("ballots")
    dynamodb = boto3.client("dynamodb")

    def worker(event: Json, _: Any) -> None:
        added: dict[str, Counter[str]] = {}
        for record in event["Records"]:
            for ballot in ballots_in(record["body"]):
                before = _put(dynamodb, check(ballot))
                if before is not None:
                    _change(added.setdefault(ballot["title_id"], Counter()), ballot["votes"], before)
        for title, counts in added.items():
            if changed := [(name, n) for name, n in counts.items() if n]:
                _add(dynamodb, title, changed)

    stages = [Stage("worker", worker, sizing.memory_mb["write"], queue, Mapping(BATCH, 1))]
    return sizing.design("direct", stages, lambda: counters(services), api_queue=queue, api_answer=ANSWER)


def _put(dynamodb: Any, ballot: Json) -> Json | None:
    """Put the ballot over the voter's vote; what that was (nothing: {}), None when a later or the
    same one is there.
    """
    sets = ", ".join(f"#{index} = :{index}" for index in range(len(ballot["votes"])))
    try:
        answer = dynamodb.update_item(
            TableName="votes",
            Key={"voter_id": {"S": ballot["voter_id"]}, "title_id": {"S": ballot["title_id"]}},
            UpdateExpression=f"SET cast_at = :at, {sets}",
            ConditionExpression="attribute_not_exists(cast_at) OR cast_at < :at",
            ExpressionAttributeNames={f"#{index}": aspect for index, aspect in enumerate(ballot["votes"])},
            ExpressionAttributeValues={
                ":at": {"S": ballot["cast_at"]},
                **{f":{index}": {"N": str(score)} for index, score in enumerate(ballot["votes"].values())},
            },
            ReturnValues="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return None
    before: Json = answer.get("Attributes", {})
    return before


def _change(counts: Counter[str], votes: dict[str, int], before: Json) -> None:
    for aspect, score in votes.items():
        counts[f"{aspect}#{score}"] += 1
        if aspect in before:
            counts[f"{aspect}#{before[aspect]['N']}"] -= 1


def _add(dynamodb: Any, title: str, changed: list[tuple[str, int]]) -> None:
    dynamodb.update_item(
        TableName="counters",
        Key={"title_id": {"S": title}, "aspect": {"S": "all"}},
        UpdateExpression="ADD " + ", ".join(f"#{index} :{index}" for index in range(len(changed))),
        ExpressionAttributeNames={f"#{index}": name for index, (name, _) in enumerate(changed)},
        ExpressionAttributeValues={f":{index}": {"N": str(n)} for index, (_, n) in enumerate(changed)},
    )
