"""Long queues of dead letters while each call takes its time: all is given back, none is lost.

What a look holds comes back by itself when its time is over; then its receipts are worth nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.operations.slow import Slow
from tools.common.errors import CommandError
from tools.operations import dead_letters, redrive, redrive_command
from tools.operations.held import Held
from tools.operations.redrive_command import Options
from tools.operations.votes.erase_messages import in_dead_letters
from tools.operations.votes.message_summary import summary_of
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.simulation.aws.calls import Call

VOTER, OTHER = "voter-erased", "voter-other"


def redriven(slow: Slow, queue: str, **more: Any) -> str:
    assert redrive_command.run(slow.deployment, slow.console, Options(queue, rate=1e6, **more), VOTES) == 0
    return slow.console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("seconds", "count", "most"), [(0.1, 556, 1_000), (0.25, 230, 1_000), (0.03, 5_000, 5_000), (0.1, 10_000, 10_000)]
)
@pytest.mark.parametrize("queue", ["ingest", "count"])
def test_redrive(queue: str, seconds: float, count: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, seconds)
    slow.bury(queue, count, OTHER)
    looked_at = min(count, 40) if queue == "count" else count  # ten of each group
    assert f"{queue}: {count:,} dead letters, {looked_at:,} of them looked at" in redriven(slow, queue, most=most)
    assert slow.dead(queue).depths() == (count, 0, 0), "all given back"
    if count < 1_000:
        assert f"{count} moved back to {queue}, 0 left" in redriven(slow, queue, most=most, confirm=True)
        assert not slow.dead(queue).messages
        there = slow.counted.cloud.sqs.queues[queue if queue == "ingest" else "count.fifo"]
        assert len(there.messages) == count


def test_redrive_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.1)
    slow.bury("ingest", 2_500, OTHER)
    assert "2500 moved back to ingest, 0 left" in redriven(slow, "ingest", most=10_000, confirm=True)
    assert len(slow.counted.cloud.sqs.queues["ingest"].messages) == 2_500


@pytest.mark.parametrize("seconds", [4.0, 11.0])
def test_a_look_that_takes_too_long_ends_and_says_how_many(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, seconds)
    slow.bury("ingest", 1_000, OTHER)
    letters = dead_letters.peek(
        slow.deployment.client("sqs"), slow.deployment.outputs["queues"]["ingest"]["dead_letter_url"], summary_of, 1_000
    )
    assert 100 < len(letters) < 1_000
    assert slow.dead("ingest").depths() == (1_000, 0, 0)


@pytest.mark.parametrize("queue", ["ingest", "count"])
def test_receipts_that_ran_out_are_passed_over(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.0)
    slow.bury(queue, 30, OTHER)
    sqs, url = slow.deployment.client("sqs"), slow.deployment.outputs["queues"][queue]["dead_letter_url"]
    with Held(sqs, url, 60) as held:
        (first, *_) = held.fresh()
        slow.counted.later(61)
        assert held.fresh(), "others, or these again"
        slow.counted.later(61)
        if queue == "count":  # SQS says so of a FIFO queue alone
            assert not held.delete(first)
    assert slow.dead(queue).depths() == (30, 0, 0)


@pytest.mark.parametrize("queue", ["ingest", "count"])
def test_what_comes_a_second_time_ends_no_look(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.0)
    slow.bury(queue, 40, OTHER)
    sqs, url = slow.deployment.client("sqs"), slow.deployment.outputs["queues"][queue]["dead_letter_url"]
    met: list[str] = []
    with Held(sqs, url, 60) as held:
        while fresh := held.fresh():
            met += (message["MessageId"] for message in fresh)
            if len(met) < 30:
                slow.counted.later(61)  # these come again, among the others
    assert len(met) == len(set(met)) == 40
    assert slow.dead(queue).depths() == (40, 0, 0)


def test_none_is_moved_when_its_time_is_nearly_over(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 9.0)  # ten of them take three minutes, and are held for one
    slow.bury("count", 20, OTHER, groups=1)
    assert "20 moved back to count, 0 left" in redriven(slow, "count", confirm=True)
    sent = [message.body for message in slow.counted.cloud.sqs.queues["count.fifo"].messages.values()]
    assert len(sent) == len(set(sent)) == 20


def test_causes_are_looked_up_before_anything_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.1)
    slow.bury("count", 25, OTHER, groups=1)
    ids = [message.id for message in slow.dead("count").messages.values()][:10]  # no line names the others
    slow.failures.append({"message": "failed", "kind": "Throttled", "place": "count", "message_ids": ids})
    redriven(slow, "count", confirm=True)
    moving = slow.calls[slow.calls.index("SendMessage") :]
    assert "FilterLogEvents" not in moving
    assert moving.count("SendMessage") == 25


@pytest.mark.parametrize("confirm", [False, True])
@pytest.mark.parametrize(
    "operation", ["ReceiveMessage", "ChangeMessageVisibilityBatch", "SendMessage", "DeleteMessage"]
)
def test_a_services_error_is_a_sentence(operation: str, confirm: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.0)
    slow.bury("ingest", 30, OTHER)
    before = slow.before

    def refuse(call: Call) -> None:
        before(call)
        if call.operation == operation:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "not now"}}, operation)

    slow.before = refuse  # type: ignore[method-assign]
    if not confirm and operation in ("SendMessage", "DeleteMessage"):
        redriven(slow, "ingest")
        return
    with pytest.raises(CommandError, match=r"Throttling.*Run it again"):
        redriven(slow, "ingest", confirm=confirm)
    slow.before = before  # type: ignore[method-assign]
    slow.counted.later(dead_letters.LOOK_SECONDS)
    assert "left; audit" in redriven(slow, "ingest", confirm=True)
    assert not slow.dead("ingest").messages


@pytest.mark.parametrize(("queue", "change"), [("ingest", False), ("ingest", True), ("count", True)])
def test_erase_looks_through_ten_thousand(queue: str, change: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.1)
    slow.bury(queue, 10_000, OTHER, *([VOTER] if queue == "ingest" else []), *([OTHER, VOTER]))
    sqs, url = slow.deployment.client("sqs"), slow.deployment.outputs["queues"][queue]["dead_letter_url"]
    found = in_dead_letters(sqs, url, VOTER, change=change)
    assert found.looked_at == 10_000
    left = list(slow.dead(queue).messages.values())
    assert slow.dead(queue).depths() == (len(left), 0, 0), "all given back"
    assert len(left) == (10_000 - found.holding if change else 10_000)
    assert change == all(VOTER not in message.body for message in left)


def test_a_rewritten_dead_letter_keeps_what_failures_name_it_by(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, 0.0)
    slow.bury("count", 4, OTHER, groups=2)
    ids = [message.id for message in slow.dead("count").messages.values()]
    slow.failures.append({"message": "failed", "kind": "Throttled", "place": "count", "message_ids": ids})
    sqs, url = slow.deployment.client("sqs"), slow.deployment.outputs["queues"]["count"]["dead_letter_url"]
    for _ in range(2):  # the second time by what it was from the first on
        in_dead_letters(sqs, url, VOTER, change=True)
    assert not {message.id for message in slow.dead("count").messages.values()} & set(ids)
    printed = redriven(slow, "count", confirm=True)
    assert "Throttled at count in write" in printed
    assert "no line of ours" not in printed
    back = slow.counted.cloud.sqs.queues["count.fifo"].messages.values()
    assert [redrive.WAS in message.attributes for message in back] == [False] * 4, "it gets failures of its own"
