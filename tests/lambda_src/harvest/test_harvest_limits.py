"""What a declaration says of the rate that can be reached."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from harvest.limits import Declaration, Limit, step_ms
from harvest.settings import PaceSettings, Pacing
from shared import settings

SECOND = {"calls": 50, "seconds": 1}
ENVIRONMENT = {
    "LEDGER_TABLE": "l",
    "ACCOUNTS_TABLE": "a",
    "TURN_QUEUE_URL": "t",
    "PARCEL_QUEUE_URL": "p",
    "STORE_QUEUE_URL": "s",
    "QUARANTINE_BUCKET": "q",
    "VENDOR": json.dumps({"name": "monitor", "url": "https://example.com", "account": "acme"}),
    "LIMITS": json.dumps({"limits": [SECOND, {"calls": 9, "seconds": 86_400, "kind": "budget"}]}),
    "PACE": json.dumps({"tolerance_ms": 10, "clock_ms": 4, "way_ms": 12}),
}


def declared(**what: object) -> Declaration:
    return Declaration.model_validate_json(json.dumps(what))


def test_the_bound_is_t_over_t_and_j() -> None:
    one = declared(limits=[SECOND])
    assert one.bound(30) == pytest.approx(0.971, abs=0.0005)
    assert one.reachable(30) == pytest.approx(48.54, abs=0.01)
    assert one.permitted() == 50
    assert declared(limits=[{"calls": 500, "seconds": 10}]).bound(500) == pytest.approx(0.952, abs=0.0005)
    assert step_ms(Limit(calls=50, seconds=1), 30) * 50 == pytest.approx(1030)


def test_the_slowest_of_several_limits_counts() -> None:
    several = declared(limits=[{"calls": 1000, "seconds": 60}, SECOND], concurrency=5, latency_ms=250)
    assert several.permitted() == pytest.approx(1000 / 60)
    assert several.bound(200) == pytest.approx(60 / 60.2)
    assert declared(concurrency=5, latency_ms=250).reachable(100) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"limits": [{"calls": 9, "seconds": 9, "kind": "budget"}]},
        {"limits": [{"calls": 0, "seconds": 9}]},
        {"limits": [{"calls": 1, "seconds": 0}]},
        {"limits": [SECOND | {"per": "host"}]},
        {"adaptive": {"start": 1, "least": 2, "most": 3, "window_seconds": 1}},
        {"limits": [SECOND], "more": 1},
    ],
    ids=str,
)
def test_what_bounds_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        declared(**wrong)


def test_settings_are_read_from_the_environment() -> None:
    read = settings.load(PaceSettings, ENVIRONMENT)
    assert read.pace.spread_ms == 30
    assert read.limits.budgets[0].calls == 9
    assert read.pace.tasks_of(read.limits) == 25
    with pytest.raises(settings.SettingsError, match="LIMITS"):
        settings.load(PaceSettings, ENVIRONMENT | {"LIMITS": "[]"})


def test_a_slow_vendors_parcels_are_small() -> None:
    pace = Pacing(parcel_seconds=2)
    assert [pace.tasks_of(declared(limits=[{"calls": calls, "seconds": 1}])) for calls in (1, 5, 500)] == [1, 8, 25]
    assert pace.end_ms(1000.7) == 14_000
