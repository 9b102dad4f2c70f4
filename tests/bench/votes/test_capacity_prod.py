"""Environments as Terraform plans them, under the loads that docs/votes/capacity.md shows; and the
command.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.bench.votes.capacity import __main__ as command
from tools.bench.votes.capacity import curves, report
from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.model import Model, Run
from tools.bench.votes.capacity.settings import Settings, planned
from tools.common.errors import CommandError

# what docs/votes/capacity.md says must be raised first
QUOTAS = ["api_quota=25000", "lambda_quota=3000"]


@pytest.fixture(scope="module")
def prod() -> Settings:
    """Prod's, planned offline."""
    return planned("prod")


def run(setting: Settings, rate: float, a_request: int = 1, lasts: float = 120, slow: float = 1.0) -> Run:
    """A step, with the documented durations, whatever a request may hold."""
    setting = replace(setting, most_ballots=max(setting.most_ballots, a_request))
    return Model(
        setting, Durations(setting, a_request, slow=slow), curves.Curve("step", curves.step(rate, lasts))
    ).run()


@pytest.mark.parametrize(("rate", "a_request"), [(7_000, 1), (10_000, 10)])
def test_what_prod_takes_with_an_accounts_own_quotas(prod: Settings, rate: float, a_request: int) -> None:
    """All but what is refused within the first second, while each request wants an environment."""
    done = run(prod, rate, a_request)
    assert done.results.accepted > 0.99 * done.results.offered
    assert done.results.until_shown.longest <= report.COUNTED_WITHIN
    assert not any(one.throttled for one in done.tables.by_name.values())


def test_what_the_step_asks_of_the_account(prod: Settings) -> None:
    done = run(prod, 20_000, lasts=20)
    assert [quota.name.split(":")[0] for quota in report.quotas(done)] == ["API Gateway", "Lambda"]
    assert report.quotas(run(prod, 20_000, 100, lasts=20)) == []


@pytest.mark.parametrize(("a_request", "slow"), [(1, 1.0), (10, 1.0), (100, 1.0), (1, 2.0), (10, 2.0), (100, 2.0)])
def test_prod_takes_the_step_to_twenty_thousand(prod: Settings, a_request: int, slow: float) -> None:
    """Every ballot within the minute, no table throttled, the quotas once raised; though AWS took
    twice as long as assumed.
    """
    done = run(prod.changed(QUOTAS), 20_000, a_request, slow=slow)
    assert report.takes_it(done), report.as_text(report.summary(done))
    assert done.results.until_shown.longest <= report.COUNTED_WITHIN


@pytest.mark.parametrize(
    ("setting", "a_request", "slow", "bottleneck"),
    [
        ("throttle_rate=5000", 1, 1.0, "api throttle_rate"),
        ("votes_write=10000", 10, 1.0, "capacity: votes write"),
        ("epoch_changes=50000", 10, 4.0, "tally: more than it folds in a slot"),
        ("write_concurrency=4", 10, 1.0, "write.maximum_concurrency"),
        ("lambda_quota=1000", 1, 1.0, "lambda_quota"),
        ("process_concurrency=5", 1, 1.0, "process.maximum_concurrency"),
    ],
)
def test_each_of_them_is_needed(prod: Settings, setting: str, a_request: int, slow: float, bottleneck: str) -> None:
    done = run(prod.changed([*QUOTAS, setting]), 20_000, a_request, lasts=480, slow=slow)
    assert not report.takes_it(done)
    assert report.bottleneck(done) == bottleneck


def test_staging_scales_by_itself(prod: Settings) -> None:
    staging = planned("staging")
    assert staging.capacity["votes write"].most == 1_000
    assert prod.capacity["votes write"].most is None
    assert staging.changed(["votes_write=500"]).capacity["votes write"].least == 500


@pytest.mark.parametrize(
    ("setting", "refused"),
    [
        ("rate=5", "there is no setting 'rate'; there are access_line_bytes, api_quota"),
        ("votes=5", "there is no setting 'votes'; there are .*, votes_write"),
        (
            "tally_concurrency=1",
            "tally_concurrency changes nothing: one tally folds at a time.*; there are access_line_bytes",
        ),
        ("shards", "name=number"),
        ("shards=many", "name=number"),
        ("shards=0", "shards=0: it is a number above 0"),
        ("votes_write=nan", "votes_write=nan: it is a number above 0"),
        ("shards=4.5", "shards=4.5: it is a whole number"),
    ],
)
def test_a_setting_that_there_is_not_says_what_there_is(prod: Settings, setting: str, refused: str) -> None:
    with pytest.raises(CommandError, match=refused):
        prod.changed([setting])


def test_every_setting_changes_something(prod: Settings) -> None:
    """Under a load that is too much for all of it: more or less of each gives another result."""
    least = replace(prod, api_quota=900, throttle_rate=950, throttle_burst=100, lambda_quota=60, epoch_changes=2_000)
    least = replace(least, process_concurrency=2, most_ballots=2)
    small = {"votes write": 500.0, "votes read": 400.0, "tallies write": 20.0, "tallies read": 0.05}
    small |= {"journal write": 20.0, "journal read": 20.0}
    least = least.changed([f"{name.replace(' ', '_')}={units}" for name, units in small.items()])
    unchanged = outcome(least)
    for name in least.names():
        half, twice = (scaled(least, name, by) for by in (0.5, 2))
        assert outcome(half) != unchanged or outcome(twice) != unchanged, name


def scaled(settings: Settings, name: str, by: float) -> Settings:
    """The settings with one of them so many times what it was."""
    key = name.replace("_", " ")
    before = settings.capacity[key].least if key in settings.capacity else getattr(settings, name)
    return settings.changed([f"{name}={max(1, int(before * by)) if before >= 1 else before * by}"])


def outcome(settings: Settings) -> dict[str, Any]:
    """All that comes of a short step."""
    step = curves.Curve("step", curves.step(2_000, 30))
    return report.summary(Model(settings, Durations(settings, 2), step).run())


def test_the_command_says_writes_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    assert command.capacity("prod", "step:50", 1, ["slot_seconds=5"]) == 0
    printed = capsys.readouterr().out
    assert "takes it; bottleneck: none" in printed
    found = json.loads((tmp_path / "prod-step-50-1-changed.json").read_text())
    assert found["ballots"]["shown"] == 50 * 600
    assert (tmp_path / "prod-step-50-1-changed.svg").stat().st_size > 10_000
    for arguments in (("local", "step", 1), ("prod", "steps", 1), ("prod", "step", 0), ("prod", "step", 501)):
        with pytest.raises(CommandError):
            command.capacity(*arguments, [])
