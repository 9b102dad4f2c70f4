"""DynamoDB's batches: many rows in one request, each answered for itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tools.simulation.aws import conditions, statements, updates
from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Invalid, Refused, only
from tools.simulation.aws.models import most
from tools.simulation.aws.statements import Statement
from tools.simulation.aws.tables import Key, Table

Answer = dict[str, Any]

MOST_KEYS = most("dynamodb", "KeyList")
MOST_WRITES = most("dynamodb", "WriteRequests")
MOST_STATEMENTS = most("dynamodb", "PartiQLBatchRequest")
LONGEST_STATEMENT = most("dynamodb", "PartiQLStatement")


class Work(NamedTuple):
    """A statement with its parameters, and the row that it is about."""

    statement: Statement
    given: dict[str, Any]
    table: Table
    key: Key


class Batches:
    """BatchGetItem, BatchWriteItem and BatchExecuteStatement on the tables that `table` finds."""

    def __init__(self, table: Callable[[str], Table], rng: random.Random) -> None:
        self._table, self._rng = table, rng

    def get(self, call: Call) -> Answer:
        """BatchGetItem.

        Rows come in any order; keys refused (or unheard) are answered as unprocessed.
        """
        only(call.operation, call.params, {"RequestItems"})
        found: dict[str, list[Any]] = {}
        left: dict[str, dict[str, Any]] = {}
        _count(call.entries, MOST_KEYS)
        place = 0
        for name, asked in call.params["RequestItems"].items():
            only(call.operation, asked, {"Keys"}, {"ConsistentRead"})
            table = self._table(name)
            keys = [table.exactly(key) for key in asked["Keys"]]
            _differ([(name, key) for key in keys])
            rows = found[name] = []
            unprocessed = []
            for key, wanted in zip(keys, asked["Keys"], strict=True):
                if place in call.refused or place in call.unheard:
                    unprocessed.append(wanted)
                elif (item := table.read(key, asked.get("ConsistentRead", False))) is not None:
                    rows.append(dict(item))
                place += 1
            self._rng.shuffle(rows)
            if unprocessed:
                left[name] = {**asked, "Keys": unprocessed}
        return {"Responses": found, "UnprocessedKeys": left}

    def write(self, call: Call) -> Answer:
        """BatchWriteItem.

        Requests refused (or unheard, which take effect) are answered as unprocessed.
        """
        only(call.operation, call.params, {"RequestItems"})
        _count(call.entries, MOST_WRITES)
        work = [(name, request) for name, requests in call.params["RequestItems"].items() for request in requests]
        places = [self._place(name, request) for name, request in work]
        _differ([(table.name, key) for table, key, _ in places])
        left: dict[str, list[Any]] = {}
        for place, (table, key, item) in enumerate(places):
            if place not in call.refused:
                table.write(key, item)
            if place in call.refused or place in call.unheard:
                left.setdefault(table.name, []).append(work[place][1])
        return {"UnprocessedItems": left}

    def execute(self, call: Call) -> Answer:
        """BatchExecuteStatement: INSERT, UPDATE and DELETE; each statement has its answer, an error
        or none.
        """
        only(call.operation, call.params, {"Statements"})
        asked = call.params["Statements"]
        _count(call.entries, MOST_STATEMENTS)
        for one in asked:
            only(call.operation, one, {"Statement"}, {"Parameters"})
            if len(one["Statement"]) > LONGEST_STATEMENT:
                raise Invalid(f"Member must have length less than or equal to {LONGEST_STATEMENT}")
        work = [self.understood(one) for one in asked]
        _differ([(one.table.name, one.key) for one in work if isinstance(one, Work)])
        answers: list[Answer] = []
        for place, one in enumerate(work):
            answer: Answer = {"TableName": one.table.name} if isinstance(one, Work) else {}
            code, message = call.refused.get(place), "injected"
            if code is None:
                code, message = _executed(*one) if isinstance(one, Work) else _failed(one)
            code = call.unheard.get(place, code)
            answers.append(answer | ({"Error": {"Code": code, "Message": message}} if code else {}))
        return {"Responses": answers}

    def understood(self, asked: Mapping[str, Any]) -> Work | Refused:
        """What a statement asks for, or why it fails alone."""
        parameters = asked.get("Parameters", ())
        try:
            statement = statements.parsed(asked["Statement"])
            if len(parameters) != len(statement.values):
                raise Invalid("Number of parameters in request and statement don't match.")
            given = dict(zip(statement.values, parameters, strict=True))
            if statement.where:
                conditions.check(statement.where, given)
            table = self._table(statement.table)
            return Work(statement, given, table, table.key_of(statement.key(given)))
        except Refused as no:
            return no

    def _place(self, name: str, request: Any) -> tuple[Table, Key, Any]:
        """What a write request puts where; None is put by one that deletes."""
        table = self._table(name)
        match request:
            case {"PutRequest": {"Item": item}} if len(request) == 1:
                return table, table.key_of(item), dict(item)
            case {"DeleteRequest": {"Key": key}} if len(request) == 1:
                return table, table.exactly(key), None
        raise Invalid("Supplied AttributeValue has more than one of PutRequest and DeleteRequest, or none")


def _failed(no: Refused) -> tuple[str, str]:
    """The code and message of a statement's error."""
    return ("ValidationError" if isinstance(no, Invalid) else "ResourceNotFound"), str(no)


def _executed(statement: Statement, given: dict[str, Any], table: Table, key: Key) -> tuple[str | None, str]:
    """Let a statement take effect; the code and message of its error, if it has one."""
    there = table.items.get(key)
    try:
        if statement.verb == "INSERT":
            if there is not None:
                return "DuplicateItem", "Duplicate primary key exists in table"
            table.write(key, statement.key(given))
            return None, ""
        if there is None and statement.verb == "DELETE":
            return None, ""
        if there is None or not (statement.where and statement.where.holds(there, {}, given)):
            return "ConditionalCheckFailed", "The conditional request failed"
        if statement.verb == "DELETE":
            table.write(key, None)
            return None, ""
        item, changed = updates.applied(statement.actions, there, {}, given)
        if changed & {name for name, _ in table.schema}:
            return "ValidationError", "Cannot update attribute that is part of the key"
        table.write(key, item)
    except Refused as no:
        return _failed(no)
    return None, ""


def _count(entries: int, most: int) -> None:
    if not 1 <= entries <= most:
        raise Invalid(f"1 to {most} items are allowed in a batch, not {entries}")


def _differ(keys: list[Any]) -> None:
    if len(set(keys)) != len(keys):
        raise Invalid("Provided list of item keys contains duplicates")
