"""What only DynamoDB does: throttles and errors inside an answer, unprocessed keys, rows of another
release.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.dynamo import Throttled
from shared.versions import NewerVersion
from tests.support.emulated import Tables
from votes import rows
from votes.entry import UnreadableEntry
from votes.journal import KEEP_SECONDS, ROUNDS, Journal, VotesNotPut
from votes.settings import MOST_COUNTERS
from votes.standing import AspectVote, Change
from votes.tallies import Open

FIVE = AspectVote(5, 1_700_000_000_000_001, "b1")
GONE = AspectVote(None, 1_700_000_000_000_002, "b2")
NEW = Change("ann", "up", None, {"story": FIVE})
LATER = Change("ann", "up", {"story": 5}, {"story": GONE, "music": FIVE})


class Answers:
    """Stands between a store and its client: changes the answers of one operation, one `change` a
    call, then lets them pass.
    """

    def __init__(self, client: Any, operation: str, *changes: Any) -> None:
        self._client, self._operation, self._changes, self.calls = client, operation, list(changes), 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name != self._operation:
            return call

        def changed(**request: Any) -> Any:
            self.calls += 1
            return self._changes.pop(0)(call, request) if self._changes else call(**request)

        return changed


def throttled(*places: int, code: str = "ThrottlingError") -> Any:
    """The statements at these places are not run, and answered with this error."""

    def change(call: Any, request: Any) -> Any:
        kept = [statement for place, statement in enumerate(request["Statements"]) if place not in places]
        answers = iter(call(Statements=kept)["Responses"] if kept else ())
        return {
            "Responses": [
                {"Error": {"Code": code, "Message": "injected"}} if place in places else next(answers)
                for place in range(len(request["Statements"]))
            ]
        }

    return change


def journal_with(tables: Tables, operation: str, *changes: Any) -> tuple[Journal, Answers]:
    client = Answers(tables.client, operation, *changes)
    return Journal(client, tables.journal, tables.votes), client


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.clock.sleep", lambda _: None)


CHANGES = [Change(f"v{i}", "up", None, {"story": FIVE}) for i in range(10)]
KEYS = [change.key for change in CHANGES]


@pytest.mark.parametrize(
    "code", ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError"]
)
def test_statements_refused_for_now_are_put_again(tables: Tables, code: str) -> None:
    journal, client = journal_with(
        tables, "batch_execute_statement", throttled(0, 3, 9, code=code), throttled(1, code=code)
    )
    journal.put_votes(1, CHANGES)
    assert client.calls == 3
    assert len(journal.standing(KEYS)) == 10


def test_statements_refused_for_ever_are_an_error_and_the_rest_is_put(tables: Tables) -> None:
    journal, _ = journal_with(tables, "batch_execute_statement", throttled(4, code="AccessDenied"))
    with pytest.raises(VotesNotPut, match="AccessDenied"):
        journal.put_votes(1, CHANGES)
    assert len(journal.standing(KEYS)) == 9


def test_throttles_that_do_not_end_are_an_error(tables: Tables) -> None:
    journal, client = journal_with(tables, "batch_execute_statement", *[throttled(0)] * 50)
    with pytest.raises(VotesNotPut, match=f"throttled {ROUNDS} times"):
        journal.put_votes(1, CHANGES)
    assert client.calls == ROUNDS


def test_an_answer_cut_short_is_an_error(tables: Tables) -> None:
    journal, _ = journal_with(
        tables, "batch_execute_statement", lambda call, request: {"Responses": call(**request)["Responses"][:3]}
    )
    with pytest.raises(VotesNotPut, match="missing"):
        journal.put_votes(1, CHANGES)


def _unprocessed(call: Any, request: Any) -> Any:
    ((name, wanted),) = request["RequestItems"].items()
    answer = call(RequestItems={name: {**wanted, "Keys": wanted["Keys"][:1]}})
    return {**answer, "UnprocessedKeys": {name: {**wanted, "Keys": wanted["Keys"][1:]}}}


def test_unprocessed_keys_are_read_again(tables: Tables) -> None:
    journal, client = journal_with(tables, "batch_get_item", _unprocessed, _unprocessed)
    journal.put_votes(1, CHANGES)
    assert len(journal.standing(KEYS)) == 10
    assert client.calls == 3
    for shard in range(4):
        journal.create_head(shard, 4)
    client._changes.append(_unprocessed)
    assert len(journal.heads(range(4))) == 4


def test_keys_never_processed_are_an_error(tables: Tables) -> None:
    nothing = lambda call, request: {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}  # noqa: E731
    journal, _ = journal_with(tables, "batch_get_item", *[nothing] * 20)
    with pytest.raises(Throttled):
        journal.standing(KEYS)


def test_the_widest_title_fits_one_update(tables: Tables) -> None:
    seen: list[str] = []

    def noted(call: Any, request: Any) -> Any:
        seen.append(request["UpdateExpression"])
        return call(**request)

    client = Answers(tables.client, "update_item", noted)
    wide = {f"{'a' * 64}#{score}": 1 for score in range(MOST_COUNTERS)} | {"voters": 1}
    assert tables._replace(client=client).stores().tallies.add(1, {"up": wide}) == 1
    assert len(seen[0]) < 4096


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("put_item", lambda stores: stores.journal.append(0, 1, b"", 1)),
        ("put_item", lambda stores: stores.journal.create_head(0, 4)),
        ("update_item", lambda stores: stores.journal.move_head(0, 1)),
        ("put_item", lambda stores: stores.tallies.create_fold(4)),
        ("update_item", lambda stores: stores.tallies.fix(Open(1, {}, 1))),
        ("update_item", lambda stores: stores.tallies.add(1, {"up": {"voters": 1}, "down": {"voters": 1}})),
        ("update_item", lambda stores: stores.tallies.close(Open(1, {}, 1), {})),
    ],
)
def test_an_error_is_no_refusal(tables: Tables, operation: str, call: Any) -> None:
    def fail(*_: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "injected"}}, operation)

    client = Answers(tables.client, operation, *[fail] * 2)
    with pytest.raises(ClientError, match="ThrottlingException"):
        call(tables._replace(client=client).stores())


def test_reads_are_strongly_consistent_and_follow_pages(tables: Tables) -> None:
    journal, client = journal_with(tables, "query")
    for n in range(1, 31):
        journal.append(0, n, b"x", 1)
    seen: list[Any] = []

    def noted(call: Any, request: Any) -> Any:
        seen.append(request)
        return call(**request)

    client._changes += [noted] * 10
    assert len(list(journal.entries(0, 0, 30))) == 30
    assert all(request["ConsistentRead"] for request in seen)
    assert [request["Limit"] for request in seen] == [4, 8, 16, 32]


def test_entries_expire_thirty_days_after_their_append(tables: Tables) -> None:
    tables.stores().journal.append(0, 1, b"x", 1_700_000_000_000_000)
    item = tables.client.get_item(TableName=tables.journal, Key={"shard": {"N": "0"}, "n": {"N": "1"}})["Item"]
    assert int(item["expires"]["N"]) == 1_700_000_000 + KEEP_SECONDS
    assert KEEP_SECONDS == 30 * 24 * 3600


def test_rows_of_a_later_release_are_not_guessed_at(tables: Tables) -> None:
    stores = tables.stores()
    stores.journal.create_head(0, 4)
    stores.journal.append(0, 1, b"x", 1)
    stores.journal.put_votes(1, [NEW])
    stores.tallies.create_fold(4)
    for table, key in (
        (tables.journal, {"shard": {"N": "0"}, "n": {"N": "0"}}),
        (tables.journal, {"shard": {"N": "0"}, "n": {"N": "1"}}),
        (tables.votes, {"voter_id": {"S": "ann"}, "title_id": {"S": "up"}}),
        (tables.tallies, {"title_id": {"S": "#fold"}}),
    ):
        later = str(rows.VERSION + 1) if table == tables.votes else "2"
        tables.client.update_item(
            TableName=table, Key=key, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"N": later}}
        )
    for read in (
        lambda: stores.journal.head(0),
        lambda: stores.journal.heads([0]),
        lambda: stores.journal.entry(0, 1),
        lambda: list(stores.journal.entries(0, 0, 1)),
        lambda: stores.journal.standing([NEW.key]),
        stores.tallies.fold,
    ):
        with pytest.raises(NewerVersion, match="run the later release"):
            read()


def test_an_entrys_row_that_lost_its_bytes_is_unreadable(tables: Tables) -> None:
    stores = tables.stores()
    stores.journal.append(0, 1, b"x", 1)
    key = {"shard": {"N": "0"}, "n": {"N": "1"}}
    tables.client.update_item(
        TableName=tables.journal, Key=key, UpdateExpression="REMOVE #e", ExpressionAttributeNames={"#e": "entry"}
    )
    with pytest.raises(UnreadableEntry, match="not whole"):
        stores.journal.entry(0, 1)
