"""The independent count, by hand-made cases."""

from typing import Any

import pytest

from tools.traffic.votes.direct_count import DirectCount, differences, microseconds

EIGHT, NINE = "2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z"


def _ballot(voter: Any, **votes: Any) -> Any:
    return {"voter_id": voter, "title_id": "t", "votes": votes}


@pytest.fixture
def counted() -> Any:
    count = DirectCount()
    count.add(_ballot("a", story=5, music=3), "2", NINE)
    count.add(_ballot("a", story=1, acting=2), "1", EIGHT)  # late: only acting is news
    count.add(_ballot("b", story=4), "3", EIGHT)
    count.add(_ballot("b", story=None), "4", EIGHT)  # the same time: the ballot id decides
    return count


def _results(**changes: Any) -> Any:
    aspects = {
        aspect: {"votes": 1, "mean": float(score), "histogram": {str(score): 1}}
        for aspect, score in (("story", 5), ("music", 3), ("acting", 2))
    }
    return {"title_id": "t", "voters": 1, "aspects": aspects} | changes


def test_the_latest_stamp_stands_aspect_by_aspect(counted: Any) -> None:
    assert counted.tally("t") == {"story": {5: 1}, "music": {3: 1}, "acting": {2: 1}}
    assert counted.voters("t") == 1


def test_order_and_repeats_change_nothing(counted: Any) -> None:
    before = counted.tally("t")
    counted.add(_ballot("b", story=4), "3", EIGHT)
    counted.add(_ballot("a", story=1, acting=2), "1", EIGHT)
    assert counted.tally("t") == before


def test_the_same_results_differ_in_nothing(counted: Any) -> None:
    assert differences(counted, "t", _results()) == []
    zero = _results()["aspects"] | {"visuals": {"votes": 0, "mean": None, "histogram": {"1": 0}}}
    assert differences(counted, "t", _results(aspects=zero)) == []


@pytest.mark.parametrize(
    ("results", "text"),
    [
        (None, "does not know"),
        (_results(voters=2), "2 voters"),
        (_results(aspects={}), "story"),
        (
            _results(aspects=_results()["aspects"] | {"story": {"votes": 1, "mean": 5.0, "histogram": {"4": 1}}}),
            "story",
        ),
        (_results(aspects=_results()["aspects"] | {"story": {"votes": 1, "mean": 4.5, "histogram": {"5": 1}}}), "mean"),
        (
            _results(aspects=_results()["aspects"] | {"visuals": {"votes": 1, "mean": 5.0, "histogram": {"5": 1}}}),
            "visuals",
        ),
    ],
)
def test_each_difference_is_named(counted: Any, results: Any, text: Any) -> None:
    assert text in " ".join(differences(counted, "t", results))


def test_unknown_titles_have_no_votes(counted: Any) -> None:
    assert differences(counted, "never", None) == []
    assert differences(counted, "never", _results(title_id="never")) != []


def test_zones_and_fractions() -> None:
    assert microseconds("2026-11-21T10:00:00+02:00") == microseconds(EIGHT)
    assert microseconds("2026-11-21T08:00:00.123456Z") - microseconds(EIGHT) == 123_456
