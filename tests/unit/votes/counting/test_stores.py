"""One contract for the store in memory and the store on DynamoDB: what is written is read, and what must be refused is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.dynamo import Throttled
from tests.support.emulated import Stores, Tables
from votes.entry import NewerVersion, UnreadableEntry
from votes.journal import KEEP_SECONDS, ROUNDS, Entry, Head, Journal, VotesNotPut
from votes.standing import Change, Held
from votes.tallies import Fold, Open

FIVE = Held(5, 1_700_000_000_000_001, "b1")
GONE = Held(None, 1_700_000_000_000_002, "b2")
NEW = Change("ann", "up", None, {"story": FIVE})
LATER = Change("ann", "up", {"story": 5}, {"story": GONE, "music": FIVE})


def test_a_head_is_founded_once_and_only_moves_on(stores: Stores) -> None:
    journal = stores.journal
    assert journal.head(3) is None
    journal.found(3, 4)
    journal.found(3, 8)
    assert journal.head(3) == Head(0, 4)
    journal.move_head(3, 2)
    journal.move_head(3, 1)
    assert journal.head(3) == Head(2, 4)
    assert journal.heads([0, 1, 2, 3]) == {3: Head(2, 4)}


def test_a_head_that_was_never_founded_does_not_move(stores: Stores) -> None:
    stores.journal.move_head(0, 1)
    assert stores.journal.head(0) is None


def test_an_entry_is_appended_once(stores: Stores) -> None:
    journal = stores.journal
    assert journal.entry(1, 1) is None
    assert journal.append(1, 1, b"first", 7)
    assert not journal.append(1, 1, b"second", 8)
    assert journal.append(2, 1, b"another shard's", 9)
    assert journal.entry(1, 1) == Entry(1, b"first", 7)


def test_entries_come_in_order_every_page_and_no_others(stores: Stores) -> None:
    journal = stores.journal
    journal.found(1, 4)
    body = b"x" * 150_000
    for n in range(1, 21):
        assert journal.append(1, n, body if n % 2 else b"short", n)
    journal.append(2, 5, b"another shard's", 1)
    assert [entry.n for entry in journal.entries(1, 0, 20)] == list(range(1, 21))
    assert [entry.n for entry in journal.entries(1, 4, 9)] == [5, 6, 7, 8, 9]
    assert [entry.n for entry in journal.entries(1, 18, 30)] == [19, 20]
    assert list(journal.entries(1, 20, 20)) == []
    assert list(journal.entries(3, 0, 5)) == []


def test_votes_are_put_and_read(stores: Stores) -> None:
    journal = stores.journal
    journal.put_votes(1, [NEW, NEW._replace(title_id="other")])
    assert journal.standing([("ann", "up"), ("ann", "down")]) == {("ann", "up"): {"story": FIVE}}
    journal.put_votes(2, [LATER])
    assert journal.standing([("ann", "up")]) == {("ann", "up"): {"story": GONE, "music": FIVE}}


def test_a_later_entrys_vote_stays(stores: Stores) -> None:
    journal = stores.journal
    journal.put_votes(1, [NEW])
    journal.put_votes(3, [LATER])
    journal.put_votes(2, [LATER._replace(after={"story": FIVE})])
    journal.put_votes(1, [NEW])
    assert journal.standing([("ann", "up")]) == {("ann", "up"): LATER.after}


def test_votes_past_one_request(stores: Stores) -> None:
    journal = stores.journal
    changes = [Change(f"v{i}", "up", None, {"story": Held(i % 5, i, "b")}) for i in range(260)]
    journal.put_votes(1, changes)
    journal.put_votes(2, [change._replace(before={"story": 1}, after={"story": GONE}) for change in changes[::2]])
    found = journal.standing([change.key for change in changes])
    assert found == {change.key: {"story": GONE} if place % 2 == 0 else change.after for place, change in enumerate(changes)}


def test_the_fold_row_is_founded_once(stores: Stores) -> None:
    tallies = stores.tallies
    assert tallies.fold() is None
    tallies.found_fold(4)
    tallies.found_fold(8)
    assert tallies.fold() == Fold(0, {}, 0, 4)


def test_one_epoch_at_a_time_and_in_order(stores: Stores) -> None:
    tallies = stores.tallies
    first, second = Open(1, {0: 3, 2: 1}, 50), Open(2, {0: 4}, 60)
    assert not tallies.fix(first)
    tallies.found_fold(4)
    assert not tallies.fix(second)
    assert tallies.fix(first)
    assert not tallies.fix(first)
    assert tallies.fold() == Fold(0, {}, 0, 4, first)
    assert not tallies.close(second, {0: 4})
    assert tallies.close(first, first.ends)
    assert not tallies.close(first, first.ends)
    assert not tallies.fix(first)
    assert tallies.fold() == Fold(1, {0: 3, 2: 1}, 50, 4)
    assert tallies.fix(second)
    assert tallies.close(second, {0: 4, 2: 1})
    assert tallies.fold() == Fold(2, {0: 4, 2: 1}, 60, 4)


def test_a_title_takes_each_epoch_once(stores: Stores) -> None:
    tallies = stores.tallies
    assert tallies.add(2, {"up": {"story#5": 2, "voters": 2}, "down": {"story#1": 1}}) == 2
    assert tallies.add(2, {"up": {"story#5": 2}, "new": {"story#3": 1}}) == 1
    assert tallies.add(1, {"up": {"story#5": 9}}) == 0
    assert tallies.add(3, {"up": {"story#5": -1, "story#4": 1}}) == 1
    assert _row(stores, "up") == {"story#5": 1, "story#4": 1, "voters": 2}
    assert _row(stores, "new") == {"story#3": 1}


def _row(stores: Stores, title_id: str) -> dict[str, int]:
    if hasattr(stores.tallies, "tallies"):
        row: dict[str, int] = stores.tallies.tallies[title_id]
        return row
    tallies = stores.tallies
    item = tallies._client.get_item(TableName=tallies._table, Key={"title_id": {"S": title_id}})["Item"]
    return {name: int(value["N"]) for name, value in item.items() if name not in {"title_id", "epoch", "v"}}


# What only DynamoDB does: throttles and errors inside an answer, unprocessed keys, rows of another release.


class Answers:
    """Stands between a store and its client: changes the answers of one operation, one `change` a call, then lets them pass."""

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


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError"])
def test_statements_refused_for_now_are_put_again(tables: Tables, code: str) -> None:
    journal, client = journal_with(tables, "batch_execute_statement", throttled(0, 3, 9, code=code), throttled(1, code=code))
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
    journal, _ = journal_with(tables, "batch_execute_statement", lambda call, request: {"Responses": call(**request)["Responses"][:3]})
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
        journal.found(shard, 4)
    client._changes.append(_unprocessed)
    assert len(journal.heads(range(4))) == 4


def test_keys_never_processed_are_an_error(tables: Tables) -> None:
    nothing = lambda call, request: {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}  # noqa: E731
    journal, _ = journal_with(tables, "batch_get_item", *[nothing] * 20)
    with pytest.raises(Throttled):
        journal.standing(KEYS)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("put_item", lambda stores: stores.journal.append(0, 1, b"", 1)),
        ("put_item", lambda stores: stores.journal.found(0, 4)),
        ("update_item", lambda stores: stores.journal.move_head(0, 1)),
        ("put_item", lambda stores: stores.tallies.found_fold(4)),
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
    stores.journal.found(0, 4)
    stores.journal.append(0, 1, b"x", 1)
    stores.journal.put_votes(1, [NEW])
    stores.tallies.found_fold(4)
    for table, key in (
        (tables.journal, {"shard": {"N": "0"}, "n": {"N": "0"}}),
        (tables.journal, {"shard": {"N": "0"}, "n": {"N": "1"}}),
        (tables.votes, {"voter_id": {"S": "ann"}, "title_id": {"S": "up"}}),
        (tables.tallies, {"title_id": {"S": "#fold"}}),
    ):
        tables.client.update_item(TableName=table, Key=key, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"N": "2"}})
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
    tables.client.update_item(TableName=tables.journal, Key=key, UpdateExpression="REMOVE #e", ExpressionAttributeNames={"#e": "entry"})
    with pytest.raises(UnreadableEntry, match="not whole"):
        stores.journal.entry(0, 1)
