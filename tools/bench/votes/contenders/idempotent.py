"""idempotent: what a careful team does today.

Powertools' resolver, batch processor and idempotency records (one a ballot), and a transaction of
the vote and its counters. Sends go in batches of ten, and the ingest queue's batches are as large
as Sluice's.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

from tools.bench.votes.contenders import Design, Handler, Json, Sizing, Stage, ballots_in, check, counters, tables
from tools.simulation.aws.pollers import Mapping
from tools.simulation.aws.wire import Services

SENDS, WRITES = 10, 100


def build(services: Services, sizing: Sizing, *, one_row: bool = False) -> Design:
    """Deploy it.

    `one_row`: a title's counters are one row, which saves two of three counter writes and lets all
    its voters conflict.
    """
    tables(services)
    services.dynamodb.create_table("idempotency", ("id", "S"))
    incoming, checked = services.queue("incoming"), services.queue("checked")
    sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")

    def restart() -> None:
        """Six timeouts on, what a dead worker had begun may be begun again."""
        for item in services.dynamodb.tables["idempotency"].items.values():
            if item["status"] == {"S": "INPROGRESS"}:
                item["in_progress_expiration"] = {"N": "0"}

    stages = [
        Stage("receive", _receive(sqs, incoming), sizing.memory_mb["receive"]),
        Stage("process", _process(sqs, checked), sizing.memory_mb["process"], incoming, sizing.mappings["process"]),
        Stage("write", _write(dynamodb, one_row), sizing.memory_mb["write"], checked, Mapping(WRITES, 1)),
    ]
    return sizing.design(
        "idempotent, a row a title" if one_row else "idempotent",
        stages,
        lambda: counters(services),
        restart=restart,
        expire_days={"idempotency": 1},
    )


def _send(sqs: Any, queue: str, bodies: list[str]) -> None:
    for start in range(0, len(bodies), SENDS):
        entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies[start : start + SENDS])]
        if sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed"):
            raise RuntimeError("some ballots were not sent")


def _receive(sqs: Any, queue: str) -> Handler:
    app = APIGatewayHttpResolver()

    @app.post("/v1/ballots")
    def post() -> Response[str]:
        ballots = ballots_in(app.current_event.body or "")
        _send(sqs, queue, [json.dumps(check(ballot)) for ballot in ballots])
        return Response(202, "application/json", json.dumps({"accepted": len(ballots)}))

    return app.resolve


def _process(sqs: Any, queue: str) -> Handler:
    processor = BatchProcessor(EventType.SQS)

    def handler(event: Json, context: Any) -> Any:
        outgoing: list[str] = []

        def one(record: SQSRecord) -> None:
            outgoing.append(json.dumps(check(record.json_body)))

        answer = process_partial_response(event, one, processor, context)
        _send(sqs, queue, outgoing)
        return answer

    return handler


def _write(dynamodb: Any, one_row: bool) -> Handler:
    processor = BatchProcessor(EventType.SQS)
    layer = DynamoDBPersistenceLayer("idempotency", boto3_client=dynamodb)
    config = IdempotencyConfig(event_key_jmespath="ballot_id", expires_after_seconds=86_400)

    def count(ballot: Json) -> None:
        _count(dynamodb, ballot, one_row)

    once: Any = idempotent_function(count, data_keyword_argument="ballot", persistence_store=layer, config=config)

    def one(record: SQSRecord) -> None:
        once(ballot=record.json_body)

    def handler(event: Json, context: Any) -> Any:
        config.register_lambda_context(context)
        return process_partial_response(event, one, processor, context)

    return handler


def _count(dynamodb: Any, ballot: Json, one_row: bool) -> None:
    """Put the vote and take it over into the counters, all or nothing; a later vote that is there
    already stays.
    """
    key = {"voter_id": {"S": ballot["voter_id"]}, "title_id": {"S": ballot["title_id"]}}
    before = dynamodb.get_item(TableName="votes", Key=key, ConsistentRead=True).get("Item", {})
    if before and before["cast_at"]["S"] >= ballot["cast_at"]:
        return
    votes = ballot["votes"]
    vote = {
        "TableName": "votes",
        "Item": {
            **before,
            **key,
            **{aspect: {"N": str(score)} for aspect, score in votes.items()},
            "cast_at": {"S": ballot["cast_at"]},
        },
        "ConditionExpression": "cast_at = :before" if before else "attribute_not_exists(cast_at)",
    }
    if before:
        vote["ExpressionAttributeValues"] = {":before": before["cast_at"]}
    changes = {aspect: (str(score), before.get(aspect, {}).get("N")) for aspect, score in votes.items()}
    rows: dict[str, list[tuple[str, str]]] = {}
    for aspect, (now, then) in changes.items():
        if now == then:
            continue
        row, prefix = ("all", f"{aspect}#") if one_row else (aspect, "s")
        rows.setdefault(row, []).append((prefix + now, "1"))
        if then:
            rows[row].append((prefix + then, "-1"))
    updates = [{"Update": _added(ballot["title_id"], row, counts)} for row, counts in rows.items()]
    dynamodb.transact_write_items(TransactItems=[{"Put": vote}, *updates])


def _added(title: str, row: str, counts: list[tuple[str, str]]) -> Json:
    return {
        "TableName": "counters",
        "Key": {"title_id": {"S": title}, "aspect": {"S": row}},
        "UpdateExpression": "ADD " + ", ".join(f"#{index} :{index}" for index in range(len(counts))),
        "ExpressionAttributeNames": {f"#{index}": name for index, (name, _) in enumerate(counts)},
        "ExpressionAttributeValues": {f":{index}": {"N": n} for index, (_, n) in enumerate(counts)},
    }
