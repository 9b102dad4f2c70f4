"""`make redrive` as a person meets it: what it shows, what it would do, and what it did."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from devcloud.runs import LocalCloudError
from operations import redrive_command
from operations.place import Place
from operations.queues import depth
from operations.redrive_command import Order
from tests.operations.test_audit import kept
from tests.unit.stack import NOW_US, stamped
from votes.quarantine import Quarantine, line_of


def run(place: Place, queue: str, **more: Any) -> str:
    """What the command shows."""
    console = Console(width=240, file=io.StringIO(), record=True)
    assert redrive_command.run(place, console, Order(queue, **more)) == 0
    return console.export_text()


def dead_letters(place: Place, *groups: int) -> list[str]:
    """Put count messages among the dead letters; their ids."""
    url = place.outputs["queues"]["count"]["dead_letter_url"]
    return [
        place.client("sqs").send_message(
            QueueUrl=url,
            MessageBody=json.dumps({"v": 1, "shard": group, "shards": 4, "ballots": [[number]]}),
            MessageGroupId=str(group),
            MessageDeduplicationId=str(number),
        )["MessageId"]
        for number, group in enumerate(groups)
    ]


def failed(place: Place, *message_ids: str) -> None:
    """Let write have said that it failed."""
    logs = place.client("logs")
    logs.create_log_stream(logGroupName="write", logStreamName="s")
    line = {"message": "failed", "kind": "Throttled", "place": "count", "detail": "not now", "message_ids": message_ids}
    logs.put_log_events(
        logGroupName="write", logStreamName="s", logEvents=[{"timestamp": int(time.time() * 1000), "message": json.dumps(line)}]
    )


def held(place: Place, name: str) -> tuple[int, int]:
    """How many messages wait, and how many dead letters."""
    sqs, queue = place.client("sqs"), place.outputs["queues"][name]
    return depth(sqs, queue["url"]).waiting, depth(sqs, queue["dead_letter_url"]).waiting


@pytest.mark.parametrize("order", [{}, {"dry_run": True, "confirm": True}])
def test_dead_letters_by_cause_and_what_would_be_done(place: Place, order: dict[str, bool], capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = dead_letters(place, 1, 2, 1)
    failed(place, first, second)
    said = run(place, "count", **order)
    assert "count: 3 dead letters, 3 of them looked at:" in said
    (row,) = [line for line in said.splitlines() if "Throttled at count in write" in line and "→" not in line]
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["ballots to count", "2", "2", "1 2"]
    assert "no line of ours: write was cut off (timeout, crash, memory)" in said
    assert f"{first}: ballots to count, group 1 → count (Throttled at count in write)" in said
    assert f"{third}: ballots to count, group 1 → count (no line of ours)" in said
    assert ("it was a dry run" if order else "`make redrive QUEUE=count CONFIRM=yes` does it") in said
    assert held(place, "count") == (0, 3), "all given back"
    assert kept(place) == []
    assert capsys.readouterr().out == ""


def test_dead_letters_moved_with_a_line_each(place: Place) -> None:
    first, second = dead_letters(place, 1, 2)
    failed(place, first)
    assert "2 moved back to count, 0 left; audit: audit/redrive/" in run(place, "count", confirm=True)
    assert held(place, "count") == (2, 0)
    (lines,) = kept(place)
    moved = {line["dead_letter"]: line for line in lines[1:]}
    assert moved.keys() == {first, second}
    assert (moved[first]["cause"], moved[second]["cause"]) == ("Throttled at count in write", "no line of ours")
    assert (moved[first]["queue"], moved[first]["group"], moved[first]["kind"]) == ("count", "1", "ballots to count")
    assert moved[first]["message"] not in (first, second)


def test_at_most_so_many(place: Place) -> None:
    dead_letters(place, 1, 2, 3)
    assert "count: 3 dead letters, 2 of them looked at:" in run(place, "count", most=2)
    assert "2 moved back to count, 1 left" in run(place, "count", most=2, confirm=True)


def test_a_dry_run_lists_a_bounded_number(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive_command, "MOST_LISTED", 2)
    dead_letters(place, 1, 2, 3, 4, 5)
    said = run(place, "count")
    assert said.count("→") == 2
    assert "… and 3 more" in said


def test_nothing_to_do(place: Place) -> None:
    assert run(place, "count") == "count: 0 dead letters\n"
    assert run(place, "quarantine") == "quarantine: 0 objects\n"
    assert run(place, "quarantine", reason="nothing", confirm=True) == "quarantine for nothing: 0 objects\n"


def test_which_queues_there_are_is_said(place: Place) -> None:
    dead_letters(place, 1)
    console = Console(file=io.StringIO(), record=True)
    with pytest.raises(LocalCloudError, match=r"QUEUE=ingest\|count\|tick\|quarantine"):
        redrive_command.run(place, console, Order("nothing"))
    said = console.export_text()
    assert "count: 1 dead letters" in said
    assert "quarantine: 0 objects" in said


@pytest.mark.parametrize("order", [Order("count", most=0), Order("count", rate=0.5)])
def test_most_and_rate_are_at_least_one(place: Place, order: Order) -> None:
    with pytest.raises(LocalCloudError, match="at least 1"):
        redrive_command.run(place, Console(file=io.StringIO()), order)


def quarantined(place: Place, reason: str, *received_at: int) -> list[str]:
    """Put an object a ballot in quarantine; their keys."""
    shelf = Quarantine(place.client("s3"), "quarantine")
    return [shelf.put(reason, at, [line_of("ingest", reason, "d", at, ballot=stamped())]) for at in received_at]


def test_quarantine_is_sent_back_only_by_reason(place: Place) -> None:
    quarantined(place, "title-not-open", NOW_US)
    quarantined(place, "bad-score", NOW_US)
    said = run(place, "quarantine", confirm=True)
    assert "quarantine: 2 objects, 2 of them looked into:" in said
    assert "title-not-open" in said
    assert "bad-score" in said
    assert "REASON=…" in said
    assert held(place, "ingest") == (0, 0)


def test_quarantine_and_what_would_be_done(place: Place) -> None:
    (key,) = quarantined(place, "title-not-open", NOW_US)
    Quarantine(place.client("s3"), "quarantine").put("title-not-open", NOW_US, [{"source": "journal"}])
    said = run(place, "quarantine", reason="title-not-open")
    assert f"{key} lines 1-1: 1 ballots → ingest" in said
    assert "stays: line 1 is no ballot or message" in said
    assert "`make redrive QUEUE=quarantine REASON=title-not-open CONFIRM=yes` does it" in said
    assert held(place, "ingest") == (0, 0)
    assert kept(place) == []


def test_quarantine_sent_back_with_a_line_each(place: Place) -> None:
    keys = quarantined(place, "title-not-open", NOW_US, NOW_US + 1)
    Quarantine(place.client("s3"), "quarantine").put("title-not-open", NOW_US, [{"source": "journal"}])
    quarantined(place, "bad-score", NOW_US)
    said = run(place, "quarantine", reason="title-not-open", confirm=True)
    assert "2 of 3 objects went back as 2 messages; audit: audit/redrive/" in said
    assert "stays: line 1 is no ballot or message" in said
    assert held(place, "ingest") == (2, 0)
    (lines,) = kept(place)
    assert {"quarantine/" + line["object"] for line in lines[1:]} == set(keys)
    assert "2 objects" in run(place, "quarantine")


def test_quarantine_at_most_so_many_messages(place: Place) -> None:
    quarantined(place, "title-not-open", NOW_US, NOW_US + 1, NOW_US + 2)
    assert "2 of 3 objects" in run(place, "quarantine", reason="title-not-open", confirm=True, most=2)
    assert "1 objects" in run(place, "quarantine")
