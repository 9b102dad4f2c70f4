"""The cheapest sizing that takes a load: entrance, shards, memory and billing modes, each priced.

They hardly touch each other's price, so they are chosen one after the other: the fewest shards,
then the least memory of each function, with which all of `CHECKS` holds, also were all pollers in
step; then what is cheapest to bill.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tools.bench.votes.capacity import billing_modes, curves, durations, facts, report
from tools.bench.votes.capacity.billing_modes import Mode
from tools.bench.votes.capacity.curves import Curve
from tools.bench.votes.capacity.entrances import ENTRANCES, Requests
from tools.bench.votes.capacity.functions import QUOTA, SCALING
from tools.bench.votes.capacity.model import Model, Run
from tools.bench.votes.capacity.settings import TABLES, Settings, Units
from tools.bench.votes.units import ANSWER_BALLOT_BYTES, ANSWER_BYTES, CHANGED, READ
from tools.simulation.aws.pollers import EVENT_BYTES

SHARDS = (4, 8, 12, 16, 20, 24, 32)
MEMORY_MB = (256, 512, 1024, 1769)
# Less is not tried: an environment with botocore, Pydantic and Powertools holds 59 MB before
# its first call (make bench, cold starts), a batch of process's 6 MB event and what it makes of it.
LEAST_MB = {"receive": 256, "process": 512, "write": 256, "tally": 256}
# Ballots a request, and times the assumed latencies, that it has to take, the hardest first.
CHECKS = ((100, 2.0), (10, 2.0), (1, 2.0), (100, 1.0), (10, 1.0), (1, 1.0))
RAISED = ("api_quota=1000000", "lambda_quota=20000")
HEADER_BYTES = 400  # assumed, of a request
PLAYED_SECONDS = 120.0  # of a load that stays as it is
# A step of so many requests a second fits an account's own quotas (docs/votes/capacity.md), but for
# what is refused while Lambda makes environments: at most this share of the first two minutes.
# It is more the less memory receive has, because a start is CPU.
OWN_QUOTAS_TAKE, REFUSED_AT_MOST = 7_000, 0.01


@dataclass
class Choice:
    """A sizing, dollars a month by what they are for, and why others fell out."""

    settings: Settings
    curve: Curve
    entrance: str
    modes: dict[str, dict[str, Mode]] = field(default_factory=dict)  # by table, then "read", "write"
    dollars: dict[str, dict[str, float]] = field(default_factory=dict)  # by part, then by offer
    fell_out: list[str] = field(default_factory=list)


def choose(settings: Settings, curve: Curve, a_request: int, asked: frozenset[str]) -> Choice:
    """The cheapest for a load that gives what is asked."""
    fell_out: list[str] = []
    sized = _with_shards(settings, curve, fell_out)
    for function in LEAST_MB:
        sized = _with_memory(sized, curve, function, fell_out)
    run = play(sized, curve, a_request)
    choice = Choice(sized, curve, "", fell_out=fell_out)
    enter(choice, run, asked)
    for table in TABLES:
        bill(choice, run, table)
    return choice


def why_not(settings: Settings, curve: Curve) -> str:
    """What stands in the way where the load is not taken; "" where it is.

    All that the API admits must be counted too, and a step at an account's own quotas lose little
    (docs/votes/capacity.md).
    """
    admitted = settings.throttle_rate * settings.most_ballots
    if (drained := drains(settings)) < admitted:
        return f"the plan refuses it: {admitted:,.0f} ballots a second are admitted, {drained:,.0f} drained"
    for a_request, slow in CHECKS:
        run = play(replace(settings, in_step=True), _short(curve.steepest()), a_request, slow)
        if not report.takes_it(run):
            return f"{report.bottleneck(run) or 'slower than a minute'} at {a_request} a request, SLOW={slow:g}"
    flood = Curve("all that is admitted", curves.step(admitted, PLAYED_SECONDS / 2))
    run = play(settings, flood, settings.most_ballots)
    if run.results.shown == run.results.accepted and run.results.until_shown.longest <= report.COUNTED_WITHIN:
        return _refuses_many(settings, curve)
    return f"{report.bottleneck(run) or 'slower than a minute'}, were all admitted that may be"


def _refuses_many(settings: Settings, curve: Curve) -> str:
    rate = min(curve.peak, OWN_QUOTAS_TAKE)
    steep = Curve("own quotas", curves.step(rate, PLAYED_SECONDS))
    results = Model(settings, durations.measured(settings, 1), steep).run().results
    refused = sum(results.refused[why] for why in (SCALING, QUOTA)) / results.offered
    if refused <= REFUSED_AT_MOST:
        return ""
    return f"refuses {refused:.1%} of two minutes at {rate:,.0f} requests a second, while environments start"


def drains(settings: Settings) -> float:
    """Ballots a second that process, write and the votes' table drain, as the plan reckons it
    (terraform/pipelines/votes/drain.tf; a test compares both).
    """
    a_request = settings.most_ballots
    took = durations.Durations(settings, a_request)
    a_second = facts.POLLER_BYTES_A_SECOND / took.event_bytes()
    room = max(facts.REQUEST_ENTRIES, settings.window_seconds * a_second)
    gathered = max(1, math.floor(min(took.batch_messages(EVENT_BYTES), room)))
    batch = gathered * a_request
    written = facts.REQUEST_ENTRIES * min(durations.most_in_a_message(), math.ceil(batch / settings.shards))
    units = {"write": CHANGED, "read": READ}
    return min(
        settings.process_concurrency * batch / (gathered / a_second + took.process(batch)),
        min(settings.write_concurrency, settings.shards) * written / took.write([written]),
        *(_most(settings.capacity[f"votes {kind}"]) / each for kind, each in units.items()),
    )


def _most(units: Units) -> float:
    return units.least if units.most is None else units.most


def play(settings: Settings, curve: Curve, a_request: int, slow: float = 1.0) -> Run:
    """A run with the account's quotas raised, whatever a request may hold."""
    setting = settings.changed([*RAISED])
    setting = replace(setting, most_ballots=max(setting.most_ballots, a_request))
    setting = replace(setting, throttle_rate=max(setting.throttle_rate, curve.peak / a_request))
    return Model(setting, durations.measured(setting, a_request, slow), curve).run()


def _short(curve: Curve) -> Curve:
    flat = len({rate for _, rate in curve.points}) == 1
    return Curve(curve.name, curves.step(curve.peak, PLAYED_SECONDS)) if flat else curve


def _with_shards(settings: Settings, curve: Curve, fell_out: list[str]) -> Settings:
    """The fewest that take it, as all larger numbers do.

    They cannot be changed later. Some smaller number may take it too, only because its writers are
    so few that they spare the table.
    """
    taken = settings
    for shards in sorted(SHARDS, reverse=True):
        tried = replace(settings, shards=shards)
        if why := why_not(tried, curve):
            fell_out.append(f"{shards} shards: {why}")
            return taken
        taken = tried
    return taken


def _with_memory(settings: Settings, curve: Curve, function: str, fell_out: list[str]) -> Settings:
    for memory_mb in smaller(function, settings.memory_mb[function]):
        tried = replace(settings, memory_mb={**settings.memory_mb, function: memory_mb})
        if not (why := why_not(tried, curve)):
            return tried
        fell_out.append(f"{function} with {memory_mb} MB: {why}")
    return settings


def smaller(function: str, than_mb: int) -> Iterator[int]:
    """Memories to try, the least first."""
    return (memory for memory in MEMORY_MB if LEAST_MB[function] <= memory < than_mb)


def enter(choice: Choice, run: Run, asked: frozenset[str]) -> None:
    """The cheapest entrance of those that give what is asked."""
    requests = requests_of(choice.settings, choice.curve, run.durations.a_request)
    choice.dollars["entrance"] = {name: one.dollars(requests, asked) for name, one in ENTRANCES.items()}
    fits = dict(choice.dollars["entrance"])
    for name, entrance in ENTRANCES.items():
        if lacks := entrance.lacks(asked):
            choice.fell_out.append(f"{name}: gives no {', no '.join(lacks)}")
            del fits[name]
    choice.entrance = _cheapest(choice, fits)


def _cheapest(choice: Choice, offers: dict[str, float], of: str = "") -> str:
    """The cheapest offer; the others fall out by what they cost more."""
    cheapest = min(offers, key=offers.__getitem__)
    for name, dollars in offers.items():
        if name != cheapest:
            choice.fell_out.append(f"{of}{name}: ${dollars - offers[cheapest]:,.2f} a month more")
    return cheapest


def requests_of(settings: Settings, curve: Curve, a_request: int) -> Requests:
    """A month's requests of a load."""
    answer = ANSWER_BYTES + a_request * ANSWER_BALLOT_BYTES
    there = HEADER_BYTES + a_request * durations.BODY_BYTES
    hours = tuple(ballots / a_request for ballots in curve.hours())
    return Requests(hours, curve.times_a_month, there + answer, answer, settings.access_line_bytes)


def bill(choice: Choice, run: Run, table: str) -> None:
    """A table's cheaper mode, reads and writes together."""
    kinds = ("read", "write")
    demand = {kind: billing_modes.on_demand(run, f"{table} {kind}") for kind in kinds}
    tried = {kind: billing_modes.provisioned(run, f"{table} {kind}") for kind in kinds}
    fixed = {kind: mode for kind, mode in tried.items() if mode is not None}
    offers = {"on demand": _sum(demand.values())}
    if len(fixed) == len(kinds):
        offers["provisioned"] = _sum(fixed.values())
    else:
        choice.fell_out.append(f"{table} provisioned: throttles, whatever it begins with")
    choice.dollars[table] = offers
    choice.modes[table] = demand if _cheapest(choice, offers, f"{table} ") == "on demand" else fixed


def _sum(modes: Iterable[Mode]) -> float:
    return sum(mode.dollars for mode in modes)
