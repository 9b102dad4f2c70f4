"""The bench's ballots: what share repeats, and what a right count makes of them."""

from collections import Counter

from tools.bench.votes import load


def test_the_same_seed_gives_the_same_ballots() -> None:
    assert load.ballots(500, 3) == load.ballots(500, 3)
    assert load.ballots(500, 3) != load.ballots(500, 4)


def test_shares_of_changed_minds_and_duplicates() -> None:
    drawn = load.ballots(20_000)
    ids = Counter(ballot["ballot_id"] for ballot in drawn)
    assert 0.008 < sum(n - 1 for n in ids.values()) / len(drawn) < 0.012
    pairs = {(ballot["voter_id"], ballot["title_id"]) for ballot in drawn}
    assert 0.045 < (len(ids) - len(pairs)) / len(drawn) < 0.055
    assert all(len(ballot["votes"]) == 3 for ballot in drawn)


def test_popular_films_get_more() -> None:
    votes = Counter(ballot["title_id"] for ballot in load.ballots(20_000))
    first, last = (votes[f"mv{n:04d}"] for n in (0, 999))
    assert first > 10 * max(1, last)


def test_one_title_and_more_titles_than_films() -> None:
    assert {ballot["title_id"] for ballot in load.ballots(200, titles=1)} == {"mv0000"}
    assert len({ballot["title_id"] for ballot in load.ballots(5_000, titles=100_000)}) > 3_000


def test_uuids_for_every_identifier() -> None:
    assert {
        len(ballot[name]) for ballot in load.ballots(50, ids="uuid") for name in ("voter_id", "title_id", "ballot_id")
    } == {36}


def test_the_later_ballot_wins_aspect_by_aspect() -> None:
    first = {
        "voter_id": "v",
        "title_id": "t",
        "votes": {"story": 1, "music": 2},
        "ballot_id": "a",
        "cast_at": "2026-11-21T07:00:00.000Z",
    }
    later = first | {"votes": {"story": 5}, "ballot_id": "b", "cast_at": "2026-11-21T07:00:00.001Z"}
    right = {"t": {"story#5": 1, "music#2": 1}}
    assert load.expected([first, later]) == load.expected([later, first, first]) == right
    assert load.miscounts({"t": {"story#5": 1, "story#1": 1}}, right) == 2
