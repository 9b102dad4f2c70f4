"""`make preflight`: what an environment's sizing needs, compared with its account's quotas."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from shared.conserved import PAGES_A_SECOND
from tools.common.errors import CommandError
from tools.common.paths import BUILD
from tools.environment import guard, zips
from tools.environment.names import PIPELINES, folder_of
from tools.environment.planned import offline, outputs, resources
from tools.operations import balancers, named_secrets, networks, quotas
from tools.operations.quotas import Quota

GB = 1e9
A_PEAK = 200_000  # calls, to say how long they take
READS_LOGS = "ACCEPTED_LOGS"  # a setting of every check of conservation
Values = Mapping[str, Mapping[str, Any]]


class Need(NamedTuple):
    """So much of a quota, and why."""

    quota: Quota
    needed: float
    why: str


class Account:
    """The quotas of the account, or of a new one where there are no credentials (no `session`)."""

    def __init__(self, region: str, account_id: str, session: Any = None) -> None:
        self.region, self._client, self.code_bytes, self.source = region, None, 0.0, f"published in {quotas.READ_IN}"
        self.summary = f"a new account's, as {self.source}: there are no AWS credentials to ask the account with"
        if session is None:
            return
        self._client = session.client("service-quotas", region_name=region)
        usage = session.client("lambda", region_name=region).get_account_settings()["AccountUsage"]
        self.code_bytes, self.summary = float(usage["TotalCodeSize"]), f"those of account {account_id}"
        self.source = "account"

    def has(self, quota: Quota) -> tuple[float, str]:
        """The quota's value, and where it comes from."""
        if self._client is None:
            return quota.default_in(self.region), self.source
        return quotas.of_account(self._client, quota)


def run(
    environment: str,
    console: Console,
    *,
    new_account: bool = False,
    session: Any = None,
    variables: Path | None = None,
) -> int:
    """Print the comparison; 1 when a quota must be raised (or the sizing lowered) first.

    With `new_account` the account is not asked. `variables` names zips, else they are built.

    Raises CommandError where the environment cannot be planned, AWS not asked, or for another
    account's credentials.
    """
    if environment == "local":
        raise CommandError("environments/local has no account: ENV=dev|staging|prod")
    folder_of(environment)
    if session is None and not new_account:
        session = _session()
    if session is not None:
        guard.refuse_wrong_account(environment)
    variables = variables or zips.package("lambda")
    planned = offline(environment, BUILD / "preflight", variables)
    try:
        planned_outputs = outputs(planned)
        account = Account(planned_outputs["region"], planned_outputs["account_id"], session)
        wanted = list(needs(planned, account.code_bytes + _zips(variables)))
        console.print(f"{environment} in {account.region}; quotas: {account.summary}", soft_wrap=True, highlight=False)
        drained = _drained(console, planned_outputs)
        _say_who_reads_logs(console, planned)
        lacking = _secrets(console, planned, account.region, session)
        return max(_compared(environment, console, account, wanted), drained, lacking)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(
            f"the account's quotas cannot be read ({error}); OFFLINE=1 compares with a new account's"
        ) from error


def needs(planned: Mapping[str, Any], code_bytes: float) -> Iterator[Need]:
    """What the plan needs, quota by quota."""
    throttles = list(_throttles(planned))
    rate, burst = (sum(limits) for limits in zip(*throttles, strict=True)) if throttles else (0.0, 0.0)
    if throttles:  # other entrances than an HTTP API have none
        yield Need(quotas.API_RATE, rate, "the routes' throttles together; all APIs of the account share it")
        yield Need(quotas.API_BURST, burst, "the routes' bursts together; AWS sets it by the rate's quota")
    limits = [
        one["scaling_config"][0]["maximum_concurrency"]
        for one in resources(planned, "aws_lambda_event_source_mapping").values()
    ]
    schedules = len(resources(planned, "aws_scheduler_schedule"))
    calls = math.ceil(rate / quotas.REQUESTS_AN_ENVIRONMENT)
    functions = resources(planned, "aws_lambda_function").values()
    reserved = sum(max(0, one.get("reserved_concurrent_executions") or 0) for one in functions)
    of_api = f"{calls} for the API ({quotas.REQUESTS_AN_ENVIRONMENT} requests/s each)"
    if _limits_nothing(planned, reserved):
        of_api += ", as many as come by another entrance (sizing.receive.reserved_concurrency limits them)"
    if reserved:
        calls += reserved + quotas.LEFT_UNRESERVED
        of_api += f", {reserved} reserved and {quotas.LEFT_UNRESERVED} that must not be"
    why = f"{of_api}, {sum(limits)} for the mappings' maxima, {schedules} schedules"
    yield Need(
        quotas.LAMBDA_CONCURRENCY, calls + sum(limits) + schedules, f"{why}; all functions of the account share it"
    )
    yield Need(
        quotas.LAMBDA_STORAGE,
        round(code_bytes / GB, 3),
        "zips of this release beside what is there; every version keeps its own",
    )
    yield from _tables(planned)
    yield from _named(planned)
    yield from (Need(*one) for one in networks.needed(planned))
    yield from (Need(*one) for one in balancers.needed(planned))


def _named(planned: Mapping[str, Any]) -> Iterator[Need]:
    """What pipelines ask for by name: all of an account together."""
    asked: Counter[str] = Counter()
    for name in PIPELINES:
        asked.update(outputs(planned).get(name, {}).get("quotas") or {})
    for name, most in asked.items():
        hours = A_PEAK / most / 3600
        why = f"the pace of it: {A_PEAK:,} take {hours:.1f} hours; what is beyond is throttled, and waits"
        yield Need(quotas.BY_NAME[name], most, why)


def _throttles(planned: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """Each route's requests a second and burst: its own, or its stage's."""
    routes = resources(planned, "aws_apigatewayv2_route")
    for address, stage in resources(planned, "aws_apigatewayv2_stage").items():
        own = {one["route_key"]: one for one in stage["route_settings"]}
        module = address.rpartition("aws_apigatewayv2_stage.")[0]
        for key in (route["route_key"] for at, route in routes.items() if at.startswith(f"{module}aws_")):
            throttle = own.get(key, stage["default_route_settings"][0])
            yield throttle["throttling_rate_limit"], throttle["throttling_burst_limit"]


def _limits_nothing(planned: Mapping[str, Any], reserved: float) -> bool:
    """Whether requests come by an entrance that has no throttle, and no reservation is one."""
    return not reserved and any(resources(planned, kind) for kind in ("aws_lb", "aws_lambda_function_url"))


def _drained(console: Console, planned_outputs: Mapping[str, Any]) -> int:
    """Compare what each pipeline admits with what it drains; 1 where that is less.

    The plan refuses that too; here it is told where all is well.
    """
    refused = 0
    for name in PIPELINES:
        rates = planned_outputs.get(name, {}).get("rates")
        if rates is None:
            continue
        verdict = "ok" if rates["admitted"] <= rates["drained"] else "LOWER"
        refused = max(refused, int(verdict != "ok"))
        admitted = f"{name} admits {rates['admitted']:g} {rates['unit']}/s"
        line = f"{verdict:7}{admitted} and drains {rates['drained']:g}, of which {rates['limit']} is the limit"
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return refused


def _say_who_reads_logs(console: Console, planned: Mapping[str, Any]) -> None:
    """Compare what checks may ask of CloudWatch Logs with what the whole account may.

    Too much of it is throttled and tried again, so it is told, and refuses nothing.
    """
    blocks = [one["environment"] for one in resources(planned, "aws_lambda_function").values()]
    asked = PAGES_A_SECOND * sum(READS_LOGS in block[0]["variables"] for block in blocks if block)
    verdict = "ok" if asked < quotas.LOG_PAGES else "SLOW"
    console.print(
        f"{verdict:7}checks may read {asked:g} of the {quotas.LOG_PAGES} pages of logs/s (FilterLogEvents, which "
        "nobody can have more of) of all stacks, `make logs`, `make redrive` and `make soak` of the account together",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _secrets(console: Console, planned: Mapping[str, Any], region: str, session: Any) -> int:
    """Look for the secrets whose values a person puts; 1 where one is not as it must be."""
    client = session.client("secretsmanager", region_name=region) if session is not None else None
    found = list(named_secrets.looked_for(planned, client))
    for _, line in found:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return int(not all(well for well, _ in found))


def _tables(planned: Mapping[str, Any]) -> Iterator[Need]:
    """The most that a table is made or may grow for.

    And, where capacity is provisioned, what all may grow to together.
    """
    most = _autoscaled(planned)
    for what, of_table, of_account in (
        ("write", quotas.TABLE_WRITE, quotas.PROVISIONED_WRITE),
        ("read", quotas.TABLE_READ, quotas.PROVISIONED_READ),
    ):
        units: dict[str, float] = {}
        provisioned = 0.0
        for table in resources(planned, "aws_dynamodb_table").values():
            name = table["name"]
            warm = (table.get("warm_throughput") or [{}])[0].get(f"{what}_units_per_second") or 0
            units[name] = max(warm, most.get((name, what), table.get(f"{what}_capacity") or 0))
            provisioned += units[name] if table["billing_mode"] == "PROVISIONED" else 0
        name = max(units, key=lambda one: units[one])
        if units[name]:
            yield Need(of_table, units[name], f"{name}: warm, or the most it scales to")
        if provisioned:
            yield Need(of_account, provisioned, "what the provisioned tables scale to, together")


def _autoscaled(planned: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """Table and "read" or "write" → the most that autoscaling gives it."""
    most = {}
    for target in resources(planned, "aws_appautoscaling_target").values():
        name = target["resource_id"].removeprefix("table/")
        what = target["scalable_dimension"].split(":")[-1].removesuffix("CapacityUnits").lower()
        most[name, what] = target["max_capacity"]
    return most


def _compared(environment: str, console: Console, account: Account, wanted: list[Need]) -> int:
    raised = 0
    for need in wanted:
        has, source = account.has(need.quota)
        verdict = _verdict(need, has)
        raised += verdict == "RAISE"
        note = "" if source == account.source else f" ({source})"
        name = f"{need.quota.service}, {need.quota.name} ({need.quota.code})"
        lines = [f"{verdict:7}{name}: needs {need.needed:g} of {has:g} {need.quota.unit}{note}: {need.why}"]
        if verdict != "ok":
            lines += _advice(need, account.region)
        for line in lines:
            console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print(f"{raised} of {len(wanted)} quotas must be raised for environments/{environment}", highlight=False)
    return 1 if raised else 0


def _verdict(need: Need, has: float) -> str:
    if need.needed <= has:
        return "ok"
    return "RAISE" if need.quota.adjustable else "capped"


def _advice(need: Need, region: str) -> Iterator[str]:
    if not need.quota.adjustable:
        yield "       nobody can ask for more: AWS sets it by the rate's quota. Beyond it the API answers 429"
        return
    yield f"       {need.quota.command(quotas.to_ask_for(need.needed), region)}"
    yield f"       or {need.quota.page(region)}"


def _zips(variables: Path) -> float:
    """The bytes of the zips that a variables file names by path."""
    named = json.loads(variables.read_text())["packages"].values()
    return float(sum(Path(one["path"]).stat().st_size for one in named if one.get("path")))


def _session() -> Any:
    """A session of the AWS SDK, or None without credentials."""
    import boto3

    session = boto3.Session()
    return session if session.get_credentials() else None
