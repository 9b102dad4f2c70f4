"""What a run says: figures, dollars, what held ballots up, which quotas must be raised first."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from tools.bench import dollars as bills
from tools.bench.votes.capacity import billing_modes, facts
from tools.bench.votes.capacity.curves import HOUR
from tools.bench.votes.capacity.functions import QUOTA, SCALING
from tools.bench.votes.capacity.model import Run
from tools.bench.votes.capacity.settings import kind_of
from tools.bench.votes.capacity.tables import partition_of

Json = dict[str, Any]
COUNTED_WITHIN = 60.0  # seconds from a ballot's acceptance until the tallies hold it


class Quota(NamedTuple):
    """An account's quota that the load's peak does not fit in."""

    name: str
    now: float
    needed: float


def summary(run: Run) -> Json:
    """Everything, as JSON."""
    results = run.results
    return {
        "environment": run.settings.environment,
        "load": run.curve.name,
        "ballots_a_request": run.durations.a_request,
        "durations_from": run.durations.source,
        "ballots": {
            "offered": results.offered,
            "accepted": results.accepted,
            "counted": results.counted,
            "shown": results.shown,
        },
        "refused": {why: number for why, number in results.refused.items() if number},
        "seconds_until_counted": results.until_counted.summary(),
        "seconds_until_shown": results.until_shown.summary(),
        "drained_seconds_after": None if run.drained_at is None else round(run.drained_at - run.curve.lasts, 1),
        "peak_concurrency": {name: round(number) for name, number in run.functions.peak.items()},
        "lambda_throttles": run.functions.throttled,
        "tables": _tables(run),
        "waited": {
            why: round(seconds)
            for why, seconds in sorted(results.waited.items(), key=lambda one: -one[1])
            if seconds >= 1
        },
        "quotas_to_raise": [quota._asdict() for quota in quotas(run)],
        "dollars": dollars(run),
        "takes_it": takes_it(run),
        "bottleneck": bottleneck(run),
        "samples": results.samples,
    }


def _tables(run: Run) -> Json:
    return {
        name: {
            "peak": round(one.peak),
            "limit": round(one.limit),
            "throttled_units": round(one.throttled),
            "throttled_in_a_partition": round(run.tables.throttled_keys[name]),
            "units": round(one.used),
        }
        for name, one in run.tables.by_name.items()
    }


def takes_it(run: Run) -> bool:
    """Whether every accepted ballot is shown within the minute, no table throttles, and nothing is
    refused.

    But what is refused while Lambda makes environments, for seconds after a step, passes when the
    client repeats it.
    """
    shown = run.results.shown == run.results.accepted and run.results.until_shown.longest <= COUNTED_WITHIN
    return (
        shown
        and not _throttled(run)
        and not any(number for why, number in run.results.refused.items() if why != SCALING)
    )


def bottleneck(run: Run) -> str:
    """The setting that stands in the way most: what refuses ballots goes before what lets them
    wait; "" where nothing does.
    """
    refused = {
        why: number
        for why, number in run.results.refused.items()
        if why != SCALING and number > 0.01 * run.results.offered
    }
    if refused:
        return max(refused, key=refused.__getitem__)
    if throttled := _throttled(run):
        return f"capacity: {max(throttled, key=throttled.__getitem__)}"
    waited = run.results.waited
    longest = max(waited, key=waited.__getitem__, default="")
    # a second a ballot, on average
    return longest if longest and waited[longest] > run.results.accepted else ""


def _throttled(run: Run) -> dict[str, float]:
    """Units that had to wait, by the table's capacity or the partition that did not take them."""
    tables = {name: one.throttled for name, one in run.tables.by_name.items()}
    partitions = {partition_of(name): units for name, units in run.tables.throttled_keys.items()}
    return {name: units for name, units in (tables | partitions).items() if units >= 1}


def quotas(run: Run) -> list[Quota]:
    """Those that the peak of the curve needs raised, were every ballot let in; the first stands in
    the way first.
    """
    settings, durations = run.settings, run.durations
    requests = run.curve.peak / durations.a_request
    behind = sum(run.functions.peak[name] for name in ("process", "write", "tally"))
    serving = max(requests * durations.receive(), requests / facts.REQUESTS_AN_ENVIRONMENT)
    # a step: while the first environments start, each request wants a new one
    if run.results.refused[QUOTA]:
        serving = max(serving, min(requests * durations.cold("receive"), facts.LAMBDA_SCALES))
    on_demand = all(one.most is None for name, one in settings.capacity.items() if name.startswith("votes"))
    table_quota = facts.TABLE_QUOTA if on_demand else math.inf
    needs = [
        Quota("API Gateway: requests a second of the account's HTTP APIs", settings.api_quota, requests),
        Quota("Lambda: concurrent executions of the account", settings.lambda_quota, serving + behind),
        Quota("DynamoDB: units a second of an on-demand table", table_quota, run.curve.peak),
    ]
    return [quota._replace(needed=round(quota.needed)) for quota in needs if quota.needed > quota.now]


def dollars(run: Run) -> Json:
    """What the load cost, by service, and a million ballots of it, at the prices of its month.

    Lambda's time is all of a call's, waiting and a start too. Storage is the first month's.
    """
    times = run.curve.times_a_month
    by_service = bills.by_service(units(run), times)
    for name, one in run.tables.by_name.items():
        fixed = one.provisioned_seconds / HOUR * billing_modes.an_hour(name)
        by_service["DynamoDB"] = by_service.get("DynamoDB", 0) + fixed
    total, millions = sum(by_service.values()), max(1, run.results.accepted) / 1e6
    return {service: round(number, 4) for service, number in by_service.items()} | {
        "total": round(total, 4),
        "a million ballots": round(total / millions, 4),
        "a million, by service": {service: round(number / millions, 4) for service, number in by_service.items()},
    }


def units(run: Run) -> dict[str, float]:
    """What is billed by the unit, by the price list's names."""
    found = dict(run.results.units)
    for name, one in run.tables.by_name.items():
        if run.settings.capacity[name].most is None:
            unit = f"{kind_of(name)}_units"
            found[unit] = found.get(unit, 0) + one.used
    found["stored_gb_months"] = found.pop("stored_bytes", 0.0) / 1e9
    found["backed_up_gb_months"] = found["stored_gb_months"] * run.settings.backed_up
    return found


def as_text(summary: Json) -> str:
    """A short text for people."""
    ballots, shown, counted = summary["ballots"], summary["seconds_until_shown"], summary["seconds_until_counted"]
    refused = "".join(f"; {n:,} refused by {why}" for why, n in summary["refused"].items())
    drained = summary["drained_seconds_after"]
    lines = [
        (
            f"{summary['environment']} under {summary['load']}, {summary['ballots_a_request']} a request "
            f"(durations from {summary['durations_from']})"
        ),
        f"accepted {ballots['accepted']:,} of {ballots['offered']:,} ballots{refused}",
        f"from acceptance to the journal: p50 {counted['p50']} s, p99 {counted['p99']} s, max {counted['max']} s",
        f"from acceptance to the tallies: p50 {shown['p50']} s, p99 {shown['p99']} s, max {shown['max']} s",
        "not drained" if drained is None else f"drained {drained} s after the last ballot",
        "concurrency: " + ", ".join(f"{name} {number}" for name, number in summary["peak_concurrency"].items()),
    ]
    for name, one in summary["tables"].items():
        if one["throttled_units"]:
            lines.append(f"throttled: {one['throttled_units']:,} units of {name}, which bore {one['peak']:,} a second")
        if one["throttled_in_a_partition"]:
            most = facts.PARTITION[kind_of(name)]
            lines.append(
                f"throttled: {one['throttled_in_a_partition']:,} units of {name} on one key, "
                f"whose partition bears {most:,.0f} a second"
            )
    total, each = summary["dollars"]["total"], summary["dollars"]["a million ballots"]
    parts = summary["dollars"]["a million, by service"]
    lines.append(f"dollars: {total:,.2f}, {each:.2f} a million ballots, a month's storage of them included:")
    lines.append("  " + ", ".join(f"{name} {number:.2f}" for name, number in parts.items()))
    lines += [
        f"raise first: {one['name']}, {one['now']:,.0f}: this load alone needs {one['needed']:,.0f}; "
        f"`make preflight ENV={summary['environment']}` says what to ask for"
        for one in summary["quotas_to_raise"]
    ]
    verdict = "takes it" if summary["takes_it"] else "does NOT take it"
    return "\n".join([*lines, f"{verdict}; bottleneck: {summary['bottleneck'] or 'none'}"])
