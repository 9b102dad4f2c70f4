"""Every call that the votes pipeline makes of its tables, made of the simulated DynamoDB and then
again elsewhere: the answers agree.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.aws.backends import Backend, backend, kinds
from tests.support import emulated
from tests.support.emulated import Stores
from votes import recount
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.recount import TableSource
from votes.tallies import Open

SHARDS = 2
# the operation, its parameters, and its answer or the error's code
Made = tuple[str, dict[str, Any], Any]


class Recorder:
    """A client that writes down what is asked of it, and what it answers."""

    def __init__(self, client: Any, made: list[Made]) -> None:
        self._client, self._made = client, made

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**params: Any) -> Any:
            try:
                answer = getattr(self._client, name)(**params)
            except ClientError as error:
                self._made.append((name, params, error.response["Error"]["Code"]))
                raise
            self._made.append((name, params, answer))
            return answer

        return call


def everything(stores: Stores, source: TableSource) -> None:
    """Count, change, repeat, lose races, fold, audit: each call with each of its outcomes."""
    journal, tallies = stores.journal, stores.tallies
    for n in range(12):
        ballots = [Ballot(f"v{voter}", "up", {"story": n % 5 + 1, "music": None}, f"b{n}", n + 1) for voter in range(4)]
        Counting(journal, SHARDS).count(0, ballots[:2])
        Counting(journal, SHARDS).count(1, ballots[2:])
    assert not journal.append(0, 1, b"", 1)
    journal.create_head(0, SHARDS)
    journal.move_head(0, 1)
    journal.move_head(7, 1)
    row = journal.row(0, 3)
    assert not journal.replace(0, 3, {"v": {"N": "99"}}, {"v": row["v"]})
    assert journal.replace(0, 3, {"v": row["v"], "entry": row["entry"]}, {"v": row["v"], "entry": row["entry"]})
    folding = Folding(journal, tallies, SHARDS, 6)
    while folding.fold(10**9).epoch:
        pass
    tallies.create_fold(SHARDS)
    assert not tallies.add(1, {"up": {"story#5": 1}})
    assert not tallies.fix(Open(1, {}, 1))
    assert not tallies.close(Open(1, {}, 1), {})
    assert tallies.add(99, {"up": {"story#5": -1}, "new": {"voters": 1}}) == 2
    assert len(recount.audit(source).differences) == 2
    assert len(journal.votes_of("v0")) == 1
    journal.remove_votes(99, [("v0", "up"), ("nobody", "up")])
    journal.remove_votes(1, [("v1", "up")])
    assert (journal.votes_of("v0"), len(journal.votes_of("v1"))) == ({}, 1)


@pytest.fixture(params=[kind for kind in kinds("dynamodb") if kind != "simulated"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """DynamoDB somewhere else."""
    with backend(request.param, "dynamodb", lambda: request.getfixturevalue("emulator")) as made:
        yield made


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same for other tables."""
    if isinstance(value, dict):
        return {names.get(name, name): renamed(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new) if old in value else value
    return value


def comparable(answer: Any) -> Any:
    """What of an answer must agree: a row, rows in whatever order, and which statements failed; or
    the error's code.
    """
    if isinstance(answer, str):
        return answer
    responses = answer.get("Responses", [])
    rows = (
        answer.get("Items", [])
        if isinstance(responses, list)
        else [row for found in responses.values() for row in found]
    )
    errors = [one.get("Error", {}).get("Code") for one in responses] if isinstance(responses, list) else []
    return answer.get("Item"), sorted(json.dumps(row, sort_keys=True, default=repr) for row in rows), errors


def test_the_answers_agree(elsewhere: Backend) -> None:
    made: list[Made] = []
    with backend("simulated", "dynamodb", lambda: str) as here:
        tables = emulated.tables(here.client)._replace(client=Recorder(here.client, made))
        everything(tables.stores(), TableSource(*tables))
    names = dict(zip(tables[1:], emulated.tables(elsewhere.client)[1:], strict=True))
    # it runs no PartiQL that writes under a condition, so it has no votes
    if elsewhere.kind == "moto":
        made = [call for call in made if tables.votes not in repr(call)]
    for operation, params, answer in made:
        given = renamed(params, names)
        try:
            found: Any = getattr(elsewhere.client, operation)(**given)
        except ClientError as error:
            found = error.response["Error"]["Code"]
        assert comparable(found) == comparable(renamed(answer, names)), (operation, given)
    statements = {"batch_execute_statement", "delete_item"} if elsewhere.kind == "emulator" else set()
    assert {operation for operation, _, _ in made} >= {
        "get_item",
        "put_item",
        "update_item",
        "batch_get_item",
        "query",
        "scan",
    } | statements
