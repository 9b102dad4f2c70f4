"""What may break: every call of every handler × every fault × before and after it takes effect."""

from typing import NamedTuple

from tests.faults.deployed import log_group
from tests.support.aws.calls import Call

KINDS = ("crash", "timeout", "lost", "throttle", "partial", "slow")
PHASES = ("before", "after")

# Every call of every handler, in the order of the way a ballot goes. A call without a row here ends the history that makes it.
CALLS = (
    "receive sqs.SendMessageBatch ingest (send)",
    "process dynamodb.BatchGetItem catalogue (windows)",
    "process sqs.SendMessageBatch count (send)",
    "process s3.PutObject quarantine (shelve)",
    "process sqs.ChangeMessageVisibilityBatch ingest (back off)",
    "write dynamodb.GetItem journal (head)",
    "write dynamodb.PutItem journal (found)",
    "write dynamodb.GetItem journal (entry)",
    "write dynamodb.BatchGetItem votes (standing)",
    "write dynamodb.PutItem journal (append)",
    "write dynamodb.BatchExecuteStatement votes (put)",
    "write dynamodb.UpdateItem journal (head)",
    "write s3.PutObject quarantine (shelve)",
    "write sqs.SendMessageBatch tick (send)",
    "write sqs.ChangeMessageVisibilityBatch count (back off)",
    "tally dynamodb.GetItem tallies (fold)",
    "tally dynamodb.PutItem tallies (found)",
    "tally dynamodb.BatchGetItem journal (heads)",
    "tally dynamodb.Query journal (entries)",
    "tally dynamodb.UpdateItem tallies (fix)",
    "tally dynamodb.UpdateItem tallies (add)",
    "tally dynamodb.UpdateItem tallies (close)",
    "tally sqs.ChangeMessageVisibilityBatch tick (back off)",
    "results dynamodb.GetItem tallies (fold)",
    "results dynamodb.GetItem tallies (title)",
    "results dynamodb.GetItem catalogue (title)",
    "probe dynamodb.GetItem votes (title)",
    "probe dynamodb.GetItem tallies (fold)",
    "probe dynamodb.GetItem tallies (title)",
    "probe lambda.Invoke receive (cast)",
    "conservation lambda.GetEventSourceMapping mapping (state)",
    "conservation logs.FilterLogEvents witnesses (accepted)",
    "conservation logs.FilterLogEvents witnesses (settled)",
)
WATCHING = ("probe", "conservation")  # only some histories have these two

WRITING_BATCHES = {"SendMessageBatch", "ChangeMessageVisibilityBatch", "BatchExecuteStatement"}
FOLD = "#fold"


class Cell(NamedTuple):
    """One fault at one call, before or after its effect."""

    call: str
    kind: str
    phase: str


def possible(call: str, kind: str, phase: str) -> bool:
    """Whether the cell can be: nothing is throttled after its effect, and only batches fail in part (a read has no effect to hide)."""
    operation = call.split(".")[1].split(" ")[0]
    if kind == "throttle":
        return phase == "before"
    if kind == "partial":
        return operation in WRITING_BATCHES or (operation == "BatchGetItem" and phase == "before")
    return True


CELLS = tuple(Cell(call, kind, phase) for call in CALLS for kind in KINDS for phase in PHASES if possible(call, kind, phase))


def label(function: str, call: Call) -> str:
    """The row of a call that `function` makes: what it does to what, and what for, as far as the request shows it."""
    params, operation = call.params, call.operation
    if call.service == "sqs":
        queue = params["QueueUrl"].rsplit("-", 1)[-1].removesuffix(".fifo")
        target, purpose = queue, "send" if operation == "SendMessageBatch" else "back off"
    elif call.service == "s3":
        target, purpose = "quarantine", "shelve"
    elif call.service == "logs":
        target, purpose = "witnesses", "accepted" if params["logGroupName"] == log_group("receive") else "settled"
    elif call.service == "lambda":
        target, purpose = ("receive", "cast") if operation == "Invoke" else ("mapping", "state")
    else:
        table = _table(call)
        target = table.rsplit("-", 1)[-1]
        purpose = _purpose(target, operation, params)
    return f"{function} {call.service}.{operation} {target} ({purpose})"


def _table(call: Call) -> str:
    if "TableName" in call.params:
        return str(call.params["TableName"])
    if "RequestItems" in call.params:
        return str(next(iter(call.params["RequestItems"])))
    if "Statements" in call.params:
        return str(call.params["Statements"][0]["Statement"].split('"')[1])
    return "?"


def _purpose(table: str, operation: str, params: dict[str, object]) -> str:
    if operation == "Query":
        return "entries"
    if table in {"votes", "catalogue"}:
        return {"BatchGetItem": "standing" if table == "votes" else "windows", "BatchExecuteStatement": "put"}.get(operation, "title")
    key: dict[str, dict[str, str]] = params.get("Key") or params.get("Item") or {}  # type: ignore[assignment]
    if table not in {"journal", "tallies"} or not (key or operation == "BatchGetItem"):
        return "other"
    if table == "journal":
        if operation == "BatchGetItem":
            return "heads"
        at_head = key["n"]["N"] == "0"
        return ("found" if at_head else "append") if operation == "PutItem" else ("head" if at_head else "entry")
    if operation == "PutItem":
        return "found"
    if key["title_id"]["S"] != FOLD:
        return "add" if operation == "UpdateItem" else "title"
    if operation == "UpdateItem":
        return "close" if "REMOVE" in str(params["UpdateExpression"]) else "fix"
    return "fold"
