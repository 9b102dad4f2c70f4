"""The tally function, event in and response out, on simulated tables."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared import clock, logs
from tests.lambda_src.stack import Context
from tests.support.captured import Log, own_logger
from tests.support.counted import Counted
from votes import entry
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.settings import TallySettings
from votes.standing import AspectVote, Change
from votes.tallies import Open
from votes.tally import Tally

SHARDS = 4


class Sqs:
    def __init__(self) -> None:
        self.hidden: list[str] = []

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.hidden += [entry["ReceiptHandle"] for entry in Entries]
        return {}


class Rig:
    log: Log

    def __init__(self) -> None:
        self.tables, self.sqs = Counted(), Sqs()
        self.journal, self.tallies = self.tables.journal, self.tables.tallies
        config = TallySettings(
            tick_queue_url="http://q/tick.fifo",
            votes_table="v",
            journal_table="j",
            tallies_table="t",
            shards=SHARDS,
            epoch_changes=4,
            fold_seconds=0,
        )
        self.tally = Tally(config, Folding(self.journal, self.tallies, SHARDS, 4), self.sqs)

    def cast(self, shard: int, number: int) -> None:
        ballots = [Ballot(f"v{shard}-{n}", "up", {"story": 5}, "b", 1) for n in range(number)]
        for ballot in ballots:
            Counting(self.journal, SHARDS).count(shard, [ballot])

    def move_heads(self) -> None:
        Folding(self.journal, self.tallies, SHARDS, 4).look_past_heads()

    def tick(self, *bodies: str, received: int = 2) -> list[str]:
        """Ticks in one event, the first received so often, each other once more."""
        records = [
            {
                "messageId": f"id-{place}",
                "receiptHandle": f"r-{place}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(received + place)},
            }
            for place, body in enumerate(bodies)
        ]
        response = self.tally.handle({"Records": records}, Context(60_000))
        return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "votes-tally")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    with own_logger("votes-tally") as log:
        made = Rig()
        made.log = log
        yield made
    logs.metrics.cache_clear()


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [found for line in capsys.readouterr().out.splitlines() if "_aws" in (found := json.loads(line))]


@pytest.mark.parametrize("event", [{"source": "schedule"}, {"Records": []}, {}])
def test_the_schedule_folds(rig: Rig, event: dict[str, Any]) -> None:
    rig.cast(1, 3)
    assert rig.tally.handle(event, Context(60_000)) == {"batchItemFailures": []}
    assert rig.tables.tallied() == {"up": {"story#5": 3, "voters": 3}}


@pytest.mark.parametrize("body", ['{"v":1,"slot":7}', "anything", "[]", "{}", "[" * 60_000])
def test_a_tick_folds_whatever_it_says(rig: Rig, body: str) -> None:
    rig.cast(1, 3)
    assert rig.tick(body, body) == []
    fold = rig.tallies.fold()
    assert fold
    assert fold.epoch == 1


def test_a_tick_of_a_later_release_waits_alone(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 3)
    assert rig.tick('{"v":2}') == ["id-0"]
    (line,) = metrics(capsys)
    assert line["MessagesFailed"] == [1.0]
    assert rig.tables.tallied() == {}
    assert rig.tick('{"v":2}', '{"v":1,"slot":7}') == ["id-0"]
    assert rig.sqs.hidden == ["r-0", "r-0"]
    assert rig.tables.tallied() == {"up": {"story#5": 3, "voters": 3}}
    failed = [line for line in rig.log.lines if line.get("message") == "failed"]
    assert {(line["place"], line["kind"], *line["message_ids"]) for line in failed} == {
        ("read", "NewerVersion", "id-0")
    }


def test_what_cannot_be_folded_fails_the_ticks(rig: Rig) -> None:
    rig.cast(1, 1)
    rig.tallies.create_fold(SHARDS)
    rig.tallies.fix(Open(1, {1: 2}, 1))
    assert rig.tick("{}") == ["id-0"]
    out = rig.log.text
    assert "EntriesMissing" in out
    assert '"queue":"tick.fifo"' in out
    assert '"message_ids":["id-0"]' in out
    with pytest.raises(Exception, match="cannot be folded again"):
        rig.tally.handle({"source": "schedule"}, Context(60_000))


def test_folds_again_while_the_range_is_capped(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 10)
    rig.move_heads()
    rig.tick("{}")
    (line,) = metrics(capsys)
    assert (line["Epochs"], line["EpochBallots"], line["EntriesBehind"], line["FoldLagSeconds"]) == (
        [3.0],
        [10.0],
        [0.0],
        [0.0],
    )
    rig.tick("{}")
    (line,) = metrics(capsys)
    assert (line["Epochs"], line["FoldLagSeconds"]) == ([0.0], [0.0])


@pytest.fixture
def slow(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each epoch takes 20 seconds."""
    now = [clock.now_us()]
    monkeypatch.setattr(clock, "now_us", lambda: now[0])

    close = rig.tallies.close

    def slowly(*given: Any) -> bool:
        closed = close(*given)
        now[0] += 20_000_000
        return closed

    monkeypatch.setattr(rig.tallies, "close", slowly)


@pytest.mark.usefixtures("slow")
def test_folds_no_more_when_half_of_its_time_is_gone(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 10)
    rig.move_heads()
    rig.tick("{}")
    (line,) = metrics(capsys)
    assert (line["Epochs"], line["EntriesBehind"]) == ([2.0], [2.0])
    assert line["FoldLagSeconds"][0] > 20


@pytest.mark.usefixtures("slow")
def test_one_tick_comes_again_for_what_there_was_no_time_for(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 30)  # eight epochs, two a turn
    assert rig.tick("{}", "{}", received=1) == ["id-0"], "the one that came least"
    assert rig.tick("{}", received=2) == ["id-0"]
    assert rig.sqs.hidden == ["r-0", "r-0"], "soon, not when its visibility runs out"
    assert rig.tick("{}", received=3) == [], "a tick that failed its last turns would be a dead letter"
    assert not any("MessagesFailed" in line for line in metrics(capsys)), "nothing failed"
    assert rig.tick('{"v":2}', "{}", received=1) == ["id-0"], "all is folded: only the one of a later release is left"
    assert rig.tables.tallied() == {"up": {"story#5": 30, "voters": 30}}
    assert "fold" not in {line.get("place") for line in rig.log.lines}, "nothing failed"


@pytest.mark.usefixtures("slow")
def test_the_schedule_has_no_tick_to_leave(rig: Rig) -> None:
    rig.cast(1, 30)
    assert rig.tally.handle({"source": "schedule"}, Context(60_000)) == {"batchItemFailures": []}


def test_an_open_epoch_and_then_what_is_new(rig: Rig) -> None:
    rig.cast(1, 2)
    rig.tallies.create_fold(SHARDS)
    rig.tallies.fix(Open(1, {1: 1}, 1))
    rig.tick("{}")
    fold = rig.tallies.fold()
    assert fold
    assert (fold.epoch, fold.upto) == (2, {1: 2})


def test_the_schedule_notices_an_entry_that_nobody_finishes(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 1)
    body = entry.encode([Change("nobody", "up", None, {"story": AspectVote(5, 1, "b")})])
    rig.journal.append(1, 2, body, clock.now_us() - 3_600_000_000)
    rig.tick("{}")
    rig.tally.handle({"source": "schedule"}, Context(60_000))
    ticked, scheduled = metrics(capsys)
    assert ticked["FoldLagSeconds"] == [0.0]
    assert scheduled["FoldLagSeconds"][0] == pytest.approx(3600, abs=60)
    assert scheduled["EntriesBehind"] == [0.0]


def test_a_stopped_shard_is_named(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.cast(1, 2)
    rig.cast(2, 1)
    rig.move_heads()
    rig.tables.lose(1, 1)
    assert rig.tick("{}") == []
    found = metrics(capsys)
    (whole,) = [line for line in found if "EntriesBehind" in line]
    assert (whole["ShardsStopped"], whole["EntriesBehind"]) == ([1.0], [2.0])
    (single,) = [line for line in found if "ShardStopped" in line]
    assert (single["shard"], single["ShardStopped"]) == ("1", [1.0])
    (error,) = rig.log.lines
    assert error["stopped"] == {"1": "entry 1 is not there, though the head says 2"}
    assert whole["FoldLagSeconds"][0] < 60
