"""How titles are ranked, and their list as a client sees it."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from shared.versions import NewerVersion
from tests.lambda_src.fakes import DynamoDB, refusal
from tests.lambda_src.stack import NOW_US, Context, Stack
from tests.lambda_src.votes.test_results import put_fold, put_tally
from votes import rank, ranking, titles
from votes.ranking import lower_bound


def stars(five: int, four: int, three: int, two: int, one: int) -> dict[int, int]:
    """So many votes of each score."""
    return {5: five, 4: four, 3: three, 2: two, 1: one}


def listed(stack: Stack, **query: str) -> list[str]:
    """The titles of a page, in their order."""
    answer = stack.titles(query)
    assert answer.status == 200, answer.text
    return [one["title_id"] for one in answer.body["titles"]]


@pytest.mark.parametrize("histogram", [stars(60, 80, 75, 20, 25), stars(4, 9, 2, 0, 1)])
def test_the_mean_is_above_the_bound_in_nineteen_of_twenty_cases(histogram: dict[int, int]) -> None:
    """Drawn, not reckoned: what the shares of the scores may be, after these votes."""
    draw, below, cases = random.Random(20261130), 0, 4_000
    for _ in range(cases):
        parts = {score: draw.gammavariate(votes + 1, 1) for score, votes in histogram.items()}
        mean = sum(score * part for score, part in parts.items()) / sum(parts.values())
        below += mean < lower_bound(histogram)
    assert 0.03 < below / cases < 0.07


def test_few_votes_do_not_lead_and_many_come_to_their_mean() -> None:
    few, many = lower_bound(stars(5, 0, 0, 0, 0)), lower_bound(stars(4_500, 500, 0, 0, 0))
    assert few < lower_bound(stars(50, 0, 0, 0, 0)) < 5
    assert few < many < 4.9 < many + 0.02


def test_titles_are_listed_by_votes_and_by_what_they_are_at_least(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    put_tally(stack, "loved-by-few", voters=2, story_5=2)
    put_tally(stack, "loved-by-many", voters=90, story_5=80, story_4=10, music_1=3)
    put_tally(stack, "seen-by-most", voters=200, story_3=200)
    put_tally(stack, "withdrawn", voters=0, story_5=0)
    put_tally(stack, "probe", voters=1, story_5=1)
    assert stack.rank() == {"titles": 4}
    assert listed(stack) == ["seen-by-most", "loved-by-many", "loved-by-few"]
    assert listed(stack, order="best", aspect="story") == ["loved-by-many", "seen-by-most", "loved-by-few"]
    assert listed(stack, order="most-voted", aspect="music") == ["loved-by-many"]
    answer = stack.titles({"order": "best", "aspect": "story", "limit": "1"})
    assert answer.headers["cache-control"] == "max-age=30"
    (first,) = answer.body["titles"]
    assert (first["place"], first["voters"], first["ranked_by"]) == (
        1,
        90,
        round(lower_bound(stars(80, 10, 0, 0, 0)), 4),
    )
    assert first["aspects"]["story"] == {"votes": 90, "mean": 4.8889}
    assert first["aspects"]["acting"] == {"votes": 0, "mean": None}
    assert answer.body["as_of"] == "2026-11-21T08:00:00.000000Z"


def test_pages_hold_every_title_once_and_the_last_has_no_next(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    for number in range(7):
        put_tally(stack, f"t{number}", voters=10 - number, story_5=1)
    stack.rank()
    found: list[str] = []
    query: dict[str, str] = {"limit": "3", "order": "most-voted"}
    for _ in range(3):
        answer = stack.titles(query)
        found += [one["title_id"] for one in answer.body["titles"]]
        query["cursor"] = answer.body["next"]
    assert found == [f"t{number}" for number in range(7)]
    assert query["cursor"] is None


def test_before_the_first_ranking_the_list_is_empty(stack: Stack) -> None:
    answer = stack.titles()
    assert answer.status == 200
    assert answer.body == {"order": "most-voted", "aspect": None, "titles": [], "as_of": None, "next": None}
    assert stack.rank() == {"titles": None}, "nothing was ever folded"


@pytest.mark.parametrize(
    "query",
    [
        {"order": "worst"},
        {"order": ""},
        {"aspect": "plot"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "1e1"},
        {"limit": "１"},
        {"cursor": ""},
        {"cursor": "é"},
        {"cursor": "A" * 5_000},
        {"cursor": "AAAA"},
        {"cursor": titles._cursor(titles.Asked("best", None, 20, 0), 20)},
        {"cursor": titles._cursor(titles.Asked("most-voted", "story", 20, 0), 20)},
        {"oder": "best"},
        {"limit": "5,6"},
    ],
)
def test_a_query_that_is_not_understood_is_400(stack: Stack, query: dict[str, str]) -> None:
    answer = stack.titles(query)
    assert (answer.status, answer.body["code"]) == (400, "bad-query")
    assert len(answer.body["message"]) < 200


def test_a_cursor_past_the_last_place_is_an_empty_page(stack: Stack) -> None:
    past = titles._cursor(titles.Asked("most-voted", None, 20, 0), 5_000)
    assert listed(stack, cursor=past) == []


def test_other_methods_and_paths_are_refused(stack: Stack) -> None:
    assert stack.titles(requestContext={"http": {"method": "POST"}}).status == 405
    assert stack.titles(rawPath="/v2/titles").status == 404


def test_nothing_is_read_again_while_no_epoch_was_closed(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    put_tally(stack, "t", voters=1, story_5=1)
    assert stack.rank() == {"titles": 1}
    asked: list[str] = []
    stack.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.*", lambda params, model, **_: asked.append(model.name)
    )
    assert stack.rank() == {"titles": None}
    assert asked == ["GetItem"]


def test_a_list_costs_the_tables_nothing_and_the_bucket_one_read_in_half_a_minute(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("shared.clock.monotonic", lambda: now[0])
    put_fold(stack, NOW_US)
    put_tally(stack, "t", voters=1, story_5=1)
    stack.rank()
    stack.replace_client("dynamodb", None)
    read: list[str] = []
    stack.s3.meta.events.register("provide-client-params.s3.GetObject", lambda params, **_: read.append(params["Key"]))
    for second in (0.0, 29.9, 30.1):
        now[0] = 100.0 + second
        assert listed(stack) == ["t"]
    assert read == [ranking.KEY] * 2


def test_a_table_that_is_not_read_in_time_leaves_the_ranking_before(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    put_tally(stack, "t", voters=1, story_5=1)
    with pytest.raises(rank.TooManyTitles, match=r"sizing\.rank"):
        stack.rank(Context(rank.LEFT_MS - 1))
    assert listed(stack) == []


def test_every_page_of_the_table_is_read() -> None:
    rows = [[{"title_id": {"S": "a"}}], [{"title_id": {"S": "b"}}], []]
    asked: list[Any] = []

    class Pages:
        def scan(self, **request: Any) -> Any:
            asked.append(request.get("ExclusiveStartKey"))
            more = {"LastEvaluatedKey": len(asked)} if len(asked) < len(rows) else {}
            return {"Items": rows[len(asked) - 1], **more}

    assert list(ranking.pages(Pages(), "tallies")) == rows
    assert asked == [None, 1, 2]


def test_those_that_have_a_place_are_those_of_a_whole_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are dropped on the way, so that many take no memory; none that has a place is."""
    monkeypatch.setattr(ranking, "MOST_PLACES", 5)
    draw = random.Random(20261130)
    every = [
        ranking.read_title(
            f"t{number}",
            {"voters": draw.randint(0, 9)} | {f"story#{score}": draw.randint(0, 3) for score in range(1, 6)},
            ["story"],
            range(1, 6),
        )
        for number in range(200)
    ]
    ranker = ranking.Ranker(["story"])
    for start in range(0, 200, 7):
        ranker.add(every[start : start + 7])
    places = ranker.places()
    wanted: dict[tuple[str, str | None], Callable[[ranking.Title], float]] = {
        ("most-voted", None): lambda one: one.voters,
        ("best", "story"): lambda one: one.aspects["story"].bound if one.aspects["story"].votes else 0,
    }
    for key, by in wanted.items():
        whole = sorted(filter(by, every), key=lambda one: (-by(one), -one.voters, one.title_id))
        assert [place.title.title_id for place in places[key]] == [one.title_id for one in whole[:5]]


def test_more_aspects_have_fewer_places_each_so_that_the_object_stays_small() -> None:
    many = [f"aspect-{number}" for number in range(50)]
    assert len(ranking.Ranker(many).places()) * ranking.Ranker(many)._most <= ranking.ALL_PLACES


def test_a_ranking_of_a_later_release_is_not_guessed_at(stack: Stack) -> None:
    body = json.dumps({"v": ranking.VERSION + 1}).encode()
    with pytest.raises(NewerVersion):
        ranking.decode(body)
    stack.s3.put_object(Bucket=stack.rankings, Key=ranking.KEY, Body=body)
    assert stack.titles().status == 503


def test_an_aspect_that_is_newer_than_the_ranking_has_no_votes_yet(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    put_tally(stack, "t", voters=1, story_5=1)
    stack.rank()
    stack.setenv(ASPECTS='["story", "pace"]')
    (first,) = stack.titles().body["titles"]
    assert first["aspects"] == {"story": {"votes": 1, "mean": 5.0}, "pace": {"votes": 0, "mean": None}}
    assert listed(stack, aspect="pace") == []


def test_a_bucket_that_does_not_answer_is_503(stack: Stack) -> None:
    class Refusing:
        def get_object(self, **_: Any) -> Any:
            raise refusal("GetObject", "SlowDown")

    stack.replace_client("s3", Refusing())
    assert (stack.titles().status, stack.titles().body["code"]) == (503, "table-unavailable")


def test_a_tally_that_cannot_be_read_fails_the_call_so_that_its_alarm_rings(stack: Stack) -> None:
    stack.replace_client("dynamodb", DynamoDB(refusal("GetItem", "AccessDeniedException")))
    with pytest.raises(Exception, match="AccessDenied"):
        stack.rank()
