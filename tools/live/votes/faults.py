"""What the page can break of votes."""

from __future__ import annotations

from tools.live.local.breaking import Breaking
from tools.live.local.faults import Fault

THROTTLED = {"code": "ProvisionedThroughputExceededException"}
UNAVAILABLE = {"code": "ServiceUnavailable", "status": 503}
SHARE = 0.6


def faults(breaking: Breaking) -> list[Fault]:
    """Kill a writer, throttle the tables, cut what process sends."""
    tables, queues = breaking.place.deployment.outputs["tables"], breaking.place.queues
    throttle = [
        {"service": "dynamodb", "operation": operation, "resource": table, "probability": SHARE, "error": THROTTLED}
        for operation, table in (("PutItem", tables["journal"]), ("UpdateItem", tables["journal"]))
    ]
    throttle.append(
        {"service": "dynamodb", "operation": "BatchExecuteStatement", "probability": SHARE, "error": THROTTLED}
    )
    to_count = f"contains(QueueUrl, '{queues['count']['name']}')"  # of SQS the proxy knows no resource
    cut = [
        {"service": "sqs", "operation": operation, "body": to_count, "error": UNAVAILABLE}
        for operation in ("SendMessage", "SendMessageBatch")
    ]
    return [
        breaking.kill(
            "write",
            "kill a writer",
            "A worker process dies in the middle of its work: its messages come again when their visibility timeout "
            "is over, the count queue grows meanwhile, nothing is lost and nothing counted twice.",
        ),
        *breaking.rules(
            "throttle",
            f"throttle the tables, {SHARE:.0%}",
            "Most writes are refused: writers try again and give messages back, the count queue grows, and drains "
            "when it is over.",
            throttle,
        ),
        *breaking.rules(
            "cut",
            "cut what process sends",
            "Process cannot send: what it took comes again, the ingest queue grows and receive goes on taking ballots; "
            "it drains when it is over.",
            cut,
        ),
    ]
