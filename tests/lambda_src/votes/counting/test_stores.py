"""One contract for the stores on simulated DynamoDB and on the emulator: what is written is read,
what must be refused is refused.
"""

from tests.support.emulated import Stores
from votes.rows import Entry, Head
from votes.standing import AspectVote, Change
from votes.tallies import Fold, Open

FIVE = AspectVote(5, 1_700_000_000_000_001, "b1")
GONE = AspectVote(None, 1_700_000_000_000_002, "b2")
NEW = Change("ann", "up", None, {"story": FIVE})
LATER = Change("ann", "up", {"story": 5}, {"story": GONE, "music": FIVE})


def test_a_head_is_founded_once_and_only_moves_on(stores: Stores) -> None:
    journal = stores.journal
    assert journal.head(3) is None
    journal.create_head(3, 4)
    journal.create_head(3, 8)
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
    journal.create_head(1, 4)
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
    changes = [Change(f"v{i}", "up", None, {"story": AspectVote(i % 5, i, "b")}) for i in range(260)]
    journal.put_votes(1, changes)
    journal.put_votes(2, [change._replace(before={"story": 1}, after={"story": GONE}) for change in changes[::2]])
    found = journal.standing([change.key for change in changes])
    assert found == {
        change.key: {"story": GONE} if place % 2 == 0 else change.after for place, change in enumerate(changes)
    }


def test_the_fold_row_is_founded_once(stores: Stores) -> None:
    tallies = stores.tallies
    assert tallies.fold() is None
    tallies.create_fold(4)
    tallies.create_fold(8)
    assert tallies.fold() == Fold(0, {}, 0, 4)


def test_one_epoch_at_a_time_and_in_order(stores: Stores) -> None:
    tallies = stores.tallies
    first, second = Open(1, {0: 3, 2: 1}, 50), Open(2, {0: 4}, 60)
    assert not tallies.fix(first)
    tallies.create_fold(4)
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
    tallies = stores.tallies
    item = tallies._client.get_item(TableName=tallies._table, Key={"title_id": {"S": title_id}}, ConsistentRead=True)[
        "Item"
    ]
    return {name: int(value["N"]) for name, value in item.items() if name not in {"title_id", "epoch", "v"}}
