"""`make redrive` as a person meets it: what it shows, what it would do, and what it did."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from shared.quarantine import Quarantine, line_of
from tests.lambda_src.stack import NOW_US, stamped
from tests.operations.test_audit import kept
from tools.common.errors import CommandError
from tools.operations import redrive_command, redrive_options
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.redrive_command import Options
from tools.operations.votes.pipeline import PIPELINE as VOTES


def run(deployment: Deployment, queue: str, **more: Any) -> str:
    """What the command shows."""
    console = Console(width=240, file=io.StringIO(), record=True)
    assert redrive_command.run(deployment, console, Options(queue, **more), VOTES) == 0
    return console.export_text()


def dead_letters(deployment: Deployment, *groups: int) -> list[str]:
    """Put count messages among the dead letters; their ids."""
    url = deployment.outputs["queues"]["count"]["dead_letter_url"]
    return [
        deployment.client("sqs").send_message(
            QueueUrl=url,
            MessageBody=json.dumps({"v": 1, "shard": group, "shards": 4, "ballots": [[number]]}),
            MessageGroupId=str(group),
            MessageDeduplicationId=str(number),
        )["MessageId"]
        for number, group in enumerate(groups)
    ]


def failed(deployment: Deployment, *message_ids: str, **more: str) -> None:
    """Let write have printed that it failed; `more`: what the line says otherwise."""
    logs = deployment.client("logs")
    logs.create_log_stream(logGroupName="write", logStreamName="s")
    line = {"message": "failed", "kind": "Throttled", "place": "count", "detail": "not now", "message_ids": message_ids}
    line |= more
    logs.put_log_events(
        logGroupName="write",
        logStreamName="s",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": json.dumps(line)}],
    )


def waiting(deployment: Deployment, name: str) -> tuple[int, int]:
    """How many messages wait, and how many dead letters."""
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][name]
    return depth(sqs, queue["url"]).waiting, depth(sqs, queue["dead_letter_url"]).waiting


@pytest.mark.parametrize("options", [{}, {"dry_run": True, "confirm": True}])
def test_dead_letters_by_cause_and_what_would_be_done(
    deployment: Deployment, options: dict[str, bool], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = dead_letters(deployment, 1, 2, 1)
    failed(deployment, first, second)
    printed = run(deployment, "count", **options)
    assert "count: 3 dead letters, 3 of them looked at:" in printed
    assert "2 messages: Throttled at count in write\n  REASON=Throttled/count\n" in printed
    assert "ballots to count, 2 ballots\n  groups  1 2\n" in printed
    assert "no line of ours: write was cut off (timeout, crash, memory)" in printed
    assert f"{first}: ballots to count, group 1 → count (Throttled at count in write)" in printed
    assert f"{third}: ballots to count, group 1 → count (no line of ours)" in printed
    assert ("it was a dry run" if options else "`make redrive ENV=test QUEUE=count CONFIRM=yes` does it") in printed
    assert waiting(deployment, "count") == (0, 3), "all given back"
    assert kept(deployment) == []
    assert capsys.readouterr().out == ""


def test_dead_letters_moved_with_a_line_each(deployment: Deployment) -> None:
    first, second = dead_letters(deployment, 1, 2)
    failed(deployment, first)
    assert "2 moved back to count, 0 left; audit: audit/redrive/" in run(deployment, "count", confirm=True)
    assert waiting(deployment, "count") == (2, 0)
    (lines,) = kept(deployment)
    moved = {line["dead_letter"]: line for line in lines[1:]}
    assert moved.keys() == {first, second}
    assert (moved[first]["cause"], moved[second]["cause"]) == ("Throttled at count in write", "no line of ours")
    assert (moved[first]["queue"], moved[first]["group"], moved[first]["kind"]) == ("count", "1", "ballots to count")
    assert moved[first]["message"] not in (first, second)


def test_at_most_so_many(deployment: Deployment) -> None:
    dead_letters(deployment, 1, 2, 3)
    assert "count: 3 dead letters, 2 of them looked at:" in run(deployment, "count", most=2)
    assert "2 moved back to count, 1 left" in run(deployment, "count", most=2, confirm=True)


def test_a_dry_run_lists_a_bounded_number(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive_options, "MOST_LISTED", 2)
    dead_letters(deployment, 1, 2, 3, 4, 5)
    printed = run(deployment, "count")
    assert printed.count("→") == 2
    assert "… and 3 more" in printed


def test_nothing_to_do(deployment: Deployment) -> None:
    assert run(deployment, "count") == "count: 0 dead letters\n"
    assert run(deployment, "quarantine") == "quarantine: 0 objects\n"
    assert run(deployment, "quarantine", reason="nothing", confirm=True) == "quarantine for nothing: 0 objects\n"


def test_which_queues_there_are_is_said(deployment: Deployment) -> None:
    dead_letters(deployment, 1)
    console = Console(file=io.StringIO(), record=True)
    with pytest.raises(CommandError, match=r"QUEUE=ingest\|count\|tick\|quarantine"):
        redrive_command.run(deployment, console, Options("nothing"), VOTES)
    printed = console.export_text()
    assert "count: 1 dead letter\n" in printed
    assert "quarantine: 0 objects" in printed


@pytest.mark.parametrize("options", [Options("count", most=0), Options("count", rate=0.5)])
def test_most_and_rate_are_at_least_one(deployment: Deployment, options: Options) -> None:
    with pytest.raises(CommandError, match="at least 1"):
        redrive_command.run(deployment, Console(file=io.StringIO()), options, VOTES)


def newer(deployment: Deployment) -> str:
    """Put a message of a later release among the dead letters; its id."""
    url = deployment.outputs["queues"]["ingest"]["dead_letter_url"]
    body = json.dumps({"v": 2, "ballots": [{}]})
    return str(deployment.client("sqs").send_message(QueueUrl=url, MessageBody=body)["MessageId"])


def of_ingest(deployment: Deployment, *bodies: str) -> None:
    """Put messages among the dead letters."""
    for body in bodies:
        url = deployment.outputs["queues"]["ingest"]["dead_letter_url"]
        deployment.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def test_what_a_later_release_sent_stays_unless_it_is_named(deployment: Deployment) -> None:
    newer(deployment)
    of_ingest(deployment, *(json.dumps({"v": 1, "received_at": 1, "ballots": [{"n": n}]}) for n in range(30)))
    said = run(deployment, "ingest", confirm=True)
    assert "1 message of a later release would fail again, and stay: REASON=newer-version means them" in said
    assert "30 moved back to ingest, 1 left" in said
    assert "1 moved back to ingest, 0 left" in run(deployment, "ingest", reason="newer-version", confirm=True)


def test_a_reason_chooses_and_one_that_none_has_is_refused(deployment: Deployment) -> None:
    first, _, _ = dead_letters(deployment, 1, 2, 3)
    failed(deployment, first)
    with pytest.raises(CommandError, match=r"none of the 3 .* REASON is one of Throttled/count, no-line"):
        run(deployment, "count", reason="AccessDenied")
    assert "1 moved back to count, 2 left" in run(deployment, "count", reason="Throttled", confirm=True)
    assert "2 moved back to count, 0 left" in run(deployment, "count", reason="no-line", confirm=True)


def test_what_never_will_succeed_is_put_away_whole_and_can_go_back(deployment: Deployment) -> None:
    named = newer(deployment)
    with pytest.raises(CommandError, match="QUARANTINE=yes with REASON=newer-version"):
        run(deployment, "ingest", quarantine=True, confirm=True)
    said = run(deployment, "ingest", reason="newer-version", quarantine=True)
    assert f"{named}: message of version 2" in said
    assert "QUEUE=ingest REASON=newer-version QUARANTINE=yes CONFIRM=yes` does it" in said
    assert waiting(deployment, "ingest") == (0, 1)
    said = run(deployment, "ingest", reason="newer-version", quarantine=True, confirm=True)
    assert "1 put away, 0 left; audit: audit/redrive/" in said
    (lines,) = kept(deployment)
    assert lines[-1]["dead_letter"] == named
    assert lines[-1]["put_away"].startswith("quarantine/reason=given-up/day=")
    assert waiting(deployment, "ingest") == (0, 0)
    assert "went back as 1 messages" in run(deployment, "quarantine", reason="given-up", confirm=True)
    assert waiting(deployment, "ingest") == (1, 0)


def quarantined(deployment: Deployment, reason: str, *received_at: int) -> list[str]:
    """Put an object a ballot in quarantine; their keys."""
    store = Quarantine(deployment.client("s3"), "quarantine")
    return [store.put(reason, at, [line_of("ingest", reason, "d", at, ballot=stamped())]) for at in received_at]


def test_quarantine_is_sent_back_only_by_reason(deployment: Deployment) -> None:
    quarantined(deployment, "title-not-open", NOW_US)
    quarantined(deployment, "bad-score", NOW_US)
    printed = run(deployment, "quarantine", confirm=True)
    assert "quarantine: 2 objects, 2 of them looked into:" in printed
    assert "title-not-open" in printed
    assert "bad-score" in printed
    assert "REASON=…" in printed
    assert waiting(deployment, "ingest") == (0, 0)


def test_quarantine_and_what_would_be_done(deployment: Deployment) -> None:
    (key,) = quarantined(deployment, "title-not-open", NOW_US)
    Quarantine(deployment.client("s3"), "quarantine").put("title-not-open", NOW_US, [{"source": "journal"}])
    printed = run(deployment, "quarantine", reason="title-not-open")
    assert f"{key} lines 1-1: 1 ballots → ingest" in printed
    assert "stays: line 1 is no ballot or message" in printed
    assert "`make redrive ENV=test QUEUE=quarantine REASON=title-not-open CONFIRM=yes` does it" in printed
    assert waiting(deployment, "ingest") == (0, 0)
    assert kept(deployment) == []


def test_quarantine_sent_back_with_a_line_each(deployment: Deployment) -> None:
    keys = quarantined(deployment, "title-not-open", NOW_US, NOW_US + 1)
    Quarantine(deployment.client("s3"), "quarantine").put("title-not-open", NOW_US, [{"source": "journal"}])
    quarantined(deployment, "bad-score", NOW_US)
    printed = run(deployment, "quarantine", reason="title-not-open", confirm=True)
    assert "2 of 3 objects went back as 2 messages; audit: audit/redrive/" in printed
    assert "stays: line 1 is no ballot or message" in printed
    assert waiting(deployment, "ingest") == (2, 0)
    (lines,) = kept(deployment)
    assert {"quarantine/" + line["object"] for line in lines[1:]} == set(keys)
    assert "2 objects" in run(deployment, "quarantine")


def test_quarantine_at_most_so_many_messages(deployment: Deployment) -> None:
    quarantined(deployment, "title-not-open", NOW_US, NOW_US + 1, NOW_US + 2)
    assert "2 of 3 objects" in run(deployment, "quarantine", reason="title-not-open", confirm=True, most=2)
    assert "1 objects" in run(deployment, "quarantine")
