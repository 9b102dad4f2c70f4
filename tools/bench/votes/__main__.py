"""`python -m tools.bench.votes`: what `make bench` calls.

Counts, times, compares; writes build/bench/.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from tools.bench import cold, dollars
from tools.bench.command import Bench, main, say
from tools.bench.votes import access_logs, cold_starts, figures, idle, pictures, report, targets, timed
from tools.bench.votes.contenders import Sizing
from tools.bench.votes.sizing import sizing
from tools.common.paths import BUILD
from tools.environment.names import DEPLOYED

Json = dict[str, Any]

TABLE: tuple[tuple[str, int, Any], ...] = (
    ("epoch 50000", 50_000, "short"),
    ("epoch 5000", 5_000, "short"),
    ("epoch 50000, uuid", 50_000, "uuid"),
)
RATES: dict[str, tuple[float, ...]] = {
    "prod": (1, 10, 100, 1_000, 10_000),
    "staging": (1, 10, 100, 1_000),
    "dev": (1, 10, 100),
}
WRONG = 2_000  # ballots


def count(full: bool) -> Json:
    """The counted figures; each is the same whoever else is at work, so they are had side by side.

    `full`: 10^6 ballots in the growth.
    """
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        begun = _begin(pool, sizing("prod"), full)
        with timed.stopwatch("counted figures", say):
            counted = _counted(begun)
    counted["access_logs"] = {environment: {"dollars": access_logs.a_million(environment)} for environment in DEPLOYED}
    counted["idle"] = {environment: idle.a_month(environment, sizing(environment)) for environment in DEPLOYED}
    counted["targets"] = [{**one._asdict(), "met": one.met} for one in targets.counted(counted)]
    return counted


def _begin(pool: Executor, prod: Sizing, full: bool) -> Json:
    """Every figure as a future, or futures by name."""
    points = (0, 1_000, 10_000, 100_000, *((1_000_000,) if full else ()))
    begun: Json = {"growth": pool.submit(figures.growth, prod, points)}
    begun["table"] = {name: pool.submit(figures.table, prod, 100_000, epoch, ids) for name, epoch, ids in TABLE}
    begun["rates"] = {
        environment: [pool.submit(figures.rates, sizing(environment), [rate]) for rate in each]
        for environment, each in RATES.items()
    }
    begun["flows"] = {}
    for name in figures.CONTENDERS:
        for a_request in timed.A_REQUEST:
            flow = pool.submit(figures.flow, name, prod, _size(name, a_request), a_request)
            begun["flows"][f"{name}, {a_request}"] = flow
    begun["titles"] = pool.submit(figures.titles, prod, (1, 30, 1_000, 100_000), 20_000)
    begun["miscounts"] = {
        name: [pool.submit(figures.wrong, name, prod, WRONG, share) for share in (0, 0.05)]
        for name in figures.CONTENDERS
    }
    return begun


def _counted(begun: Json) -> Json:
    """The figures that the futures come to."""
    counted: Json = {"table": {name: figures.units(one.result()) for name, one in begun["table"].items()}}
    counted["costs"] = {"table": dollars.table_a_million(begun["table"]["epoch 50000"].result())}
    counted["flows"] = {
        name: figures.units(one.result()) | {"costs": figures.costs(one.result())}
        for name, one in begun["flows"].items()
    }
    counted["rates"] = {}
    for environment, futures in begun["rates"].items():
        by_rate: Json = {}
        for future in futures:
            by_rate |= {str(rate): figures.units(one) for rate, one in future.result().items()}
        counted["rates"][environment] = by_rate
    counted["titles"] = {str(n): figures.units(one) for n, one in begun["titles"].result().items()}
    counted["growth"] = {
        str(n): figures.units(one) | {"cpu_us": figures.cpu(one)} for n, one in begun["growth"].result().items()
    }
    counted["miscounts"] = {}
    for name, (alone, twice) in begun["miscounts"].items():
        wrong, votes = alone.result()
        counted["miscounts"][name] = {"votes": votes, "alone": wrong, "redelivered": twice.result()[0]}
    return counted


def _size(name: str, a_request: int) -> int:
    """Ballots enough for batches as large as they get; more would give the same figures."""
    return 20_000 if name == "sluice" else max(1_000, 100 * a_request) if name == "direct" else 500


def clock(rounds: int) -> Json:
    """The timed figures."""
    prod = sizing("prod")
    with timed.stopwatch("rounds", say):
        taken = [timed.round_of(prod, number + 1) for number in range(rounds)]
    with timed.stopwatch("cold starts", say):
        started = cold.measure(cold_starts.functions(prod), rounds)
    chosen = targets.times(taken, started)
    median = {name: round(number, 2) for name, number in timed.median(taken).items()}
    return {
        "rounds": taken,
        "median": median,
        "cold": started,
        "targets": [{**one._asdict(), "met": one.met} for one in chosen],
    }


if __name__ == "__main__":
    drawn = ("costs.svg", "growth.svg", "rates.svg")
    sys.exit(main(Bench(BUILD / "bench", count, clock, report.tables, pictures.draw, drawn), __doc__))
