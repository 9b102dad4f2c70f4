"""The harvest's bench: what holds of each design in a small size, and what its page says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tools.bench.harvest import report, trials
from tools.bench.harvest.crawls import DESIGNS
from tools.bench.harvest.trial import SMALL_HOSTS, Terms
from tools.common.paths import ROOT

PAGE = ROOT / "docs/harvest/performance.md"
SMALL = Terms(calls=2_500, seed=2)
NAMES = [design.name for design in DESIGNS]

Json = dict[str, Any]


def crawled(name: str) -> Json:
    return trials.crawled(NAMES.index(name), SMALL)


@pytest.fixture(scope="module")
def ours() -> Json:
    return trials.harvested(SMALL)


def test_ours_loses_nothing_and_is_refused_nothing(ours: Json) -> None:
    assert (ours["lost"], ours["throttled"], ours["over"]) == (0, 0, 0)
    assert ours["repeated"] <= 25 * 10, "a parcel of each worker"
    assert ours["small_seconds"] < 12
    assert ours["units"]["write_units"] / ours["calls"] < 0.35
    assert ours["dollars"] == pytest.approx(report.paid(ours["units"]))


def test_a_process_that_remembers_nothing_begins_again_after_the_kill() -> None:
    careful, remembers = crawled("one process, aiolimiter with care"), crawled("one process, with a ledger")
    assert careful["repeated"] > 0.3 * SMALL.calls
    assert remembers["repeated"] < 50
    assert careful["lost"] == remembers["lost"] == 0


def test_a_burst_is_refused_and_a_careful_one_is_not() -> None:
    assert crawled("one process, aiolimiter as usual")["throttled"] > 100
    assert crawled("one process, aiolimiter with care")["throttled"] == 0


def test_concurrency_brakes_too_little_or_too_much() -> None:
    mean, none = crawled("a queue, concurrency for the mean"), crawled("a queue, concurrency for zero 429")
    assert mean["throttled"] > 100
    assert none["throttled"] == 0
    assert none["share_without_gap"] < 0.6


def test_the_same_terms_give_the_same_figures(ours: Json) -> None:
    assert trials.harvested(SMALL) == ours


def test_who_is_first_and_where_ours_is_not() -> None:
    one: Json = {"lost": 0, "throttled": 0, "repeated": 3, "share": 0.812, "share_without_gap": 0.946}
    one |= {"small_seconds": 6.0, "dollars": 0.016, "calls": 1_000, "seconds": 9.0}
    counted = {"cheap": one | {"dollars": 0.001, "share": 0.81, "small_seconds": 90.0}, report.OURS: one}
    whole, beside, paper = report.tables({"counted": {"designs": counted}})
    assert [row[-1] for row in beside.rows] == [*["first or level"] * 6, "**not**: cheap"]
    assert whole.rows[0][-1] == "**0.001**"
    assert paper.rows[0][1] == "0.075", "three transitions a call"
    assert SMALL_HOSTS == 3


@pytest.mark.slow
def test_the_page_has_what_the_bench_counts() -> None:
    """Virtual time: the same on each machine. A change of the functions may move ours by little."""
    (whole, *_) = report.tables({"counted": {"designs": trials.trials(Terms(), lambda _: None)}})
    written = {row[0]: row for row in (line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines())}
    for row in whole.rows:
        assert len(written[row[0]]) == len(row)
        for column, said, found in zip(whole.head, written[row[0]], row, strict=True):
            if column == "repeated":
                assert abs(_number(said) - _number(found)) <= 50, (row, said)
            elif column != "design":
                assert _number(said) == pytest.approx(_number(found), rel=0.05, abs=0.002), (column, row, said)


def _number(cell: str) -> float:
    text = cell.strip("*").replace(",", "")
    return float("inf") if text == "never" else float(text)


def test_the_page_names_each_design_and_the_command() -> None:
    text = PAGE.read_text()
    assert [
        name for name in [*NAMES, report.OURS] if not re.search(rf"^\| {re.escape(name)} \|", text, re.MULTILINE)
    ] == []
    assert "make bench PIPELINE=harvest" in text
