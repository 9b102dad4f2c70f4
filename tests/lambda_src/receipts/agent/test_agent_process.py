"""The agent's process: run after run of its lane, until it is told to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from receipts.agent.process import AWAY_SECONDS, CONNECTED_SECONDS, LOOK_SECONDS, Agent, OnSite
from receipts.delivery.inbox import Asked
from receipts.delivery.lane import AWAY, EMPTY, TIME, Ended, Lane
from receipts.delivery.messages import Heartbeat, Outcome
from receipts.delivery.pace import Budget, Pace
from receipts.delivery.port import Away
from shared import clock
from shared.versions import NewerVersion
from tests.lambda_src.receipts.agent.sites import site
from tests.lambda_src.receipts.conftest import Clock
from tests.support.captured import Log


class Runs:
    """A lane whose runs end as a test says; the agent is stopped after the last."""

    def __init__(self, time: Clock, *ends: str | Exception) -> None:
        self._ends, self._time = list(ends), time
        self.paces: list[Pace] = []
        self.begins: list[float] = []
        self.agent: Agent

    def run(self, pace: Pace, is_over: Callable[[], bool]) -> Ended:
        """The next of them; each leaves off at a pace of its own."""
        assert not is_over()
        self.paces.append(pace)
        self.begins.append(self._time.now / 1_000_000)
        end = self._ends.pop(0)
        if not self._ends:
            self.agent.stop()
            assert is_over()
        if isinstance(end, Exception):
            raise end
        return Ended(end, Pace(rows=pace.rows + 1))


def waits_of(monkeypatch: pytest.MonkeyPatch, time: Clock, *ends: str | Exception) -> tuple[Runs, list[float]]:
    """The lane's runs, and the seconds that the agent waited after each but the last."""
    runs = Runs(time, *ends)
    monkeypatch.setattr("shared.backoff.random.uniform", lambda low, high: high)
    monkeypatch.setattr(clock, "sleep", time.later)
    monkeypatch.setattr(clock, "monotonic", lambda: time.now / 1_000_000)
    runs.agent = Agent(runs, Pace(rows=1))  # type: ignore[arg-type] # a stand-in
    runs.agent.run()
    return runs, [round(later - earlier, 3) for earlier, later in pairwise(runs.begins)]


def test_a_database_that_is_away_is_asked_once_a_minute(monkeypatch: pytest.MonkeyPatch, time: Clock) -> None:
    _, waits = waits_of(monkeypatch, time, AWAY, AWAY, EMPTY, AWAY)
    assert waits == [AWAY_SECONDS, AWAY_SECONDS, 0] == [60, 60, 0]


def test_a_run_begins_at_the_pace_that_the_last_one_left(monkeypatch: pytest.MonkeyPatch, time: Clock) -> None:
    runs, waits = waits_of(monkeypatch, time, TIME, EMPTY, TIME)
    assert [pace.rows for pace in runs.paces] == [1, 2, 3]
    assert waits == [0, 0]


def test_aws_out_of_reach_is_asked_later_each_time(monkeypatch: pytest.MonkeyPatch, time: Clock, log: Log) -> None:
    gone = ConnectTimeoutError(endpoint_url="https://sqs.example")
    runs, waits = waits_of(monkeypatch, time, *[gone] * 6, EMPTY, gone, EMPTY)
    assert waits == [5, 10, 20, 40, 60, 60, 0, 5]
    assert len(runs.paces) == 9
    assert [line["kind"] for line in log.lines] == ["ConnectTimeoutError"] * 7


def test_what_a_later_release_wrote_is_left_to_it(monkeypatch: pytest.MonkeyPatch, time: Clock) -> None:
    """It does not end an agent that was not brought up to date."""
    runs, waits = waits_of(monkeypatch, time, NewerVersion("a document"), EMPTY)
    assert (len(runs.paces), waits) == (2, [5])


def test_a_run_is_over_in_an_hour_and_a_wait_when_it_is_to_stop(monkeypatch: pytest.MonkeyPatch, time: Clock) -> None:
    """So a connection is made anew now and then; and a stop waits for no minute."""
    overs: list[bool] = []

    class Long(Runs):
        def run(self, pace: Pace, is_over: Callable[[], bool]) -> Ended:
            overs.append(is_over())
            time.later(CONNECTED_SECONDS)
            overs.append(is_over())
            return Ended(AWAY, pace)

    runs = Long(time)
    runs.agent = Agent(runs, Pace())  # type: ignore[arg-type] # a stand-in
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        runs.agent.stop()

    monkeypatch.setattr(clock, "sleep", sleep)
    monkeypatch.setattr(clock, "monotonic", lambda: time.now / 1_000_000)
    runs.agent.run()
    assert overs == [False, True]
    assert slept == [LOOK_SECONDS]


def test_a_login_that_cannot_be_read_is_told_without_its_values(tmp_path: Path, log: Log) -> None:
    config = site(tmp_path, database_password=None, database_password_file=str(tmp_path / "none"))
    with pytest.raises(Away, match="secret-unreadable"):
        OnSite(config).login()
    (line,) = log.lines
    assert f"{tmp_path}/none: No such file or directory" in line["detail"]


class Idle:
    """A lane's queues and its database, at which nothing comes; what was called, in turn."""

    def __init__(self, time: Clock) -> None:
        self.calls: list[str] = []
        self.told: list[Outcome] = []
        self._time = time

    def ping(self) -> None:
        """Answer."""
        self.calls.append("ping")

    def close(self) -> None:
        """End the connection."""
        self.calls.append("close")

    def receive(self, most: int, wait_seconds: int) -> tuple[list[Asked], int]:
        """Nothing, after the wait."""
        self.calls.append(f"receive {wait_seconds}")
        self._time.later(wait_seconds)
        return [], 0

    def tell(self, outcomes: list[Outcome]) -> set[int]:
        """Keep them."""
        self.told += outcomes
        return set()

    def done(self, records: list[Any]) -> None:
        """There are none."""

    def give_back(self, records: Iterator[Any]) -> None:
        """There are none."""


def test_idle_it_polls_long_asks_the_database_first_and_beats_each_minute(time: Clock) -> None:
    idle: Any = Idle(time)
    lane = Lane("agent-w1", idle, idle, lambda: idle, Budget(linger_seconds=10), "1.0", wait_seconds=20)
    assert lane.run(Pace(), lambda: False).why == EMPTY
    assert idle.calls == ["ping", "receive 20"] * 6 + ["close"]
    first, *others = [one for one in idle.told if isinstance(one, Heartbeat)]
    assert (first.lane, first.reached, first.version) == ("agent-w1", True, "1.0")
    assert [one.at - first.at for one in others] == [40_000_000, 80_000_000]
