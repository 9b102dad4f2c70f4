"""Environments as Terraform plans them, under the loads that docs/capacity.md shows; and the command."""

import json
from pathlib import Path

import pytest

from bench.capacity import __main__ as command
from bench.capacity import curves, findings
from bench.capacity.model import Model, Run
from bench.capacity.setting import Setting, planned
from bench.capacity.work import Work
from devcloud.runs import LocalCloudError

QUOTAS = ["api_quota=24000", "lambda_quota=3000"]  # what docs/capacity.md says must be raised first


@pytest.fixture(scope="module")
def prod() -> Setting:
    """Prod's, planned offline."""
    return planned("prod")


def run(setting: Setting, rate: float, a_request: int = 1, lasts: float = 120, slow: float = 1.0) -> Run:
    """A step, with the documented durations."""
    return Model(setting, Work(setting, a_request, slow=slow), curves.Curve("step", curves.step(rate, lasts))).run()


@pytest.mark.parametrize(("rate", "a_request"), [(7_000, 1), (10_000, 10)])
def test_what_prod_takes_with_an_accounts_own_quotas(prod: Setting, rate: float, a_request: int) -> None:
    """All but what is refused within the first second, while each request wants a new environment."""
    done = run(prod, rate, a_request)
    assert done.told.accepted > 0.99 * done.told.offered
    assert done.told.until_shown.longest <= findings.COUNTED_WITHIN
    assert not any(one.throttled for one in done.tables.by_name.values())


def test_what_the_step_asks_of_the_account(prod: Setting) -> None:
    done = run(prod, 20_000, lasts=20)
    assert [quota.name.split(":")[0] for quota in findings.quotas(done)] == ["API Gateway", "Lambda"]
    assert findings.quotas(run(prod, 20_000, 100, lasts=20)) == []


@pytest.mark.parametrize(("a_request", "slow"), [(1, 1.0), (10, 1.0), (100, 1.0), (1, 2.0), (10, 2.0), (100, 2.0)])
def test_prod_takes_the_step_to_twenty_thousand(prod: Setting, a_request: int, slow: float) -> None:
    """Every ballot within the minute, no table throttled, the quotas once raised; though AWS took twice as long as assumed."""
    done = run(prod.changed(QUOTAS), 20_000, a_request, slow=slow)
    assert findings.takes_it(done), findings.text(findings.found(done))
    assert done.told.until_shown.longest <= findings.COUNTED_WITHIN


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
def test_each_of_them_is_needed(prod: Setting, setting: str, a_request: int, slow: float, bottleneck: str) -> None:
    done = run(prod.changed([*QUOTAS, setting]), 20_000, a_request, lasts=480, slow=slow)
    assert not findings.takes_it(done)
    assert findings.bottleneck(done) == bottleneck


def test_staging_scales_by_itself(prod: Setting) -> None:
    staging = planned("staging")
    assert staging.capacity["votes write"].most == 1_000
    assert prod.capacity["votes write"].most is None
    assert staging.changed(["votes_write=500"]).capacity["votes write"].least == 500


@pytest.mark.parametrize("setting", ["rate=5", "votes=5", "shards", "shards=many"])
def test_a_setting_that_there_is_not_is_told(prod: Setting, setting: str) -> None:
    with pytest.raises(LocalCloudError, match=r"setting|name=number"):
        prod.changed([setting])


def test_the_command_says_writes_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    assert command.capacity("prod", "step:50", 1, ["slot_seconds=5"]) == 0
    said = capsys.readouterr().out
    assert "takes it; bottleneck: none" in said
    found = json.loads((tmp_path / "prod-step-50-1-changed.json").read_text())
    assert found["ballots"]["shown"] == 50 * 600
    assert (tmp_path / "prod-step-50-1-changed.svg").stat().st_size > 10_000
    for arguments in (("local", "step", 1), ("prod", "steps", 1), ("prod", "step", 0)):
        with pytest.raises(LocalCloudError):
            command.capacity(*arguments, [])
