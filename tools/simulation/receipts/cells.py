"""Every call that the handlers of receipts make: the rows of the matrix."""

from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.cells import Matrix, of_queue, table_of

# Every call of every handler, in the order of the way a file goes. A call without a row here ends
# the history that makes it.
CALLS = (
    "accept dynamodb.PutItem ledger (batch)",
    "accept dynamodb.GetItem ledger (batch)",
    "accept dynamodb.UpdateItem usage (charge)",
    "accept dynamodb.GetItem usage (day)",
    "accept dynamodb.DeleteItem ledger (batch)",
    "accept dynamodb.PutItem ledger (manifest)",
    "accept dynamodb.UpdateItem ledger (ready)",
    "split dynamodb.GetItem ledger (batch)",
    "split dynamodb.GetItem ledger (manifest)",
    "split s3.GetObject uploads (get)",
    "split dynamodb.UpdateItem usage (charge)",
    "split dynamodb.GetItem usage (day)",
    "split dynamodb.UpdateItem ledger (planned)",
    "split sqs.SendMessageBatch intake (send)",
    "split dynamodb.GetItem ledger (outcomes)",
    "split dynamodb.GetItem ledger (file)",
    "split s3.PutObject documents (image)",
    "split dynamodb.PutItem ledger (file)",
    "split sqs.SendMessageBatch image (send)",
    "split dynamodb.PutItem ledger (outcomes)",
    "split s3.PutObject quarantine (shelve)",
    "split sqs.ChangeMessageVisibilityBatch intake (back off)",
    "read dynamodb.GetItem ledger (file)",
    "read s3.GetObject documents (document)",
    "read s3.GetObject documents (image)",
    "read s3.GetObject uploads (get)",
    "read dynamodb.UpdateItem ledger (mark)",
    "read dynamodb.UpdateItem ledger (unmark)",
    "read dynamodb.UpdateItem ledger (pixels)",
    "read dynamodb.UpdateItem usage (charge)",
    "read dynamodb.GetItem usage (day)",
    "read textract.AnalyzeExpense reader (read)",
    "read dynamodb.PutItem usage (seen)",
    "read dynamodb.GetItem usage (seen)",
    "read s3.PutObject documents (document)",
    "read dynamodb.UpdateItem ledger (read)",
    "read s3.PutObject quarantine (shelve)",
    "read dynamodb.UpdateItem ledger (quarantined)",
    "read sqs.ChangeMessageVisibilityBatch image (back off)",
    "read sqs.SendMessageBatch delivery (send)",
    "read sqs.SendMessageBatch lane (send)",
    "account dynamodb.GetItem ledger (batch)",
    "account dynamodb.Query ledger (items)",
    "sweep dynamodb.Query ledger (due images)",
    "sweep dynamodb.GetItem ledger (file)",
    "sweep sqs.SendMessageBatch image (send)",
    "sweep dynamodb.UpdateItem ledger (sent again)",
    "sweep dynamodb.Query ledger (due uploads)",
    "sweep dynamodb.GetItem ledger (batch)",
    "sweep dynamodb.Query ledger (items)",
    "sweep s3.ListObjectsV2 uploads (list)",
    "sweep sqs.SendMessageBatch intake (send)",
    "sweep dynamodb.PutItem ledger (outcomes)",
    "sweep dynamodb.UpdateItem ledger (look again)",
    "sweep sqs.GetQueueAttributes delivery (depth)",
    "sweep dynamodb.Query ledger (due deliveries)",
    "sweep dynamodb.Query ledger (due reviews)",
    "sweep sqs.SendMessageBatch delivery (send)",
    "sweep sqs.SendMessageBatch lane (send)",
    "wake sqs.SendMessageBatch lane (send)",
    "deliver secretsmanager.GetSecretValue secret (get)",
    "deliver database.Connect database (port)",
    "deliver database.Ping database (port)",
    "deliver sqs.ReceiveMessage delivery (receive)",
    "deliver s3.GetObject documents (document)",
    "deliver database.Deliver database (port)",
    "deliver database.Count database (port)",
    "deliver sqs.SendMessageBatch delivered (send)",
    "deliver sqs.DeleteMessageBatch delivery (delete)",
    "deliver sqs.ChangeMessageVisibilityBatch delivery (back off)",
    "deliver sqs.ChangeMessageVisibility lane (put off)",
    "deliver sqs.SendMessageBatch lane (send)",
    "agent database.Connect database (port)",
    "agent database.Ping database (port)",
    "agent sqs.ReceiveMessage delivery (receive)",
    "agent s3.GetObject documents (document)",
    "agent database.Deliver database (port)",
    "agent database.Count database (port)",
    "agent sqs.SendMessageBatch delivered (send)",
    "agent sqs.DeleteMessageBatch delivery (delete)",
    "agent sqs.ChangeMessageVisibilityBatch delivery (back off)",
    "settle dynamodb.PutItem ledger (heartbeat)",
    "settle dynamodb.GetItem ledger (file)",
    "settle dynamodb.UpdateItem ledger (delivered)",
    "settle s3.PutObject quarantine (shelve)",
    "settle dynamodb.UpdateItem ledger (quarantined)",
    "settle dynamodb.GetItem ledger (batch)",
    "settle s3.GetObject documents (answer)",
    "settle s3.PutObject documents (answer)",
    "settle sqs.ChangeMessageVisibilityBatch delivered (back off)",
    "review dynamodb.GetItem ledger (batch)",
    "review dynamodb.Query ledger (items)",
    "review dynamodb.GetItem ledger (file)",
    "review s3.GetObject documents (document)",
    "review s3.PutObject documents (document)",
    "review dynamodb.UpdateItem ledger (closed)",
    "review sqs.SendMessageBatch delivery (send)",
    "review sqs.SendMessageBatch lane (send)",
    "report dynamodb.GetItem ledger (batch)",
    "report dynamodb.Query ledger (items)",
    "report s3.GetObject documents (answer)",
    "report dynamodb.UpdateItem ledger (asked)",
    "report sqs.SendMessageBatch delivery (send)",
    "report sqs.SendMessageBatch lane (send)",
)
WHOLE = {"textract": ("reader", "read"), "database": ("database", "port"), "secretsmanager": ("secret", "get")}
OBJECTS = {"images": "image", "results": "document", "reports": "answer"}
_KINDS = {"manifest": "manifest", "slot": "outcomes", "range": "outcomes", "file": "file"}


def label(function: str, call: Call) -> str:
    """The row of a call that `function` makes: what it does to what, and what for, as far as the
    request shows it.
    """
    params, operation = call.params, call.operation
    if call.service == "sqs":
        target, purpose = of_queue(call)
    elif call.service in WHOLE:
        target, purpose = WHOLE[call.service]
    elif call.service == "s3":
        target = params["Bucket"].rsplit("-", 2)[-2]
        purpose = _of_object(target, operation, params)
    else:
        target = table_of(call).rsplit("-", 1)[-1]
        purpose = _of_usage(operation, params) if target == "usage" else _of_ledger(operation, params)
    return f"{function} {call.service}.{operation} {target} ({purpose})"


def _of_object(target: str, operation: str, params: dict[str, Any]) -> str:
    if target == "documents":
        return OBJECTS[params["Key"].partition("/")[0]]
    return {"PutObject": "shelve", "GetObject": "get", "ListObjectsV2": "list"}.get(operation, "other")


def _of_usage(operation: str, params: dict[str, Any]) -> str:
    if operation == "UpdateItem":
        return "charge"
    key = params.get("Key") or params["Item"]
    return "seen" if key["period"]["S"].startswith("seen#") else "day"


# What is due, by the queries of the index.
DUE = {
    "": "items",
    "image": "due images",
    "upload": "due uploads",
    "delivery": "due deliveries",
    "review": "due reviews",
}


def _of_ledger(operation: str, params: dict[str, Any]) -> str:
    if operation == "Query":
        waiting: str = params["ExpressionAttributeValues"].get(":waiting", {"S": ""})["S"].partition("#")[0]
        return DUE.get(waiting, waiting)
    key = params.get("Key") or params["Item"]
    if key["batch_id"]["S"] == "#lanes":
        return "heartbeat"
    item: str = key["item"]["S"].partition("#")[0]
    if operation != "UpdateItem":
        return _KINDS.get(item, "batch")
    expression: str = params["UpdateExpression"]
    if item != "file":
        words = {":ready": "ready", ":entries": "planned", "asked_at": "asked"}
        return next((purpose for word, purpose in words.items() if word in expression), "look again")
    for said, purpose in (
        (":delivered_at", "delivered"),
        (":reviewed_at", "closed"),
        ("ADD decodes", "mark"),
        ("REMOVE decodes", "unmark"),
        (":pixels", "pixels"),
        (":reason", "quarantined"),
        (":state", "read"),
    ):
        if said in expression:
            return purpose
    return "sent again"


MATRIX = Matrix(CALLS, label, "tools/simulation/receipts/cells.py")
