"""What the harvest's demo takes for a problem, and what it does to a run and when."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from rich.console import Console

from harvest.proof import Proof
from harvest.run_rows import RUNNING, Counts, Level, Run
from tools.demo import invocations
from tools.demo.harvest import acts, report, units
from tools.demo.harvest.acts import SMALL, Acts, Done
from tools.demo.harvest.report import Found
from tools.traffic.harvest.calls import Call
from tools.traffic.harvest.rates import Permitted
from tools.traffic.queue_picture import Sample

RATE, STEP = 50.0, 0.0202
COMPLETE = {"groups": (1, 1), "hosts": (2, 2), "data groups": (40, 40), "data": (100, 100)}


def right() -> Found:
    """A run in which all is as it must be: 100 s, a gap of ten, ten at half of the rate."""
    permitted = Permitted()
    for at, rate in ((0.0, RATE), (80.0, RATE / 2), (90.0, RATE)):
        permitted.set(at, rate)
    times = [at for number in range(6_000) if (at := number * STEP) < 100 and not 50 <= at < 60]
    times = [at for number, at in enumerate(times) if not 80 <= at < 90 or number % 2]
    calls = [Call(at, "data", f"/v1/groups/a/{at}", 200, False, True, False) for at in times]
    calls.append(Call(46.0, "data", f"/v1/groups/{SMALL}/hosts", 200, False, True, False))
    done = Done(["work", "pace", "work"], all_killed_at=50.0, small_at=40.0, halved_at=80.0, restored_at=90.0)
    watch: Any = mock.Mock(calls=calls, began_at=0.0, samples=[Sample(100.0, {"parcel": 1, "turn": 1, "store": 0})])
    counts = Counts({"data": Level(100, 100, 0, 0)})
    run = Run("demo-1", "demo", "local", RUNNING, 0, 10)
    found = Found("demo-1", permitted, done, watch, {"state": "completed", "causes": {}})
    found.judged = {"complete": COMPLETE, "throttled": 0, "over": 0, "repeated": {"/v1/groups": 50}, "missing": []}
    found.judged |= {"calls": len(calls), "most_in_window": 495}
    found.proof = Proof(run, counts)
    found.stored = {"data groups": (40, 40), "data": (100, 100)}
    found.units = units.Units({"write_units": 800, "calls": 12})
    return found


def test_nothing_is_wrong_where_nothing_is() -> None:
    found = right()
    assert report.problems(found) == []
    assert (found.gap.begin, round(found.gap.end)) == (50.0, 60)


def spoiled(what: str) -> Callable[[Found], None]:
    """Spoil a run in one way."""

    def arrive(found: Found, keep: Callable[[int, Call], bool]) -> None:
        found.watch.calls[:] = [call for number, call in enumerate(found.watch.calls) if keep(number, call)]

    ways: dict[str, Callable[[Found], None]] = {
        "stopped": lambda found: found.said.update(state="stopped"),
        "missing": lambda found: found.judged.update(complete=COMPLETE | {"data": (100, 99)}),
        "not stored": lambda found: setattr(found, "stored", {"data groups": (40, 40), "data": (99, 99)}),
        "stored twice": lambda found: setattr(found, "stored", {"data groups": (40, 40), "data": (101, 100)}),
        "not proven": lambda found: setattr(found.proof, "still_open", 1),
        "repeated": lambda found: found.judged.update(repeated={"a": 51}),
        "429": lambda found: found.judged.update(throttled=1),
        "over": lambda found: found.judged.update(over=1),
        "slow": lambda found: arrive(found, lambda number, call: number % 20 != 0 or call.at > 80),
        "not halved": lambda found: found.permitted.steps.__setitem__(1, (80.0, RATE / 4)),
        "small group late": lambda found: setattr(found.done, "small_at", 33.0),
        "nobody killed": lambda found: found.done.killed.clear(),
    }
    return ways[what]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("stopped", "the run is stopped"),
        ("missing", "data: the vendor has 100 and answered 99"),
        ("not stored", "stored are 99 answers"),
        ("stored twice", "stored are 101 answers of 100 things"),
        ("not proven", "do not add up"),
        ("repeated", "51 calls were repeated, over 50"),
        ("429", "1 calls were answered 429"),
        ("over", "1 were over the limit"),
        ("slow", "reached while there was work, less than 0.95"),
        ("not halved", "after the rate was halved"),
        ("small group late", "the small group took 13.0 s, over 12.0"),
        ("nobody killed", "not everything was done"),
    ],
)
def test_each_miss_is_a_problem(what: str, said: str) -> None:
    found = right()
    spoiled(what)(found)
    assert any(said in problem for problem in report.problems(found)), report.problems(found)


def test_what_is_printed_adds_up() -> None:
    output = StringIO()
    console, found = Console(file=output, width=200), right()
    report.show(console, found, 0.983)
    report.show_picture(console, found, [])
    report.balance(console, found, ["something"])
    printed = output.getvalue()
    assert "143 of" not in printed
    assert "data 100 of 100" in printed
    assert "the bound T/(T+J) is 0.983" in printed
    assert "\n143 things at the vendor = 143 fetched, 0 missing; 0 answered 429; " in printed
    assert printed.endswith("FAILED, 1 problem\n")


class Asked(Acts):
    """Acts whose requests are kept."""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self.done.requests += 1
        self.sent.append((path, body))
        return {}

    sent: list[tuple[str, Any]]


def test_everything_is_done_once_and_at_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    now, killed, added = [100.0], list[int](), list[int]()
    monkeypatch.setattr("time.time", lambda: now[0])
    monkeypatch.setattr("os.kill", lambda pid, _: killed.append(pid))
    monkeypatch.setattr(acts, "workers", lambda _: {1: "work", 2: "pace", 3: "store"})
    deployment: Any = None
    permitted, run = Permitted(), {"name": "demo", "run_id": "demo-1"}
    permitted.set(100.0, RATE)
    doing = Asked(deployment, run, 7, RATE, permitted, lambda: added.append(1), random.Random(1))
    doing.sent = []
    for share in (0.1, 0.16, 0.2, 0.31, 0.41, 0.41, 0.6, 0.7, 0.8, 0.9):
        doing.look(share)
        now[0] += acts.HALVED_SECONDS
    assert killed == [1, 1, 1, 2, 3], "one worker twice, then everybody"
    assert doing.done.workers_killed == 3
    assert len(added) == 1
    small = {"name": "demo", "groups": [SMALL], "if_running": "add"}
    rates = [("/v1/runs/demo-1/rate", {"rate": 25.0}), ("/v1/runs/demo-1/rate", {"rate": None})]
    assert doing.sent == [("/v1/runs", small), *rates]
    assert [rate for _, rate in permitted.steps] == [50.0, 25.0, 50.0]
    assert doing.are_over


def test_recorded_calls_become_units(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"run_id": {"S": "demo-1"}, "tasks": {"B": "eNqLjgUAARUAuQ=="}, "more": {"S": "x" * 1_100}}
    puts = {"RequestItems": {"ledger": [{"PutRequest": {"Item": row}}] * 3}}
    recorded: list[tuple[str, str, dict[str, Any]]] = [
        ("dynamodb", "BatchWriteItem", puts),
        ("dynamodb", "UpdateItem", {}),
        ("dynamodb", "BatchGetItem", {"RequestItems": {"ledger": {"Keys": [{}] * 5}}}),
        ("dynamodb", "Query", {}),
        ("s3", "PutObject", {}),
        ("sqs", "SendMessageBatch", {"QueueUrl": "x/turn.fifo", "Entries": [{}]}),
        ("sqs", "SendMessageBatch", {"QueueUrl": "x/parcel", "Entries": [{}] * 4}),
        ("secretsmanager", "GetSecretValue", {}),
    ]
    trail: Any = mock.Mock(calls=lambda: iter([("work", *call) for call in recorded]))
    deployment: Any = mock.Mock()
    monkeypatch.setattr(invocations, "of", lambda _: invocations.Invocations(9, 1.5, 400))
    found = units.counted(deployment, trail, rows=40, requests=3, minutes=2.0)
    assert units.billed(found) == {
        "write_units": 7, "read_units": 15, "s3_puts": 1, "sqs_fifo_requests": 3, "sqs_requests": 9, "secret_calls": 1,
        "api_requests": 3, "lambda_requests": 9, "lambda_gb_seconds": 1.5, "log_bytes": 400, "schedule_calls": 2,
    }  # fmt: skip
