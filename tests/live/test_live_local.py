"""What the live page reads of the local cloud: messages, logs, verdicts; and what it sends."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tests.live.places import NOW, message, place, until
from tools.live.local import breaking, cures
from tools.live.local.breaking import Breaking, Calls
from tools.live.local.changes import told
from tools.live.local.loads import Going, Loads, Shape, paced
from tools.live.local.messages import held
from tools.live.local.rounds import Rounds
from tools.live.local.tails import Tail
from tools.live.local.verdicts import Offered, Verdicts, with_law
from tools.live.source import Refused
from tools.live.votes import loads
from tools.operations.findings import Finding
from tools.operations.status import Health
from tools.traffic.client import Answer, NotAnswered

QUEUE = {"url": "count", "name": "n-count", "dead_letter_url": "dead", "dead_letter_name": "n-dead"}
OUTPUTS = {"queues": {"count": QUEUE}, "functions": {"write": {"name": "sluice-votes-write"}}, "tables": {}}


def test_counts_of_a_queue_are_sqs_own() -> None:
    some = [message("1", ""), message("2", "", receives=1, is_visible=False), message("3", "", is_visible=False)]
    seen = held(some, NOW)
    assert (seen.waiting, seen.in_flight, seen.delayed, seen.total, seen.oldest_seconds) == (1, 1, 1, 3, 10)
    assert held([], NOW).oldest_seconds is None


class Logs:
    """A client of CloudWatch Logs: a stream an invocation, as the emulator writes them."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> Logs:
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        return [{"events": [one for one in self.events if one["timestamp"] >= asked["startTime"]]}]

    def invoked(self, stream: str, at_ms: int, *lines: str) -> None:
        report = "REPORT RequestId: 1\tDuration: 2500 ms\tBilled Duration: 2500 ms\tMemory Size: 512 MB"
        self.events += [{"logStreamName": stream, "timestamp": at_ms, "message": line} for line in (*lines, report)]


def test_a_log_is_read_once_though_lines_come_late() -> None:
    logs, tail, heard = Logs(), Tail("write", "group", 0, 100_000), list[tuple[str, Any]]()

    def read() -> None:
        tail.read(logs, [lambda name, line, _: heard.append((name, line["n"]))])

    logs.invoked("old", 99_000, '{"n": 0}')
    logs.invoked("a", 200_000, '{"n": 1}', '{"message": "failed", "kind": "Throttled", "n": 2}')
    read()
    logs.invoked("late", 199_500, '{"n": 3}')
    read()
    read()
    assert heard == [("write", 0), ("write", 1), ("write", 2), ("write", 3)]
    assert tail.invocations == 2, "what ran before the page began is heard, and not counted"
    assert (tail.rate(201.0), tail.busy(201.0), tail.errors(201.0), tail.last_error) == (0.4, 1.0, 1, "Throttled")
    assert (tail.rate(300.0), tail.errors(300.0)) == (0.0, 0)
    logs.invoked("b", 400_000)
    read()
    assert (tail.invocations, len(tail.ran), len(tail.failed)) == (3, 1, 0), "what no figure looks at is not kept"


def test_a_verdict_is_what_status_says_with_a_cure() -> None:
    off = Finding("write takes nothing, its mapping is off", "make mapping ENV=local FUNCTION=write ON=yes",
                  since=time.time() - 180, about="write")  # fmt: skip
    health = [Health([off, Finding("2 dead letters in count")], "")]
    verdicts = Verdicts(lambda: health[0], lambda one: Offered("cure it", lambda: "cured") if one.about else None)
    try:
        until(lambda: bool(verdicts.now()["findings"]))
        said = verdicts.now()
        assert said["text"] == "write takes nothing, its mapping is off for 3 minutes, and 1 more"
        assert not said["well"]
        first, second = said["findings"]
        assert (first["about"], first["cure_label"], second["cure"]) == ("function/write", "cure it", None)
        cure = verdicts.cure(first["cure"])
        assert cure is not None
        assert cure.do() == "cured"
        health[0] = Health([], "no dead letters")
        verdicts.again()
        until(lambda: bool(verdicts.now()["well"]))
        blind = verdicts.now(["", "TimeoutError: the database"])
        assert (blind["well"], blind["text"]) == (
            False, "the page cannot look at all of it (TimeoutError: the database)"
        )  # fmt: skip
        assert (verdicts.now()["text"], verdicts.cure(first["cure"])) == ("well: no dead letters", None)
    finally:
        verdicts.close()


def test_before_the_first_look_a_verdict_is_neither_well_nor_not() -> None:
    looking = threading.Event()

    def look() -> Health:
        looking.wait(5)
        return Health([], "no dead letters")

    verdicts = Verdicts(look, lambda _: None)
    law = {"state": "broken", "terms": [{"name": "accepted", "value": 5}]}
    try:
        unknown = verdicts.now()
        assert unknown == {"well": None, "text": "not looked yet", "findings": []}
        assert with_law(unknown, law | {"state": "holds"}, 0) == unknown
        assert with_law(unknown, law, 3)["well"] is False
        assert verdicts.now(["TimeoutError: the database"])["well"] is False
        looking.set()
        until(lambda: verdicts.now()["well"] is True)
    finally:
        looking.set()
        verdicts.close()


def test_a_law_that_is_broken_is_not_well_before_status_knows() -> None:
    well = {"well": True, "text": "well: 0 missing", "findings": []}
    law = {"state": "broken", "terms": [{"name": "accepted", "value": 1_200}]}
    said = with_law(well, law, 3)
    assert (said["well"], said["text"]) == (False, "3 of 1,200 accepted found nowhere")
    assert [one["text"] for one in said["findings"]] == [said["text"]]
    assert with_law(well, law | {"state": "settling"}, 0) == with_law(well, None, 0) == well


class Unheard:
    """A client that loses the answer to its first request; to the next it is a time-out."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def call(self, _: str, __: str, body: bytes, ___: str) -> Answer:
        self.bodies.append(body)
        if len(self.bodies) == 1:
            raise NotAnswered("lost")
        if len(self.bodies) == 2:
            return Answer(504, "timed out")
        return Answer(202, {"accepted": [{"ballot_id": one["ballot_id"]} for one in json.loads(body)["ballots"]]})


def test_a_load_whose_answer_is_lost_is_sent_again_with_the_same_stamps() -> None:
    client, told, going = Unheard(), list[str](), Going("burst", 2)
    (request,) = loads._burst(going)
    loads._post(client, request, told.extend, going)  # type: ignore[arg-type]
    assert (len(client.bodies), len(set(client.bodies)), going.sent, going.trouble) == (3, 1, 2, "")
    assert told == [one["ballot_id"] for one in request.ballots]


def test_a_cure_runs_the_make_command(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []

    def run(_: Any, console: Any, options: Any, __: Any) -> int:
        ran.append((options.function, options.on, options.confirm))
        console.print("its mapping is Enabled")
        return 0

    monkeypatch.setattr("tools.live.local.cures.mapping.run", run)
    of = place("votes", OUTPUTS, {})
    offered = cures.offer(of, Finding("off", "make mapping PIPELINE=x ENV=local FUNCTION=write ON=yes"))
    assert offered is not None
    assert (offered.do(), ran) == ("its mapping is Enabled", [("write", True, True)])
    assert cures.offer(of, Finding("dead", "make redrive ENV=local QUEUE=count")) is None


def test_what_changed_is_told_in_words() -> None:
    began: dict[str, Any] = {"who": "arn:me", "began": True}
    switched = [began, {"who": "arn:me", "function": "write", "on": False}]
    assert told("mapping", switched) == "mapping of write off, by arn:me"
    moved = [began, {"message": "1", "queue": "count"}, {"message": "2", "queue": "count"}]
    assert told("redrive", moved) == "2 messages redriven from count, by arn:me"
    assert told("catalogue", [began, {"title": "x"}]) == "catalogue, 1 changes, by arn:me"


def test_one_load_at_a_time_ends_when_it_is_stopped() -> None:
    ended = threading.Event()

    def send(going: Going) -> None:
        wait = paced(going, 100.0)
        while wait():
            going.took(2, 1)
        ended.set()

    def broken(_: Going) -> None:
        raise OSError("nobody answers")

    loads = Loads([Shape("steady", "steady", (20, 5, 50), "/s", send), Shape("bad", "bad", (1,), "", broken)])
    with pytest.raises(Refused, match="there is no load"):
        loads.start("flood", None)
    with pytest.raises(Refused, match="from 5 to 50"):
        loads.start("steady", 51)
    loads.start("steady", None)
    until(lambda: loads.plain()["sent"] >= 4)
    assert (loads.plain()["shape"], loads.plain()["rate"]) == ("steady", 20)
    loads.start("bad", 1)
    assert ended.is_set()
    until(lambda: bool(loads.plain()["trouble"]))
    assert (loads.plain()["shape"], loads.plain()["trouble"]) == ("off", "OSError: nobody answers")
    loads.close()


def test_work_beside_the_sampling_rests_while_nobody_asks_and_tells_its_trouble() -> None:
    seen: list[float] = []
    error: list[Exception] = [OSError("gone")]

    def work() -> None:
        seen.append(time.monotonic())
        if error:
            raise error[0]

    rounds = Rounds(work, 0.01)
    try:
        until(lambda: len(seen) > 1)
        assert rounds.ask() == "OSError: gone"
        error.clear()
        until(lambda: not rounds.ask())
        rounds._asked_at = float("-inf")
        time.sleep(0.05)
        before = len(seen)
        time.sleep(0.1)
        assert len(seen) <= before + 1
    finally:
        rounds.close()


class Rules:
    """A proxy that remembers what it has."""

    def __init__(self) -> None:
        self.rules: list[Any] = [{"left": "by a server that was killed"}]

    def inject(self, rules: list[Any]) -> None:
        self.rules = rules


def test_faults_of_calls_stand_beside_each_other_and_end_by_themselves() -> None:
    proxy: Any = Rules()
    calls = Calls(proxy)
    assert proxy.rules == []
    broken = Breaking(place("votes", OUTPUTS, {}), calls)
    (one,) = broken.rules("one", "one", "It breaks.", [{"service": "sqs"}])
    (two,) = broken.rules("two", "two", "It breaks.", [{"service": "s3"}])
    one.begin(30)
    two.begin(5)
    assert proxy.rules == [{"service": "sqs", "ttl_s": 40.0}, {"service": "s3", "ttl_s": 15.0}]
    one.end()
    one.end()
    assert proxy.rules == [{"service": "s3", "ttl_s": 15.0}]
    assert Breaking(place("votes", OUTPUTS, {}), None).rules("one", "", "", []) == [], "no proxy, no such fault"


def test_only_a_worker_of_that_function_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the emulator's own processes, by pid; nobody is killed here."""
    of = place("votes", OUTPUTS, {})
    emulator = 2_000_000_000  # pids that no system gives
    there = {
        emulator: "emulator",
        emulator + 1: "python /tmp/ministack-lambda-sluice-votes-write-x1/_worker.py",
        emulator + 2: "python /tmp/ministack-lambda-sluice-votes-tally-x2/_worker.py",
        emulator + 3: "python /tmp/ministack-lambda-sluice-votes-write-x3/_worker.py",
    }
    killed: list[int] = []
    ages = {emulator + 1: 10.0, emulator + 3: 1.0}
    monkeypatch.setattr(type(of.run), "state", lambda _: {"pid": emulator, "started": 1.0})
    monkeypatch.setattr("tools.live.local.breaking.processes.is_running", lambda *_: True)
    monkeypatch.setattr("tools.live.local.breaking.processes.members", lambda _: list(there))
    monkeypatch.setattr("tools.live.local.breaking.processes.command", lambda pid: there[pid])
    monkeypatch.setattr(breaking, "_age", lambda pid: ages.get(pid, 10.0))
    monkeypatch.setattr("tools.live.local.breaking.os.kill", lambda pid, _: killed.append(pid))
    assert breaking.kill_worker(of, "write") == emulator + 1
    assert killed == [emulator + 1], "one that has just begun is left alone"
    ages[emulator + 1] = 1.0
    with pytest.raises(Refused, match="no worker of write"):
        breaking.kill_worker(of, "write")
