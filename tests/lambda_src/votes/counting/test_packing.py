"""Packed votes: what goes in comes out, whoever cast which aspect; bytes that are none are no vote;
rows of both versions are read side by side; a number means one aspect for ever.
"""

import random
import string
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared import clock
from shared.dynamo import Throttled
from shared.versions import NewerVersion
from tests.support.counted import Counted
from votes import aspects, packing, rows, standing
from votes.aspects import Aspects, UnknownAspect
from votes.ballot import Ballot
from votes.journal import Journal
from votes.rows import UnreadableVote, Vote, read_vote
from votes.standing import AspectVote, Change, Standing

NAMES = ["acting", "music", "overall", "story", "visuals", *(f"aspect-{n}" for n in range(45))]
NUMBERS = {name: number for number, name in enumerate(NAMES)}
ID = string.ascii_letters + string.digits + "_-"


def some_id(rng: random.Random) -> str:
    ids: list[Callable[[], str]] = [
        lambda: "".join(rng.choices(ID, k=rng.randint(1, 64))),
        lambda: str(UUID(int=rng.getrandbits(128))),
        lambda: str(UUID(int=rng.getrandbits(128))).upper(),
        lambda: "A" * rng.randint(1, 64),
    ]
    return rng.choice(ids)()


def some_standing(rng: random.Random) -> Standing:
    """Of one to four ballots, some with the same time or the same id."""
    times = [rng.choice([0, -1, rng.randint(-(2**55), 2**55 - 1), 1_795_248_000_000_000]) for _ in range(2)]
    ids = [some_id(rng) for _ in range(2)]
    return {
        aspect: AspectVote(rng.choice([None, 0, rng.randint(-1000, 1000), 5]), rng.choice(times), rng.choice(ids))
        for aspect in rng.sample(NAMES, rng.choice([1, 3, 5, 50]))
    }


def test_whatever_stands_comes_out_as_it_went_in() -> None:
    rng = random.Random(5)
    for _ in range(3_000):
        held = some_standing(rng)
        assert packing.unpack(packing.pack(held, NUMBERS), NAMES.__getitem__) == held


def test_each_aspect_keeps_the_stamp_of_the_ballot_that_cast_it() -> None:
    """So a late ballot changes those alone that only an earlier one had cast."""
    first, third = Ballot("v", "t", {"story": 1, "music": 1}, "a", 10), Ballot("v", "t", {"story": 3}, "c", 30)
    held = standing.cast(standing.cast(None, first), third)
    assert held is not None
    again = packing.unpack(packing.pack(held, NUMBERS), NAMES.__getitem__)
    late = standing.cast(again, Ballot("v", "t", {"story": 2, "music": 2}, "b", 20))
    assert late == {"story": AspectVote(3, 30, "c"), "music": AspectVote(2, 20, "b")}


@pytest.mark.parametrize(
    "held",
    [
        {},
        {"story": AspectVote(5, 2**55, "b")},
        {"story": AspectVote(5, -(2**55) - 1, "b")},
        {"story": AspectVote(5, 1, "")},
        {"story": AspectVote(5, 1, "b" * 65)},
        {"story": AspectVote(5, 1, "#erased")},
        {"story": AspectVote(5, 1, "zwölf")},
    ],
    ids=str,
)
def test_what_has_no_such_bytes_is_put_in_full(held: Standing) -> None:
    with pytest.raises(packing.Unpackable):
        packing.pack(held, NUMBERS)
    _, version, value = rows.put_of(3, held, NUMBERS)
    assert version == {"N": "1"}
    assert read_vote({"n": {"N": "3"}, "v": version, "standing": value}, NAMES.__getitem__) == Vote(3, held)


def test_bytes_that_are_no_vote_are_never_taken_for_one_or_raise_anything_else() -> None:
    rng = random.Random(6)
    whole = packing.pack(
        {"story": AspectVote(5, 1_795_248_000_000_000, "b-1"), "music": AspectVote(2, 7, "c")}, NUMBERS
    )
    wrong = [whole[:end] for end in range(len(whole)) if end != 1 + 3 + 7 + 2]
    wrong += [b"\x41" + whole[1:], whole + b"\x00", whole + whole, b"\x01" * 9 + b"\x00", b"\x00" * 24, b"\xff" * 400]
    for held in wrong:
        with pytest.raises(UnreadableVote):
            read_vote({"n": {"N": "3"}, "v": {"N": "2"}, "standing": {"B": held}}, NAMES.__getitem__)
    for _ in range(2_000):
        held = rng.randbytes(rng.randint(0, 60))
        try:
            read_vote({"n": {"N": "3"}, "v": {"N": "2"}, "standing": {"B": held}}, NAMES.__getitem__)
        except UnreadableVote:
            continue


@pytest.mark.parametrize("value", [{"S": "x"}, {"B": "text"}, {"L": []}, {"M": {"story": {"B": b"\x01"}}}, {}])
def test_a_value_of_another_kind_is_no_vote(value: Any) -> None:
    with pytest.raises(UnreadableVote):
        read_vote({"n": {"N": "3"}, "v": {"N": "2"}, "standing": value}, NAMES.__getitem__)


class Table:
    """A row of aspects, and whoever comes between a look and what it leads to."""

    def __init__(self) -> None:
        self.client = Counted().client
        self.between: list[Callable[[], Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def batch_execute_statement(self, **request: Any) -> Any:
        if self.between:
            self.between.pop()()
        return self.client.batch_execute_statement(**request)

    def aspects(self) -> Aspects:
        return Journal(self, "journal", "votes", packed=True)._aspects

    def names(self) -> list[str]:
        item = self.client.get_item(TableName="votes", Key=aspects.ITEM_KEY, ConsistentRead=True)["Item"]
        return [name["S"] for name in item["standing"]["L"]]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    return Table()


def test_an_aspect_is_given_the_next_number_and_keeps_it(table: Table) -> None:
    assert table.aspects().numbers_of(["story"]) == {"story": 0}
    warm = table.aspects()
    assert warm.numbers_of(["acting", "story", "music"]) == {"story": 0, "acting": 1, "music": 2}
    assert table.aspects().numbers_of(["visuals"])["visuals"] == 3
    assert warm.numbers_of(["overall"])["overall"] == 4, "it knew nothing of the other"
    assert table.names() == ["story", "acting", "music", "visuals", "overall"]
    assert table.aspects().name_of(3) == "visuals"


@pytest.mark.parametrize("before", [[], ["old"]])
@pytest.mark.parametrize("theirs", [["music"], ["acting"], ["acting", "music"]])
def test_of_two_that_add_names_at_once_neither_loses_one(table: Table, before: list[str], theirs: list[str]) -> None:
    table.aspects().numbers_of(before)
    theirs_are: dict[str, int] = {}
    table.between = [lambda: theirs_are.update(table.aspects().numbers_of(theirs))]
    ours = dict(table.aspects().numbers_of(["acting", "story"]))
    assert sorted(table.names()) == sorted({"acting", "story", *before, *theirs})
    for said in (ours, theirs_are):
        assert {name: table.names().index(name) for name in said} == said


def test_a_number_beyond_what_was_read_is_read_again_and_one_without_a_name_is_no_vote(table: Table) -> None:
    reader = aspects.by_get(table, "votes")
    with pytest.raises(UnknownAspect):
        reader.name_of(0)
    table.aspects().numbers_of(["story"])
    assert reader.name_of(0) == "story"
    table.aspects().numbers_of(["music"])
    assert reader.name_of(1) == "music"
    packed = packing.pack({"visuals": AspectVote(1, 1, "b")}, NUMBERS)
    with pytest.raises(UnreadableVote):
        read_vote({"n": {"N": "3"}, "v": {"N": "2"}, "standing": {"B": packed}}, reader.name_of)


def test_a_row_of_aspects_of_a_later_release_is_not_guessed_at(table: Table) -> None:
    row = {"n": {"N": "1"}, "v": {"N": str(aspects.VERSION + 1)}, "standing": {"L": [{"S": "story"}]}}
    table.put_item(TableName="votes", Item=aspects.ITEM_KEY | row)
    with pytest.raises(NewerVersion):
        table.aspects().numbers_of(["story"])
    with pytest.raises(NewerVersion):
        aspects.by_get(table, "votes").name_of(0)


def test_names_that_are_always_refused_put_no_vote(table: Table) -> None:
    refused = {"Responses": [{"Error": {"Code": "ThrottlingError", "Message": "injected"}}]}
    table.between = [lambda: None]
    journal = Journal(table, "journal", "votes", packed=True)
    table.batch_execute_statement = lambda **_: refused  # type: ignore[method-assign]
    with pytest.raises(Throttled, match="ThrottlingError"):
        journal.put_votes(1, [Change("ann", "up", None, {"story": AspectVote(5, 1, "b")})])
    assert journal.standing([("ann", "up")]) == {}


def test_rows_of_both_versions_are_read_and_put_over_one_another() -> None:
    counted = Counted()
    plain, packing_ = (Journal(counted.client, "journal", "votes", packed=one) for one in (False, True))
    held: list[Standing] = [{"story": AspectVote(n, n, f"b{n}"), "music": AspectVote(None, 1, "b1")} for n in range(6)]
    plain.put_votes(1, [Change("ann", "up", None, held[1]), Change("ann", "down", None, held[1])])
    packing_.put_votes(2, [Change("ann", "up", {}, held[2]), Change("bob", "up", None, held[2])])
    forms = {row["voter_id"]["S"] + row["title_id"]["S"]: next(iter(row["standing"])) for row in counted.items("votes")}
    assert forms == {"annup": "B", "anndown": "M", "bobup": "B", "#aspects#aspects": "L"}
    for journal in (plain, packing_):
        assert journal.votes_of("ann") == {("ann", "up"): Vote(2, held[2]), ("ann", "down"): Vote(1, held[1])}
        assert journal.put_by([("ann", "up"), ("bob", "up")]) == {("ann", "up"): 2, ("bob", "up"): 2}
    plain.put_votes(3, [Change("ann", "up", {}, held[3])])
    packing_.put_votes(2, [Change("ann", "up", {}, held[2])])
    assert packing_.standing([("ann", "up")]) == {("ann", "up"): held[3]}, "the later entry's stands, whatever its form"
