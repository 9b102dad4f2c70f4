"""What rows of another system mean: what is not said, and cannot be seen, is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.bearer import id_of
from tools.common.errors import CommandError
from tools.operations.votes import import_rules
from tools.operations.votes.import_file import LONGEST_LINE, Row, rows
from tools.operations.votes.import_rules import Meaning, scores_of, since_of
from votes.ballot import Ballot, Refusal
from votes.rules import Rules

RULES = Rules(["story", "overall"], 1, 5)
NOW_US = 1_795_248_000_000_000  # 2026-11-21T08:00:00Z
SINCE_US = 1_262_304_000_000_000  # 2010-01-01
GOOD = {"voter_id": "ann", "title_id": "up", "cast_at": "2015-06-01T12:00:00Z", "overall": "4"}
CAST_AT = 1_433_160_000_000_000
HALVES = "0.5=1,1=1,1.5=2,2=2,2.5=3,3=3,3.5=4,4=4,4.5=5,5=5"


def read(fields: dict[str, Any], **more: Any) -> Ballot | Refusal:
    return Meaning(RULES, SINCE_US, NOW_US, **more).ballot(Row(2, fields))


def test_a_row_is_the_same_ballot_each_time_and_another_for_any_difference() -> None:
    one = read(GOOD)
    assert isinstance(one, Ballot)
    assert one[:3] == ("ann", "up", {"overall": 4})
    assert one.cast_at == CAST_AT
    assert read(GOOD | {"overall": "4.0"}) == read(GOOD | {"overall": 4}) == one
    different = [
        read(GOOD | change) for change in ({"overall": "5"}, {"story": "1"}, {"title_id": "down"}, {"voter_id": "bob"})
    ]
    later = read(GOOD | {"cast_at": "2015-06-01T12:00:00.000001Z"})
    assert len({held.ballot_id for held in (one, later, *different) if isinstance(held, Ballot)}) == 6
    assert read(GOOD | {"ballot_id": "theirs-1"}) == one._replace(ballot_id="theirs-1")


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"overall": "3.5"}, "bad-score", '"3.5" of overall is no whole number: say what it becomes, SCORES=3.5=4'),
        ({"overall": "6"}, "bad-score", "from 1 to 5"),
        ({"overall": "four"}, "bad-score", "must be a number"),
        ({"overall": "1_0"}, "bad-score", "must be a number"),
        ({"overall": True}, "bad-score", "must be a number"),
        ({"overall": ""}, "empty-votes", "votes is empty"),
        ({"votes": {"music": 3}}, "unknown-aspect", "music"),
        ({"votes": "4"}, "bad-votes", "must be an object"),
        ({"voter_id": "ann smith"}, "bad-identifier", "voter_id"),
        ({"voter_id": None}, "bad-identifier", "voter_id"),
        ({"title_id": "probe"}, "unknown-title", "the service's own"),
        ({"cast_at": "2015-06-01"}, "bad-time", "RFC 3339"),
        ({"cast_at": "1433160000"}, "bad-time", "or say TIMES=seconds"),
        ({"cast_at": "2009-12-31T23:59:59Z"}, "too-early", "before SINCE"),
        ({"cast_at": "2026-11-21T08:00:01Z"}, "too-late", "in the future"),
        ({"ballot_id": "a b"}, "bad-identifier", "ballot_id"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], code: str, says: str) -> None:
    refused = read(GOOD | change)
    assert isinstance(refused, Refusal)
    assert (str(refused.code), says in refused.message) == (code, True), refused.message


def test_half_points_become_what_a_person_says() -> None:
    scores = scores_of(HALVES, RULES)
    assert [scores[Decimal(theirs)] for theirs in ("0.5", "1.5", "4.5", "5")] == [1, 2, 5, 5]
    assert read(GOOD | {"overall": "3.50"}, scores=scores) == read(GOOD | {"overall": "4"})
    refused = read(GOOD | {"overall": "0"}, scores=scores)
    assert isinstance(refused, Refusal)
    assert refused.message == 'SCORES does not say what "0" of overall becomes'


@pytest.mark.parametrize("text", ["3.5", "3.5=", "=4", "3.5=6", "3.5=4.5", "x=3", "3=3,3.0=4", "3=3,3=3"])
def test_scores_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(CommandError):
        scores_of(text, RULES)


IN_UNITS = {"seconds": "1433160000", "milliseconds": "1433160000000", "microseconds": str(CAST_AT)}


@pytest.mark.parametrize(("times", "text"), IN_UNITS.items())
def test_times_are_in_the_unit_that_is_said(times: str, text: str) -> None:
    right = read(GOOD | {"cast_at": text}, times=times)
    assert isinstance(right, Ballot)
    assert right.cast_at == CAST_AT
    for other in import_rules.TIMES.keys() - {times}:
        assert isinstance(read(GOOD | {"cast_at": text}, times=other), Refusal), other


def test_voters_may_be_the_subjects_of_tokens() -> None:
    ballot = read(GOOD, issuer="https://login.example.org/")
    assert isinstance(ballot, Ballot)
    assert ballot.voter_id == id_of("https://login.example.org/", "ann")


def test_their_names_for_our_columns() -> None:
    columns = import_rules.columns_of("voter_id=userId, title_id=movieId,overall=rating,cast_at=timestamp")
    meaning = Meaning(RULES, SINCE_US, NOW_US, columns, {Decimal("3.5"): 4}, "seconds")
    row = Row(2, {"userId": "1", "movieId": "296", "rating": "3.5", "timestamp": "1433160000", "genres": "Drama"})
    assert meaning.require(row) == ["genres"]
    ballot = meaning.ballot(row)
    assert isinstance(ballot, Ballot)
    assert ballot[:3] == ("1", "296", {"overall": 4})
    with pytest.raises(CommandError, match="line 2 has no voter_id, title_id, cast_at: it has userId"):
        Meaning(RULES, SINCE_US, NOW_US).require(row)
    with pytest.raises(CommandError, match="has no story or overall or votes"):
        Meaning(RULES, SINCE_US, NOW_US).require(Row(2, {"voter_id": "", "title_id": "", "cast_at": "", "rating": ""}))


@pytest.mark.parametrize("text", [None, "", "yesterday", "1969-12-31"])
def test_since_is_said(text: str | None) -> None:
    with pytest.raises(CommandError, match="SINCE"):
        since_of(text)


def test_rows_of_csv(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text('\ufeffvoter_id,title_id\nann, up\n\n"b\nob",up\ncee\n')
    assert list(rows(file)) == [
        Row(2, {"voter_id": "ann", "title_id": "up"}),
        Row(4, {"voter_id": "b\nob", "title_id": "up"}),
        Row(6, {}, "it has 1 columns, the header 2"),
    ]


def test_rows_of_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "ratings.jsonl"
    file.write_text('{"voter_id": "ann"}\n\n[1]\n{"a": 1, "a": 2}\n{"a"\n' + "[" * 100_000 + "\n")
    found = list(rows(file))
    assert found[:3] == [
        Row(1, {"voter_id": "ann"}),
        Row(3, {}, "it is no JSON object with distinct keys"),
        Row(4, {}, "it is no JSON object with distinct keys"),
    ]
    assert [row.line for row in found] == [1, 3, 4, 5, 6]
    assert all(row.wrong.startswith("it is not JSON") for row in found[3:])


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "x" * LONGEST_LINE, "line 1 is longer than"),
        ("a.jsonl", "x" * LONGEST_LINE, "line 1 is longer than"),
        ("a.csv", 'a,b\nx,"y\nz,w\n', "line 2 is no CSV"),
        ("a.csv", "a,a\n", "must name each column"),
        ("a.csv", "", "must name each column"),
        ("a.csv", b"a,b\n\xff\xfe,1\n", "as UTF-8 text"),
    ],
)
def test_files_nobody_can_read_on_in(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError, match=says):
        list(rows(file))
