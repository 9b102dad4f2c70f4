"""Every call of a service that the handlers of harvest make: the rows of the matrix."""

from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.cells import Matrix, of_queue, table_of

# Every call of every handler. A call without a row here ends the history that makes it.
CALLS = (
    "start dynamodb.BatchWriteItem ledger (children)",
    "start dynamodb.GetItem accounts (account)",
    "start dynamodb.GetItem ledger (name)",
    "start dynamodb.GetItem ledger (run)",
    "start dynamodb.PutItem ledger (group)",
    "start dynamodb.PutItem ledger (name)",
    "start dynamodb.PutItem ledger (root)",
    "start dynamodb.PutItem ledger (run)",
    "start dynamodb.UpdateItem accounts (add run)",
    "start dynamodb.UpdateItem accounts (found)",
    "start dynamodb.UpdateItem accounts (ask)",
    "start dynamodb.UpdateItem ledger (roots)",
    "start sqs.SendMessageBatch turn (send)",
    "pace dynamodb.BatchGetItem ledger (look)",
    "pace dynamodb.BatchGetItem ledger (parcels)",
    "pace dynamodb.BatchWriteItem ledger (children)",
    "pace dynamodb.GetItem accounts (account)",
    "pace dynamodb.GetItem ledger (run)",
    "pace dynamodb.Query ledger (rows)",
    "pace dynamodb.UpdateItem accounts (grant)",
    "pace dynamodb.UpdateItem accounts (remove run)",
    "pace dynamodb.UpdateItem accounts (rest)",
    "pace dynamodb.UpdateItem accounts (turn)",
    "pace dynamodb.UpdateItem ledger (adopt)",
    "pace dynamodb.UpdateItem ledger (commit)",
    "pace dynamodb.UpdateItem ledger (complete)",
    "pace dynamodb.UpdateItem ledger (counts)",
    "pace dynamodb.UpdateItem ledger (state)",
    "pace s3.PutObject quarantine (shelve)",
    "pace sqs.SendMessageBatch parcel (send)",
    "pace sqs.SendMessageBatch store (send)",
    "pace sqs.SendMessageBatch turn (send)",
    "work dynamodb.BatchGetItem ledger (parcels)",
    "work dynamodb.BatchWriteItem ledger (children)",
    "work dynamodb.GetItem accounts (account)",
    "work dynamodb.GetItem ledger (run)",
    "work dynamodb.PutItem ledger (group)",
    "work dynamodb.UpdateItem accounts (refuse)",
    "work dynamodb.UpdateItem accounts (throttles)",
    "work dynamodb.UpdateItem accounts (token answered)",
    "work dynamodb.UpdateItem accounts (token dead)",
    "work dynamodb.UpdateItem accounts (token lock)",
    "work dynamodb.UpdateItem accounts (token)",
    "work dynamodb.UpdateItem ledger (claim)",
    "work dynamodb.UpdateItem ledger (commit)",
    "work dynamodb.UpdateItem ledger (state)",
    "work s3.PutObject quarantine (shelve)",
    "work s3.PutObject results (answers)",
    "work secretsmanager.GetSecretValue vendor (secret)",
    "work secretsmanager.PutSecretValue vendor (secret)",
    "work sqs.SendMessageBatch turn (send)",
    "store dynamodb.BatchGetItem ledger (parcels)",
    "store dynamodb.GetItem ledger (run)",
    "store dynamodb.UpdateItem ledger (stored)",
    "store s3.GetObject results (answers)",
    "store s3.GetObject results (manifest)",
    "store s3.GetObject results (run)",
    "store s3.GetObject results (shapes)",
    "store s3.PutObject results (manifest)",
    "store s3.PutObject results (part)",
    "store s3.PutObject results (run)",
    "store s3.PutObject results (shapes)",
    "store sqs.ChangeMessageVisibilityBatch store (back off)",
    "runs dynamodb.GetItem accounts (account)",
    "runs dynamodb.GetItem ledger (run)",
    "runs dynamodb.UpdateItem accounts (ask)",
    "runs dynamodb.UpdateItem accounts (stop)",
    "runs dynamodb.UpdateItem ledger (rate)",
    "runs dynamodb.UpdateItem ledger (state)",
    "runs sqs.SendMessageBatch turn (send)",
)

OBJECTS = {
    "parcels": "answers",
    "data": "part",
    "manifests": "manifest",
    "runs": "run",
    "shapes": "shapes",
    "quarantine": "shelve",
}
# what a write of a run's own row, a parcel's or the account's is for, by what is in its expression;
# the first that fits
RUN = (
    ("#stored", "stored"),
    ("roots = :more", "roots"),
    ("#state = :over", "complete"),
    ("#state", "state"),
    ("counts", "counts"),
    ("rate", "rate"),
    ("turn = :turn", "adopt"),
)
PARCEL = (("#stored", "stored"), ("tries", "claim"), ("#state = :state", "commit"))
ACCOUNT = (
    ("token_lock = :until", "token lock"),
    ("token_generation", "token"),
    ("token_answered", "token answered"),
    ("token_dead", "token dead"),
    ("if_not_exists(runs", "found"),
    ("REMOVE runs", "remove run"),
    ("runs.#run", "add run"),
    ("turn = :next", "turn"),
    ("asleep = :asleep", "rest"),
    ("granted", "grant"),
    ("#until", "refuse"),
    ("ADD stops", "stop"),
    ("ADD asked", "ask"),
    ("ADD throttles", "throttles"),
)


def label(function: str, call: Call) -> str:
    """The row of a call that `function` makes: what it does to what, and what for, as far as the
    request shows it.
    """
    params, operation = call.params, call.operation
    if call.service == "sqs":
        target, purpose = of_queue(call)
    elif call.service == "s3":
        target = params["Bucket"].rsplit("-", 2)[-2]
        purpose = OBJECTS.get(params["Key"].partition("/")[0], "other")
    elif call.service == "secretsmanager":
        target, purpose = "vendor", "secret"
    else:
        target = table_of(call).rsplit("-", 1)[-1]
        purpose = _of_account(params) if target == "accounts" else _of_ledger(operation, params)
    return f"{function} {call.service}.{operation} {target} ({purpose})"


def _of_account(params: dict[str, Any]) -> str:
    return _first(ACCOUNT, params["UpdateExpression"]) if "UpdateExpression" in params else "account"


def _of_ledger(operation: str, params: dict[str, Any]) -> str:
    if operation == "Query":
        return "rows"
    if operation == "BatchWriteItem":
        return "children"
    if operation == "BatchGetItem":
        keys = next(iter(params["RequestItems"].values()))["Keys"]
        return "look" if any(key["item"]["S"] == "#run" for key in keys) else "parcels"
    key = params.get("Key") or params["Item"]
    if key["run_id"]["S"].startswith("name#"):
        return "name"
    item = key["item"]["S"]
    if operation == "UpdateItem":
        return _first(RUN if item == "#run" else PARCEL, params["UpdateExpression"])
    return "run" if item == "#run" else "root" if item.startswith("parcel#root-") else "group"


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((purpose for part, purpose in known if part in text), "other")


MATRIX = Matrix(CALLS, label, "tools/simulation/harvest/cells.py")
