"""`python -m bench`: what `make bench` calls. Counts, times, compares; writes build/bench/."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bench import cold, dollars, figures, idle, pictures, report, targets, timed
from bench.contenders import Sizing
from bench.sizing import sizing
from devcloud.runs import BUILD, DEPLOYED, told

Json = dict[str, Any]
FOLDER = BUILD / "bench"


def main() -> int:
    """Run the bench; 0 when it ran, whichever targets are met."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="10^6 ballots in the growth")
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds of the timed figures")
    parser.add_argument("--only", choices=("counted", "timed"), help="count or time again, and keep the other half of the last run")
    options = parser.parse_args()
    return told("bench", lambda: bench(full=options.full, rounds=options.rounds, only=options.only))


def bench(*, full: bool, rounds: int, only: str | None) -> int:
    """Everything, one after the other."""
    prod = sizing("prod")
    result = FOLDER / "bench.json"
    found: Json = json.loads(result.read_text()) if only and result.exists() else {}  # the other half stays as it was
    found |= {"python": platform.python_version(), "prices": dollars.prices()["read_on"]}
    if only != "timed":
        found["counted"] = count(prod, full=full)
    if only != "counted":
        found["timed"] = clock(prod, rounds)
    FOLDER.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(found, indent=1) + "\n")
    if "counted" in found:
        pictures.draw(found["counted"], FOLDER)
    report.write(found, FOLDER)
    report.show(found)
    print(f"written: {FOLDER.relative_to(BUILD.parent)}/report.md, bench.json, costs.svg, growth.svg, rates.svg")
    return 0


def count(prod: Sizing, *, full: bool) -> Json:
    """The counted figures; each is the same whoever else is at work, so they are had side by side."""
    found: Json = {}
    points = (0, 1_000, 10_000, 100_000, *((1_000_000,) if full else ()))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        grown = pool.submit(figures.growth, prod, points)
        table = {name: pool.submit(figures.table, prod, 100_000, epoch, ids) for name, epoch, ids in TABLE}
        rates = {
            environment: [pool.submit(figures.rates, sizing(environment), [rate]) for rate in each] for environment, each in RATES.items()
        }
        flows = {
            (name, a_request): pool.submit(figures.flow, name, prod, _size(name, a_request), a_request)
            for name in figures.CONTENDERS
            for a_request in timed.A_REQUEST
        }
        titles = pool.submit(figures.titles, prod, (1, 30, 1_000, 100_000), 20_000)
        wrong = {name: [pool.submit(figures.wrong, name, prod, WRONG, share) for share in (0, 0.05)] for name in figures.CONTENDERS}
        with timed.stopwatch("counted figures", say):
            found["table"] = {name: figures.units(one.result()) for name, one in table.items()}
            found["costs"] = {"table": dollars.table_a_million(table["epoch 50000"].result())}
            found["flows"] = {
                f"{name}, {a_request}": figures.units(one.result()) | {"costs": figures.costs(one.result())}
                for (name, a_request), one in flows.items()
            }
            found["rates"] = {
                environment: {str(rate): figures.units(one) for future in each for rate, one in future.result().items()}
                for environment, each in rates.items()
            }
            found["titles"] = {str(n): figures.units(one) for n, one in titles.result().items()}
            found["growth"] = {str(n): figures.units(one) | {"cpu_us": figures.cpu(one)} for n, one in grown.result().items()}
            for name, (alone, twice) in wrong.items():
                found.setdefault("miscounts", {})[name] = {
                    "votes": alone.result()[1],
                    "alone": alone.result()[0],
                    "redelivered": twice.result()[0],
                }
    found["idle"] = {environment: idle.a_month(environment, sizing(environment)) for environment in DEPLOYED}
    found["targets"] = [{**one._asdict(), "met": one.met} for one in targets.counted(found)]
    return found


def _size(name: str, a_request: int) -> int:
    """Ballots enough for batches as large as they get; more would give the same figures."""
    return 20_000 if name == "sluice" else max(1_000, 100 * a_request) if name == "direct" else 500


TABLE: tuple[tuple[str, int, Any], ...] = (
    ("epoch 50000", 50_000, "short"),
    ("epoch 5000", 5_000, "short"),
    ("epoch 50000, uuid", 50_000, "uuid"),
)
RATES: dict[str, tuple[float, ...]] = {"prod": (1, 10, 100, 1_000, 10_000), "staging": (1, 10, 100, 1_000), "dev": (1, 10, 100)}
WRONG = 2_000  # ballots


def clock(prod: Sizing, rounds: int) -> Json:
    """The timed figures."""
    with timed.stopwatch("rounds", say):
        taken = [timed.round_of(prod, number + 1) for number in range(rounds)]
    with timed.stopwatch("cold starts", say):
        started = cold.measure(prod, rounds)
    chosen = targets.times(taken, started)
    median = {name: round(number, 2) for name, number in timed.median(taken).items()}
    return {"rounds": taken, "median": median, "cold": started, "targets": [{**one._asdict(), "met": one.met} for one in chosen]}


def say(text: str) -> None:
    """A line of progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
