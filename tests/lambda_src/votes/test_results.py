"""results, as a client sees them."""

import pytest

from tests.lambda_src.fakes import DynamoDB, refusal, unreachable
from tests.lambda_src.stack import NOW_US, Stack

ASPECTS = ["story", "acting", "visuals", "music", "overall"]
NOTHING = {"votes": 0, "mean": None, "histogram": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}}


def put_tally(stack: Stack, title_id: str, **counters: int) -> None:
    """A title's tally; `story_5` is the counter story#5."""
    numbers = {name.replace("_", "#"): {"N": str(value)} for name, value in ({"epoch": 1, "v": 1} | counters).items()}
    stack.dynamodb.put_item(TableName=stack.tables["tallies"], Item={"title_id": {"S": title_id}, **numbers})


def put_fold(stack: Stack, as_of: int, version: int = 1) -> None:
    """The fold row."""
    numbers = {
        name: {"N": str(value)} for name, value in {"epoch": 1, "as_of": as_of, "shards": 4, "v": version}.items()
    }
    stack.dynamodb.put_item(
        TableName=stack.tables["tallies"], Item={"title_id": {"S": "#fold"}, "upto": {"M": {}}, **numbers}
    )


def test_every_aspect_and_every_score_is_there(stack: Stack) -> None:
    put_fold(stack, NOW_US + 5)
    put_tally(stack, "the-wire", voters=4, story_5=2, story_4=1, music_1=1, music_3=0, plot_5=9)
    answer = stack.results("the-wire")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "max-age=1"
    assert answer.body == {
        "title_id": "the-wire",
        "voters": 4,
        "aspects": {
            "story": {"votes": 3, "mean": 4.6667, "histogram": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 2}},
            "acting": NOTHING,
            "visuals": NOTHING,
            "music": {"votes": 1, "mean": 1.0, "histogram": {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}},
            "overall": NOTHING,
        },
        "as_of": "2026-11-21T08:00:00.000005Z",
    }
    assert list(answer.body["aspects"]) == ASPECTS


def test_a_counter_below_zero_is_shown_as_none(stack: Stack) -> None:
    put_tally(stack, "half-mended", voters=-1, story_5=-1, story_4=2)
    answer = stack.results("half-mended")
    assert answer.body["voters"] == 0
    assert answer.body["aspects"]["story"] == {
        "votes": 2,
        "mean": 4.0,
        "histogram": {"1": 0, "2": 0, "3": 0, "4": 2, "5": 0},
    }


def test_a_listed_title_without_votes_has_none(stack: Stack) -> None:
    stack.list_title("new")
    answer = stack.results("new")
    assert answer.status == 200
    assert answer.body == {"title_id": "new", "voters": 0, "aspects": dict.fromkeys(ASPECTS, NOTHING), "as_of": None}


def test_an_unknown_title_is_404(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    answer = stack.results("unknown")
    assert (answer.status, answer.body["code"]) == (404, "unknown-title")
    assert '"unknown"' in answer.body["message"]


@pytest.mark.parametrize("title_id", ["#fold", "", "t" * 65, "a b", "é", "\0", "\ud800", None])
def test_a_bad_identifier_is_400(stack: Stack, title_id: str | None) -> None:
    put_fold(stack, NOW_US)
    answer = stack.results(title_id)
    assert (answer.status, answer.body["code"]) == (400, "bad-identifier")


def test_before_the_first_epoch_closed_there_is_no_as_of(stack: Stack) -> None:
    put_fold(stack, 0)
    put_tally(stack, "t", voters=1, story_5=1)
    assert stack.results("t").body["as_of"] is None


def test_the_fold_is_read_once_a_second_and_before_the_tally(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("shared.clock.monotonic", lambda: now[0])
    put_fold(stack, NOW_US)
    put_tally(stack, "t", voters=1)
    asked: list[tuple[str, bool]] = []
    stack.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.GetItem",
        lambda params, **_: asked.append((params["Key"]["title_id"]["S"], params["ConsistentRead"])),
    )
    assert stack.results("t").body["as_of"] == "2026-11-21T08:00:00.000000Z"
    assert asked == [("#fold", True), ("t", True)]
    put_fold(stack, NOW_US + 1_000_000)
    now[0] += 0.99
    assert stack.results("t").body["as_of"] == "2026-11-21T08:00:00.000000Z"
    now[0] += 0.02
    assert stack.results("t").body["as_of"] == "2026-11-21T08:00:01.000000Z"
    assert [key for key, _ in asked] == ["#fold", "t", "t", "#fold", "t"]


def test_other_methods_and_paths_are_refused(stack: Stack) -> None:
    assert stack.results("t", requestContext={"http": {"method": "POST"}}).status == 405
    assert stack.results("t", rawPath="/v1/titles/t").status == 404
    assert stack.results("t", pathParameters=None).status == 400


@pytest.mark.parametrize("error", [refusal("GetItem", "ProvisionedThroughputExceededException"), unreachable()])
def test_a_table_that_does_not_answer_is_503(stack: Stack, error: Exception) -> None:
    stack.replace_client("dynamodb", DynamoDB(error))
    answer = stack.results("t")
    assert (answer.status, answer.body["code"]) == (503, "table-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    (line,) = stack.logged()
    assert (line["level"], line["place"]) == ("ERROR", "results")


def test_a_newer_fold_row_is_503(stack: Stack) -> None:
    put_fold(stack, NOW_US, version=2)
    assert stack.results("t").status == 503


def test_a_row_nobody_wrote_is_500_and_tells_nothing(stack: Stack) -> None:
    put_fold(stack, NOW_US)
    stack.dynamodb.put_item(TableName=stack.tables["tallies"], Item={"title_id": {"S": "t"}, "voters": {"S": "many"}})
    answer = stack.results("t")
    assert (answer.status, answer.body["code"]) == (500, "internal")
    assert "many" not in answer.text
