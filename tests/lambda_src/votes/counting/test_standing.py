"""Folding ballots over a standing vote: order and repetition do not matter, and the deltas say what
it does to the counters.
"""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tools.simulation.votes.ballots import expected
from votes import standing
from votes.ballot import Ballot
from votes.standing import AspectVote, Change, Key, Standing

ASPECTS = ("story", "music", "acting")


@st.composite
def some_ballots(draw: st.DrawFn) -> list[Ballot]:
    """Ballots of few voters, no two with one stamp, though times are often equal."""
    votes = st.dictionaries(st.sampled_from(ASPECTS), st.none() | st.integers(1, 3), min_size=1)
    one = st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), votes, st.integers(0, 3))
    return [Ballot(*given[:3], f"b{place}", given[3]) for place, given in enumerate(draw(st.lists(one, max_size=12)))]


def folded(ballots: list[Ballot], found: dict[Key, Standing] | None = None) -> dict[Key, Standing]:
    found = found or {}
    return {**found, **{change.key: change.after for change in standing.changes(found, ballots)}}


@given(some_ballots(), st.randoms())
def test_in_any_order_in_any_parts_and_again(ballots: list[Ballot], rng: "st.Random") -> None:  # type: ignore[name-defined]
    once = folded(ballots)
    assert once == expected(ballots)[0]
    mixed = ballots + ballots[: len(ballots) // 2]
    rng.shuffle(mixed)
    assert folded(mixed) == once
    part = rng.randint(0, len(mixed))
    assert folded(mixed[part:], folded(mixed[:part])) == once
    assert standing.changes(once, mixed) == []


@given(some_ballots(), st.integers(0, 12))
def test_deltas_add_up_to_the_tallies(ballots: list[Ballot], part: int) -> None:
    first = standing.changes({}, ballots[:part])
    found = {change.key: change.after for change in first}
    tallies: dict[str, Counter[str]] = {}
    for changes in (first, standing.changes(found, ballots[part:])):
        sums: dict[str, dict[str, int]] = {}
        for change in changes:
            standing.add_delta(sums.setdefault(change.title_id, {}), change)
        for title, delta in standing.without_zeros(sums).items():
            assert all(delta.values())
            tallies.setdefault(title, Counter()).update(delta)
    assert {t: {n: c for n, c in row.items() if c} for t, row in tallies.items() if any(row.values())} == expected(
        ballots
    )[1]


def test_what_was_found_is_left_as_it_was() -> None:
    found = {("ann", "up"): {"story": AspectVote(5, 1, "a")}}
    changes = standing.changes(found, [Ballot("ann", "up", {"story": None, "music": 2}, "b", 2)])
    assert found == {("ann", "up"): {"story": AspectVote(5, 1, "a")}}
    assert changes == [
        Change("ann", "up", {"story": 5}, {"story": AspectVote(None, 2, "b"), "music": AspectVote(2, 2, "b")})
    ]


def test_equal_times_are_ordered_by_id() -> None:
    late, early = Ballot("ann", "up", {"story": 1}, "b", 7), Ballot("ann", "up", {"story": 2}, "a", 7)
    assert folded([late, early]) == folded([early, late]) == {("ann", "up"): {"story": AspectVote(1, 7, "b")}}


def test_the_same_score_cast_again_still_moves_the_stamp() -> None:
    (change,) = standing.changes(
        {("ann", "up"): {"story": AspectVote(5, 1, "a")}}, [Ballot("ann", "up", {"story": 5}, "b", 2)]
    )
    sums: dict[str, dict[str, int]] = {"up": {}}
    standing.add_delta(sums["up"], change)
    assert change.after == {"story": AspectVote(5, 2, "b")}
    assert standing.without_zeros(sums) == {}


def test_withdrawing_the_last_score_takes_the_voter_off() -> None:
    delta: dict[str, int] = {}
    standing.add_delta(delta, Change("ann", "up", {"story": 5}, {"story": AspectVote(None, 2, "b")}))
    assert delta == {"story#5": -1, "voters": -1}
    standing.add_delta(delta, Change("ann", "up", {}, {"story": AspectVote(4, 3, "c")}))
    assert delta == {"story#5": -1, "story#4": 1, "voters": 0}


def test_only_what_stands_of_a_ballot_is_counted_as_its() -> None:
    first, second = Ballot("ann", "up", {"story": 1, "music": 1}, "a", 1), Ballot("ann", "up", {"story": 2}, "b", 2)
    (change,) = standing.changes({}, [first, second])
    assert standing.stands_in(change, first)
    assert standing.stands_in(change, second)
    (change,) = standing.changes({}, [first, second, Ballot("ann", "up", {"music": 3}, "c", 3)])
    assert not standing.stands_in(change, first)
