"""What the receipts' demo reports: sums that add up, units and dollars, and the balance at last."""

from __future__ import annotations

import io
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from receipts.accounting import STATES
from tests.traffic.receipts.receipts_judged import all_right, pile
from tools.demo.receipts import demo, report, units
from tools.demo.receipts.delivered import Found
from tools.demo.receipts.outage import Outage
from tools.demo.receipts.report import Figures
from tools.traffic.queue_picture import Sample
from tools.traffic.receipts import verdict
from tools.traffic.receipts.archive import Archive
from tools.traffic.receipts.deliveries import Delivered
from tools.traffic.receipts.states import COLOURS

ARCHIVE = Archive(b"zip", 43, 3)
UNITS = Counter({"textract_expense_pages": 50, "api_requests": 2, "sqs_requests": 100, "calls": 7, "messages": 9})


def console() -> Console:
    return Console(width=200, file=io.StringIO(), record=True)


def account(**counts: int) -> dict[str, Any]:
    return {"counts": dict.fromkeys(STATES, 0) | counts, "open": False}


def test_the_report_adds_up() -> None:
    lines, found = all_right()
    judged = verdict.judge(pile(), lines, found)
    figures = Figures(files=40, receipts=judged.receipts, pages=50, seconds=100.0, upload_seconds=1.0, units=UNITS)
    printed = console()
    report.show(printed, account(read=26, quarantined=13, same=1, ignored=3), judged, figures, ARCHIVE)
    said = printed.export_text()
    assert "26 read + 13 quarantined + 1 same + 3 ignored = 43 of 43" in said
    assert "30 images a minute" in said
    (total,) = [line.split("│")[1:-1] for line in said.splitlines() if "│ total " in line]
    numbers = [int(cell) for cell in total[1:]]
    assert sum(numbers[:-1]) == numbers[-1] == judged.receipts
    assert "10.0000" in said, "fifty pages at a cent each are ten dollars a thousand"
    shares = [float(line.split("│")[-2].strip(" %")) for line in said.splitlines() if " % │" in line]
    assert sum(shares[:-1]) == pytest.approx(100.0, abs=0.3)
    assert "calls" not in said


def test_what_is_wrong_is_told_and_bounded() -> None:
    judged = verdict.Verdict(problems=[f"problem {n}\x1b[2J" for n in range(30)])
    printed = console()
    report.show(printed, account(), judged, Figures(pages=1, seconds=1.0, units=UNITS), ARCHIVE)
    said = printed.export_text()
    assert "problem 19\\x1b[2J" in said
    assert "problem 20" not in said
    assert "… and 10 more" in said


def test_the_balance_is_the_last_word() -> None:
    judged = verdict.Verdict(problems=["one is missing"])
    judged.fields["total", verdict.WRONG] += 2
    judged.fields["total", verdict.RIGHT] += 8
    printed = console()
    stored = Found("by lanes", 2, 250.0, Delivered(0.0), Outage(object(), float), receipts=9, rows=8)  # type: ignore[arg-type]
    report.balance(printed, account(read=42), judged, ARCHIVE, stored)
    assert printed.export_text() == (
        "43 entries sent ≠ 42 read, 1 missing; 9 receipts ≠ 8 rows in the database, 1 missing; "
        "2 of 10 fields wrong and not marked: FAILED, 1 problem\n"
    )


def test_an_account_that_does_not_add_up_is_a_problem() -> None:
    assert demo._accounted(account(read=40, ignored=3), ARCHIVE) == []
    assert demo._accounted(account(read=40, ignored=2), ARCHIVE) == [
        "42 entries are accounted for, of 43",
        "2 entries were ignored; systems left 3",
    ]
    assert demo._accounted(account(read=40, ignored=3) | {"open": True}, ARCHIVE) == ["the account is still open"]


def test_the_states_are_shown_in_blocks() -> None:
    samples = [Sample(float(at), dict.fromkeys(COLOURS, at)) for at in range(3)]
    printed = console()
    report.show_picture(printed, samples, [])
    said = printed.export_text()
    assert said.count("│") == 2 * len(COLOURS)
    assert "as an image: matplotlib is not installed" in said


LOG = "REPORT RequestId: r\tDuration: 1500.00 ms\tBilled Duration: 1500 ms\tMemory Size: 2048 MB\tMax Memory Used: 9 MB"


class Logs:
    """A log group with an invocation in it."""

    def get_paginator(self, operation: str) -> Any:
        assert operation == "filter_log_events"
        page = {"events": [{"message": "START"}, {"message": LOG}]}
        return SimpleNamespace(paginate=lambda logGroupName: [page])


def test_units_are_counted_from_calls_and_logs() -> None:
    item = {"batch_id": {"S": "b"}, "waiting": {"S": "image#1"}, "detail": {"S": "x" * 1_500}}
    calls = [
        ("split", "dynamodb", "PutItem", {"Item": item}),  # 2 KB, and once in the index
        ("read", "dynamodb", "UpdateItem", {"UpdateExpression": "SET #state = :state, #waiting = :waiting"}),
        ("read", "dynamodb", "UpdateItem", {"UpdateExpression": "SET #state = :state REMOVE waiting, due_at"}),
        ("read", "dynamodb", "UpdateItem", {"UpdateExpression": "SET pixels = :pixels"}),
        ("read", "dynamodb", "GetItem", {"ConsistentRead": True}),
        ("split", "s3", "PutObject", {}),
        ("read", "s3", "GetObject", {}),
        ("split", "sqs", "SendMessageBatch", {"Entries": [{}, {}, {}], "QueueUrl": "image"}),
        ("read", "sqs", "SendMessageBatch", {"Entries": [{}, {}], "QueueUrl": "delivery"}),
        ("deliver", "sqs", "ReceiveMessage", {"QueueUrl": "delivery"}),
        ("read", "sqs", "ChangeMessageVisibilityBatch", {}),
    ]
    trail: Any = SimpleNamespace(calls=lambda: calls)
    functions = {name: {"log_group": name} for name in ("split", "read")}
    outputs = {"functions": functions, "queues": {"delivery": {"url": "delivery"}}}
    deployment: Any = SimpleNamespace(outputs=outputs, client=lambda service: Logs())
    found = units.counted(deployment, trail, pages=5, requests=2, uploads=1)
    assert found["write_units"] == 3 + 3 + 2 + 1
    assert found["read_units"] == 1
    assert (found["s3_puts"], found["s3_gets"]) == (2, 1)
    # four calls, S3's event, and Lambda's receive and deletion for each of four messages
    assert found["sqs_requests"] == 4 + 1 + 2 * 4
    assert (found["lambda_requests"], found["lambda_gb_seconds"]) == (2, 2 * 1.5 * 2)
    assert found["textract_expense_pages"] == 5
    assert {"calls", "messages", "calls of read"}.isdisjoint(units.billed(found))
