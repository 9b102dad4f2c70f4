"""The counted figures: the same in every run from the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tools.bench import dollars
from tools.bench.votes import load
from tools.bench.votes.contenders import Build, Sizing, direct, idempotent, plain, sluice
from tools.bench.votes.load import Ids
from tools.bench.votes.world import CountedRun, Shape, deployed, run

Json = dict[str, Any]

CONTENDERS: dict[str, Build] = {
    "plain": plain.build,
    "idempotent": idempotent.build,
    "idempotent, a row a title": partial(idempotent.build, one_row=True),
    "direct": direct.build,
    "sluice": sluice.build,
}
UNITS = (
    "api_requests",
    "lambda_requests",
    "sqs_requests",
    "sqs_fifo_requests",
    "write_units",
    "read_units",
    "http_requests",
    "log_bytes",
)
WARM = 100


def table(sizing: Sizing, size: int, epoch: int, ids: Ids = "short", seed: int = 1) -> CountedRun:
    """Sluice over `size` single ballots that wait, an epoch covering `epoch` of them."""
    variables = sizing.variables | {"tally": sizing.variables["tally"] | {"EPOCH_CHANGES": str(epoch)}}
    drawn = load.ballots(size, seed, ids=ids)
    return run(sluice.build, replace(sizing, variables=variables), drawn, Shape(a_request=0, wave=epoch))


def flow(name: str, sizing: Sizing, size: int, a_request: int, seed: int = 1) -> CountedRun:
    """A design over `size` ballots, from the API to the counters, `a_request` together.

    Batches are as large as they get.
    """
    return run(CONTENDERS[name], sizing, load.ballots(size + WARM, seed), Shape(a_request=a_request), warm=WARM)


def at_rate(sizing: Sizing, rate: float, drawn: Sequence[load.Ballot], wave: int) -> CountedRun:
    """Sluice over single ballots that come so many a second, a fold after each `wave` of them."""
    return run(sluice.build, sizing, drawn, Shape(a_request=0, wave=wave, rate=rate))


def rates(sizing: Sizing, each: Iterable[float], least: int = 300) -> dict[float, CountedRun]:
    """Sluice at so many ballots a second, over at least one slot."""
    found = {}
    for rate in each:
        wave = max(1, round(rate * sizing.slot_seconds))
        found[rate] = at_rate(sizing, rate, load.ballots(wave * max(1, -(-least // wave))), wave)
    return found


def titles(sizing: Sizing, each: Sequence[int], size: int) -> dict[int, CountedRun]:
    """Sluice over `size` ballots on so many titles, one epoch."""
    return {n: run(sluice.build, sizing, load.ballots(size, titles=n), Shape(a_request=0, wave=size)) for n in each}


def growth(sizing: Sizing, points: Sequence[int], wave: int = 1000) -> dict[int, CountedRun]:
    """Sluice's next `wave` ballots when the tables hold so many already."""
    drawn = load.ballots(max(points) + wave)
    found = {}
    with deployed(sluice.build, sizing, Shape(a_request=0)) as (world, _, advance):
        world.take(drawn[: points[0]], advance)
        for index, point in enumerate(points):
            world.forget()
            taken = world.take(drawn[point : point + wave], advance)
            found[point] = replace(taken, meter=taken.meter.copy(), cpu=taken.cpu.copy(), counted={})
            if index + 1 < len(points):
                world.take(drawn[point + wave : points[index + 1]], advance)
    return found


def wrong(name: str, sizing: Sizing, size: int, redelivered: float, seed: int = 1) -> tuple[int, int]:
    """By how many votes a design's counters are wrong after `size` ballots at 100 a second.

    And how many votes there are.
    """
    drawn = load.ballots(size, seed)
    right = load.expected(drawn)
    done = run(CONTENDERS[name], sizing, drawn, Shape(rate=100, wave=1000, redelivered=redelivered, seed=seed))
    return load.miscounts(done.counted, right), sum(sum(counts.values()) for counts in right.values())


def units(done: CountedRun) -> Json:
    """A run's units a ballot, in all and by stage and table."""
    by_stage = {
        f"{stage} {unit}": round(n / done.items, 5) for (stage, unit), n in sorted(done.meter.units.items()) if n
    }
    return {unit: round(done.each(unit), 5) for unit in UNITS} | {"by_stage": by_stage, "ballots": done.items}


def costs(done: CountedRun) -> Json:
    """A run's dollars a million by service, with the totals that are compared."""
    by_service = dollars.a_million(done)
    total = sum(by_service.values())
    return {
        **{service: round(number, 4) for service, number in by_service.items()},
        "behind the API": round(dollars.behind_the_api(by_service), 4),
        "total": round(total, 4),
        "API's share": round(by_service["API"] / total, 4),
    }


def cpu(done: CountedRun) -> Json:
    """A run's CPU a ballot by stage, in µs. Timed: no two runs agree."""
    return {stage: round(done.cpu_us(stage), 1) for stage in done.cpu}
