"""What stands in the database and what is said of it: rows are what their documents say, nobody is
told of a row that does not stand, and no pointer goes before somebody was told.
"""

import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from receipts.delivery.port import Key, Row
from receipts.ids import customer_key
from tools.simulation.aws.calls import Call
from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.receipts import deployed

if TYPE_CHECKING:
    from tools.simulation.receipts.checker import Checker

Json = dict[str, Any]


class Fact(NamedTuple):
    """What a pointer points at: a document of a file, as read (0) or corrected (1 …)."""

    customer_id: str
    file_id: str
    revision: int


class Standing:
    """The rows of one history, and who was told of them."""

    def __init__(self, checker: "Checker") -> None:
        self._checker, self._world = checker, checker._world
        self._told: set[tuple[str, Fact]] = set()  # by batch
        self.refused: dict[Key, tuple[str, str | None]] = {}  # SQLSTATE and constraint
        self.sent: Counter[Key] = Counter()  # how often each row was sent to the database
        self._world.cloud.sqs.on_send(self._is_sent)
        self._world.cloud.sqs.on_delete(self._is_gone)

    def effect(self, call: Call) -> None:
        """A statement took effect."""
        for row in call.params.get("rows", ()):
            self.sent[row.key] += 1
            self._is_true(row)

    def facts(self, fact: Fact) -> dict[Key, Json] | None:
        """The receipts of a document by their rows' keys; None where there is no such document."""
        revision = f".{fact.revision}" if fact.revision else ""
        found = self._checker.document_of(f"results/{customer_key(fact.customer_id)}/{fact.file_id}{revision}.json")
        if found is None:
            return None
        receipts = found["receipts"]
        return {Key(fact.customer_id, fact.file_id, one["index"], fact.revision): one for one in receipts}

    def _is_true(self, row: Row) -> None:
        fact = Fact(row.key.customer_id, row.key.file_id, row.key.revision)
        receipt = (self.facts(fact) or {}).get(row.key)
        if receipt is None:
            self._checker.broken("rows", f"{row.key} is sent, and no document says so")
            return
        day, total = receipt["date"]["value"], receipt["total"]["value"]
        said = [receipt["kind"]["value"], receipt["merchant"]["value"], day, receipt["currency"]["value"]]
        said += [None if total is None else Decimal(total), receipt["review"]]
        sent = [row.kind, row.merchant, str(row.receipt_date) if row.receipt_date else None, row.currency]
        sent += [row.total, list(row.review)]  # type: ignore[list-item]
        if said != sent:
            self._checker.broken("rows", f"{row.key} is sent as {sent}, and its document says {said}")

    def _is_sent(self, queue: Queue, message: Message) -> None:
        if queue.name != deployed.DELIVERED.name or message.receives:
            return
        said = json.loads(message.body)
        match said["kind"]:
            case "delivered":
                self._delivered(said)
            case "row-refused":
                self._row_refused(said)
            case "standing":
                self._counts(said)

    def _delivered(self, said: Json) -> None:
        fact = _fact(said)
        wanted = self.facts(fact)
        if wanted is None:
            self._checker.broken("told", f"{fact} is said to be delivered, and there is no such document")
            return
        if missing := [key for key in wanted if key not in self._checker.database]:
            self._checker.broken("told", f"{fact} is said to be delivered, and {missing} do not stand")
        if said["rows"] != len(wanted) or said["new"] > said["rows"]:
            self._checker.broken("told", f"{said['new']} new of {said['rows']} rows of {fact}, which has {len(wanted)}")
        self._told.add((said["batch_id"], fact))

    def _row_refused(self, said: Json) -> None:
        fact, receipt = _fact(said), said.get("receipt")
        wanted = self.facts(fact)
        why = said.get("sqlstate"), said.get("constraint")
        if receipt is None:
            if wanted is not None:
                self._checker.broken("told", f"{fact} is said to be no rows: {said['reason']}")
        elif why != self.refused.get(Key(*fact[:2], receipt, fact.revision)):
            self._checker.broken("told", f"receipt {receipt} of {fact} is said to be refused for {why}")
        self._told.add((said["batch_id"], fact))

    def _counts(self, said: Json) -> None:
        now = Counter(key.file_id for key in self._checker.database if key.customer_id == said["customer_id"])
        for file_id, rows in said["keys"].items():
            if rows > now[file_id]:
                self._checker.broken("told", f"{rows} rows are said to stand of {file_id}, and {now[file_id]} do")

    def _is_gone(self, queue: Queue, message: Message) -> None:
        if queue.name != deployed.DELIVERY.name or message.gone != "deleted":
            return
        said = json.loads(message.body)
        if "ask" not in said and (said["batch_id"], _fact(said)) not in self._told:
            self._checker.broken("told", f"the pointer at {_fact(said)} is deleted, and nobody was told of it")


def _fact(said: Json) -> Fact:
    return Fact(said["customer_id"], said["file_id"], said.get("revision", 0))
