"""Every call that the handlers of votes make: the rows of the matrix."""

from tools.simulation.aws.calls import Call
from tools.simulation.cells import Matrix, of_queue, table_of
from tools.simulation.votes.deployed import DEPLOYED

# Every call of every handler, in the order of the way a ballot goes. A call without a row here ends
# the history that makes it.
CALLS = (
    "receive sqs.SendMessageBatch ingest (send)",
    "receive dynamodb.GetItem keys (key)",
    "receive dynamodb.PutItem keys (found)",
    "process dynamodb.BatchGetItem catalogue (windows)",
    "process sqs.SendMessageBatch count (send)",
    "process s3.PutObject quarantine (shelve)",
    "process dynamodb.GetItem keys (key)",
    "process sqs.ChangeMessageVisibilityBatch ingest (back off)",
    "write dynamodb.GetItem journal (head)",
    "write dynamodb.PutItem journal (found)",
    "write dynamodb.Query journal (entries)",
    "write dynamodb.BatchGetItem votes (standing)",
    "write dynamodb.PutItem journal (append)",
    "write dynamodb.BatchGetItem votes (aspects)",
    "write dynamodb.BatchExecuteStatement votes (aspects)",
    "write dynamodb.BatchExecuteStatement votes (put)",
    "write dynamodb.UpdateItem journal (head)",
    "write dynamodb.GetItem keys (key)",
    "write s3.PutObject quarantine (shelve)",
    "write sqs.SendMessageBatch tick (send)",
    "write sqs.ChangeMessageVisibilityBatch count (back off)",
    "tally dynamodb.GetItem tallies (fold)",
    "tally dynamodb.PutItem tallies (found)",
    "tally dynamodb.BatchGetItem journal (heads)",
    "tally dynamodb.Query journal (entries)",
    "tally dynamodb.BatchGetItem votes (standing)",
    "tally dynamodb.UpdateItem journal (head)",
    "tally dynamodb.UpdateItem tallies (look)",
    "tally dynamodb.UpdateItem tallies (fix)",
    "tally dynamodb.UpdateItem tallies (add)",
    "tally dynamodb.UpdateItem tallies (close)",
    "tally sqs.ChangeMessageVisibilityBatch tick (back off)",
    "results dynamodb.GetItem tallies (fold)",
    "results dynamodb.GetItem tallies (title)",
    "results dynamodb.GetItem catalogue (title)",
    "probe dynamodb.GetItem votes (title)",
    "probe dynamodb.GetItem votes (aspects)",
    "probe dynamodb.GetItem tallies (fold)",
    "probe dynamodb.GetItem tallies (title)",
    "probe lambda.Invoke receive (cast)",
    "conservation lambda.GetEventSourceMapping mapping (state)",
    "conservation logs.FilterLogEvents witnesses (accepted)",
    "conservation logs.FilterLogEvents witnesses (settled)",
)
WATCHING = ("probe", "conservation")  # only some histories have these two

FOLD, ASPECTS = "#fold", "#aspects"


def label(function: str, call: Call) -> str:
    """The row of a call that `function` makes: what it does to what, and what for, as far as the
    request shows it.
    """
    params, operation = call.params, call.operation
    if call.service == "sqs":
        target, purpose = of_queue(call)
    elif call.service == "s3":
        target, purpose = "quarantine", "shelve"
    elif call.service == "logs":
        target, purpose = (
            "witnesses",
            "accepted" if params["logGroupName"] == DEPLOYED.log_group("receive") else "settled",
        )
    elif call.service == "lambda":
        target, purpose = ("receive", "cast") if operation == "Invoke" else ("mapping", "state")
    else:
        target = table_of(call).rsplit("-", 1)[-1]
        purpose = _purpose(target, operation, params)
    return f"{function} {call.service}.{operation} {target} ({purpose})"


def _purpose(table: str, operation: str, params: dict[str, object]) -> str:
    if operation == "Query":
        return "entries"
    if table == "keys":
        return "key" if operation == "GetItem" else "found"
    if table in {"votes", "catalogue"}:
        return _of_titles(table, operation, params)
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
        expression = str(params["UpdateExpression"])
        return "close" if "REMOVE" in expression else "look" if "#view" in expression else "fix"
    return "fold"


def _of_titles(table: str, operation: str, params: dict[str, object]) -> str:
    if ASPECTS in str(params):
        return "aspects"
    return {"BatchGetItem": "standing" if table == "votes" else "windows", "BatchExecuteStatement": "put"}.get(
        operation, "title"
    )


MATRIX = Matrix(CALLS, label, "tools/simulation/votes/cells.py")
