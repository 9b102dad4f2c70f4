"""What is said each minute of the runs on an account: only what is wrong may set off an alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harvest import minutes
from harvest.accounts import NEVER_MS, Account, Granted
from harvest.adaptive import Found
from harvest.limits import Declaration
from harvest.run_rows import Counts, Level, Run
from harvest.settings import Pacing

NOW = 1_795_000_000_000
LIMITS = Declaration.model_validate({"limits": [{"calls": 600, "seconds": 60}]})
PACING = Pacing()
REACHABLE = LIMITS.reachable(PACING.spread_ms)


def run(left: int = 10_000, **more: Any) -> Run:
    counts = Counts({"data": Level(expected=left + 5, ok=5)})
    about: dict[str, Any] = {"started": NOW - 600_000, "first_call": NOW - 500_000, "recent": 5.0, "counts": counts}
    return Run("r", "daily", "main", "running", cap=10**6, **(about | more))


def percent(*running: Run, account: Account | None = None) -> float | None:
    return minutes.rate_percent(account or Account("main", beat=NOW), running, LIMITS, PACING, NOW)


def test_silence_is_told_from_whatever_was_heard_last() -> None:
    assert minutes.beat_age_seconds(Account("main"), [], NOW) == 0
    assert minutes.beat_age_seconds(Account("main", beat=NOW - 7000), [run()], NOW) == 7
    assert minutes.beat_age_seconds(Account("main", beat=NOW - 7000, asleep=NOW + 1), [run()], NOW) == 0
    late = Account("main", beat=NOW - 7000, asleep=NEVER_MS - 60_000)
    assert minutes.beat_age_seconds(late, [run()], NOW) == 7, "nothing ran when it went to sleep"
    assert minutes.beat_age_seconds(Account("main"), [run()], NOW) == 600, "one that never began is silent too"


def test_the_rate_is_of_all_runs_and_of_what_can_be_reached() -> None:
    assert percent(run()) == pytest.approx(100 * 5 / REACHABLE)
    assert percent(run(), run(recent=4.0)) == pytest.approx(100 * 9 / REACHABLE)
    assert percent(run(rate=5.0)) == pytest.approx(100)
    assert percent(run(rate=5.0), run()) == pytest.approx(100 * 10 / REACHABLE), "one may take what the other leaves"
    found = Account("main", granted=Granted(found=Found(2.5, 0, 0, 0)))
    assert percent(run(), account=found) == pytest.approx(200)


@pytest.mark.parametrize(
    "quiet",
    [
        [],
        [run(left=30)],
        [run(first_call=0)],
        [run(first_call=NOW - 30_000)],
    ],
)
def test_nothing_is_said_while_there_is_little_to_let_out(quiet: list[Run]) -> None:
    assert percent(*quiet) is None


@pytest.mark.parametrize("waits", ["until", "asleep"])
def test_nothing_is_said_while_nothing_may_be_called(waits: str) -> None:
    assert percent(run(), account=replace(Account("main", beat=NOW), **{waits: NOW + 1})) is None  # type: ignore[arg-type]
