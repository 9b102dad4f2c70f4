"""The whole model against closed forms: Little's law, a constant load, throttles, a table that is
the only server.
"""

from dataclasses import replace

import pytest

from tools.bench.votes.capacity import curves, facts, report
from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.model import Model, Run
from tools.bench.votes.capacity.settings import Settings, Units
from tools.bench.votes.units import titles_of

ROOMY = Settings(
    throttle_rate=1e6,
    throttle_burst=1e6,
    api_quota=1e6,
    lambda_quota=100_000,
    process_concurrency=50,
    write_concurrency=32,
    shards=32,
)


def run(settings: Settings, rate: float, seconds: float, a_request: int = 1) -> Run:
    """A constant load, with the documented durations."""
    return Model(settings, Durations(settings, a_request), curves.Curve("constant", curves.step(rate, seconds))).run()


@pytest.mark.parametrize(("rate", "a_request"), [(7, 1), (300, 1), (5_000, 10)])
def test_nothing_is_lost_and_nothing_twice(rate: float, a_request: int) -> None:
    done = run(ROOMY, rate, 60, a_request)
    results = done.results
    assert (
        results.accepted
        == results.counted
        == results.shown
        == results.until_counted.number
        == results.until_shown.number
    )
    assert 0 <= results.offered - results.accepted - sum(results.refused.values()) < a_request
    assert done.drained_at is not None


@pytest.mark.parametrize("rate", [50, 1_000, 10_000])
def test_littles_law(rate: float) -> None:
    """Ballots on their way, on average, are the rate times the mean time of one."""
    results = run(ROOMY, rate, 300).results
    assert results.in_system_seconds == pytest.approx(results.until_counted.mean * results.accepted, rel=0.06)


@pytest.mark.parametrize("in_step", [True, False])
def test_a_constant_load_waits_half_a_window_and_the_calls(in_step: bool) -> None:
    """Warm, a ballot waits half a window for its batch; then process and write take their time; the
    tally has its slot.
    """
    settings = replace(ROOMY, window_seconds=4.0, in_step=in_step)
    done = run(settings, 2_000, 600)
    batch = 2_000 * 4 // 5
    durations = Durations(settings)
    least = 2 + durations.process(batch) + durations.write([batch // 32] * 10)
    assert done.results.until_counted.mean == pytest.approx(least, rel=0.25)
    assert 4 <= done.functions.calls["process"] / (600 / 4) <= 6
    results = done.results
    shown, fold = results.until_shown.mean - results.until_counted.mean, durations.fold(2_000 * 10, entries=32)
    # nobody waits longer than from an entry that is the first of its slot to the tick
    longest = settings.tick_delay + results.until_counted.longest
    if in_step:
        assert done.functions.peak["process"] in (5, 6)  # a sixth may come while all five are at work
        # half a slot, the margin, and the fold
        assert settings.tick_delay / 2 < shown < settings.tick_delay
        assert results.until_shown.longest < longest + fold
    else:
        assert done.functions.peak["process"] == 1  # one window ends after the other
        # half a slot (a fold takes what stands by then, of the next slot too), and the fold
        assert shown == pytest.approx(settings.slot_seconds / 2 + fold, rel=0.1)
        assert results.until_shown.longest < longest


@pytest.mark.parametrize("window", [2.0, 4.0])
def test_five_pollers_bring_a_batch_a_window_each(window: float) -> None:
    """At 2,000 a second five are enough, so there are no more; and each batch ends in one message a
    shard.
    """
    done = run(replace(ROOMY, window_seconds=window), 2_000, 600)
    durations = Durations(replace(ROOMY, window_seconds=window))
    turn = window + durations.process(round(2_000 * window / 5))
    assert done.functions.calls["process"] == pytest.approx(5 * 600 / turn, rel=0.1)
    messages = 32 * done.functions.calls["process"]
    assert messages / 10 <= done.functions.calls["write"] <= messages
    assert done.functions.calls["tally"] == pytest.approx(
        600 / 10 + 600 / 300, abs=2
    )  # a slot each, and the schedule's


def test_where_a_table_is_the_only_server_the_backlog_drains_at_its_pace() -> None:
    """200 a second for ten minutes on a table that bears 100, and has 300 s in its purse: what is
    left drains at 100 a second.
    """
    settings = replace(ROOMY, capacity={"votes write": Units(100.0, 100.0)})
    done = run(settings, 200, 600)
    units = 0.983 * 200 * 600
    assert done.drained_at == pytest.approx((units - 100 * 300) / 100, rel=0.05)
    assert report.bottleneck(done) == "capacity: votes write"
    assert not report.takes_it(done)


def test_the_throttle_lets_its_rate_pass_and_its_burst_once() -> None:
    done = run(replace(ROOMY, throttle_rate=100, throttle_burst=500), 1_000, 60)
    assert done.results.accepted == pytest.approx(100 * 60 + 500, abs=100)
    assert report.bottleneck(done) == "api throttle_rate"


def test_an_environment_takes_ten_requests_a_second() -> None:
    """With a quota of 1,000 no more than 10,000 a second come in, however short receive is."""
    done = run(replace(ROOMY, lambda_quota=1_000), 20_000, 60)
    assert done.results.accepted <= 10_000 * 60
    assert done.results.accepted == pytest.approx(10_000 * 60, rel=0.1)
    assert report.bottleneck(done) == "lambda_quota"
    assert [quota.name.split(":")[0] for quota in report.quotas(done)] == ["Lambda"]


def test_lambda_grows_by_a_thousand_environments_in_ten_seconds() -> None:
    """20,000 a second at once: 1,000 environments, then 100 more a second; until there are 2,000,
    the rest is refused.
    """
    done = run(ROOMY, 20_000, 60)
    cold = Durations(ROOMY).cold("receive")
    assert done.results.refused["Lambda's scaling rate"] == pytest.approx(10_000 * 10 / 2 + 20_000 * cold, rel=0.15)
    assert done.functions.peak["receive"] == pytest.approx(2_000, rel=0.05)


def test_one_shard_has_one_writer() -> None:
    done = run(replace(ROOMY, shards=1), 500, 60)
    assert done.functions.peak["write"] == 1
    assert done.results.shown == done.results.accepted


def test_a_mapping_adds_five_batches_a_second() -> None:
    """Each poller brings 1 MB/s, some thousand ballots: five do not bring 20,000, and within
    seconds there are enough.
    """
    results = run(ROOMY, 20_000, 120).results
    waits = results.waited["the mapping's scaling (+300 a minute)"]
    assert waits > 0
    late = [sample for sample in results.samples if sample["at"] > 30]
    assert max(sample["oldest"] for sample in late) < 6
    assert results.until_shown.quantile(0.99) < 30


def test_the_journal_of_a_shard_is_a_hot_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """One writer a shard makes tens of writes a second: AWS's 1,000 are never met, 5 would be."""
    capacity = {"journal write": Units(40_000.0), "journal read": Units(40_000.0)}
    one, more = (replace(ROOMY, shards=shards, capacity=capacity) for shards in (1, 32))
    assert not run(one, 5_000, 60).tables.throttled_keys["journal write"]
    monkeypatch.setitem(facts.PARTITION, "write", 5.0)
    done = run(one, 5_000, 60)
    assert not report.takes_it(done)
    assert report.bottleneck(done) == "capacity: journal write, one partition"
    assert "5 a second" in report.as_text(report.summary(done))
    assert report.takes_it(run(more, 500, 60))


def test_an_epoch_touches_the_titles_it_should() -> None:
    assert titles_of(0) == 0
    assert titles_of(1) == pytest.approx(1)
    assert 950 < titles_of(50_000) <= 1_000
