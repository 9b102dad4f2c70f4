"""What a run says: figures, dollars, what held ballots up, and which quotas must be raised first."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from bench.capacity import facts
from bench.capacity.functions import QUOTA, SCALING
from bench.capacity.model import Run
from bench.dollars import price, prices

Json = dict[str, Any]
COUNTED_WITHIN = 60.0  # seconds from a ballot's acceptance until the tallies hold it
ROOM = 1.2  # what is asked of a quota, over what the load needs
HOUR, MONTH_HOURS = 3_600.0, 730.0


class Quota(NamedTuple):
    """An account's quota that the load's peak does not fit in."""

    name: str
    now: float
    needed: float


def found(run: Run) -> Json:
    """Everything, as JSON."""
    told = run.told
    return {
        "environment": run.setting.environment,
        "load": run.curve.name,
        "ballots_a_request": run.work.a_request,
        "durations_from": run.work.source,
        "ballots": {"offered": told.offered, "accepted": told.accepted, "counted": told.counted, "shown": told.shown},
        "refused": {why: number for why, number in told.refused.items() if number},
        "seconds_until_counted": told.until_counted.told(),
        "seconds_until_shown": told.until_shown.told(),
        "drained_seconds_after": None if run.drained_at is None else round(run.drained_at - run.curve.lasts, 1),
        "peak_concurrency": {name: round(number) for name, number in run.functions.peak.items()},
        "lambda_throttles": run.functions.throttled,
        "tables": {
            name: {"peak": round(one.peak), "limit": round(one.limit), "throttled_units": round(one.throttled), "units": round(one.used)}
            for name, one in run.tables.by_name.items()
        },
        "waited": {why: round(seconds) for why, seconds in sorted(told.waited.items(), key=lambda one: -one[1]) if seconds >= 1},
        "quotas_to_raise": [quota._asdict() for quota in quotas(run)],
        "dollars": dollars(run),
        "takes_it": takes_it(run),
        "bottleneck": bottleneck(run),
        "samples": told.samples,
    }


def takes_it(run: Run) -> bool:
    """Whether every accepted ballot is shown within the minute, no table throttles, and nothing is refused.

    But what is refused while Lambda makes environments, for seconds after a step, passes when the client repeats it.
    """
    shown = run.told.shown == run.told.accepted and run.told.until_shown.longest <= COUNTED_WITHIN
    throttled = any(one.throttled >= 1 for one in run.tables.by_name.values())
    return shown and not throttled and not any(number for why, number in run.told.refused.items() if why != SCALING)


def bottleneck(run: Run) -> str:
    """The setting that stands in the way most: what refuses ballots goes before what lets them wait; "" where nothing does."""
    refused = {why: number for why, number in run.told.refused.items() if why != SCALING and number > 0.01 * run.told.offered}
    if refused:
        return max(refused, key=refused.__getitem__)
    throttled = {name: one.throttled for name, one in run.tables.by_name.items() if one.throttled >= 1}
    if throttled:
        return f"capacity: {max(throttled, key=throttled.__getitem__)}"
    waited = run.told.waited
    longest = max(waited, key=waited.__getitem__, default="")
    return longest if longest and waited[longest] > run.told.accepted else ""  # a second a ballot, on average


def quotas(run: Run) -> list[Quota]:
    """Those that the peak of the curve needs raised, were every ballot let in; the first stands in the way first."""
    setting, work = run.setting, run.work
    requests = run.curve.peak / work.a_request
    behind = sum(run.functions.peak[name] for name in ("process", "write", "tally"))
    serving = max(requests * work.receive(), requests / facts.REQUESTS_AN_ENVIRONMENT)
    if run.told.refused[QUOTA]:  # a step: while the first environments start, each request wants a new one
        serving = max(serving, min(requests * work.cold("receive"), facts.LAMBDA_SCALES))
    on_demand = all(one.most is None for name, one in setting.capacity.items() if name.startswith("votes"))
    table_quota = facts.TABLE_QUOTA if on_demand else math.inf
    needs = [
        Quota("API Gateway: requests a second of the account's HTTP APIs", setting.api_quota, requests),
        Quota("Lambda: concurrent executions of the account", setting.lambda_quota, serving + behind),
        Quota("DynamoDB: units a second of an on-demand table", table_quota, run.curve.peak),
    ]
    return [quota._replace(needed=round(quota.needed * ROOM)) for quota in needs if quota.needed > quota.now]


def dollars(run: Run) -> Json:
    """What the load cost, by service, and a million ballots of it. Lambda's time is all of a call's here, waiting too."""
    units = dict(run.told.units)
    for name, one in run.tables.by_name.items():
        if run.setting.capacity[name].most is None:
            kind = f"{name.rsplit(' ', 1)[1]}_units"
            units[kind] = units.get(kind, 0) + one.used
    by_service: dict[str, float] = {}
    for unit, number in units.items():
        service = prices()["dollars"][unit]["service"]
        by_service[service] = by_service.get(service, 0) + number * price(unit)
    for name, one in run.tables.by_name.items():
        hourly = prices()["monthly"][f"{name.rsplit(' ', 1)[1]}_capacity_unit"]["price"] / MONTH_HOURS
        by_service["DynamoDB"] = by_service.get("DynamoDB", 0) + one.provisioned_seconds / HOUR * hourly
    total = sum(by_service.values())
    each = total / run.told.accepted * 1e6 if run.told.accepted else 0.0
    return {service: round(number, 4) for service, number in by_service.items()} | {
        "total": round(total, 4),
        "a million ballots": round(each, 4),
    }


def text(found: Json) -> str:
    """A short text for people."""
    ballots, shown, counted = found["ballots"], found["seconds_until_shown"], found["seconds_until_counted"]
    refused = "".join(f"; {n:,} refused by {why}" for why, n in found["refused"].items())
    drained = found["drained_seconds_after"]
    lines = [
        f"{found['environment']} under {found['load']}, {found['ballots_a_request']} a request (durations from {found['durations_from']})",
        f"accepted {ballots['accepted']:,} of {ballots['offered']:,} ballots{refused}",
        f"from acceptance to the journal: p50 {counted['p50']} s, p99 {counted['p99']} s, max {counted['max']} s",
        f"from acceptance to the tallies: p50 {shown['p50']} s, p99 {shown['p99']} s, max {shown['max']} s",
        "not drained" if drained is None else f"drained {drained} s after the last ballot",
        "concurrency: " + ", ".join(f"{name} {number}" for name, number in found["peak_concurrency"].items()),
    ]
    for name, one in found["tables"].items():
        if one["throttled_units"]:
            lines.append(f"throttled: {one['throttled_units']:,} units of {name}, which bore {one['peak']:,} a second")
    total, each = found["dollars"]["total"], found["dollars"]["a million ballots"]
    lines.append(f"dollars: {total:,.2f}, {each:.2f} a million ballots")
    lines += [f"raise first: {one['name']}, from {one['now']:,.0f} to {one['needed']:,.0f} at least" for one in found["quotas_to_raise"]]
    verdict = "takes it" if found["takes_it"] else "does NOT take it"
    return "\n".join([*lines, f"{verdict}; bottleneck: {found['bottleneck'] or 'none'}"])
