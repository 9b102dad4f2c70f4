"""`make preflight`: what an environment's sizing needs of its account, compared with the account's quotas, before an apply."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from devcloud import guard, stack
from devcloud.plan import folder_of
from devcloud.planned import offline, resources
from devcloud.runs import BUILD, LocalCloudError
from operations import quotas
from operations.quotas import Quota

GB = 1e9
Values = Mapping[str, Mapping[str, Any]]


class Need(NamedTuple):
    """So much of a quota, and why."""

    quota: Quota
    needed: float
    why: str


class Account:
    """The quotas of the account, or of a new one where there are no credentials (`session` None)."""

    def __init__(self, region: str, account_id: str, session: Any = None) -> None:
        self.region, self._client, self.code_bytes, self.source = region, None, 0.0, f"published in {quotas.READ_IN}"
        self.told = f"a new account's, as {self.source}: there are no AWS credentials to ask the account with"
        if session is None:
            return
        self._client = session.client("service-quotas", region_name=region)
        usage = session.client("lambda", region_name=region).get_account_settings()["AccountUsage"]
        self.code_bytes, self.told = float(usage["TotalCodeSize"]), f"those of account {account_id}"
        self.source = "account"

    def has(self, quota: Quota) -> tuple[float, str]:
        """The quota's value, and where it comes from."""
        if self._client is None:
            return quota.default_in(self.region), self.source
        return quotas.of_account(self._client, quota)


def run(environment: str, console: Console, *, session: Any = None, variables: Path | None = None) -> int:
    """Print the comparison; 1 when a quota must be raised (or the sizing lowered) first. `variables` names zips, else they are built.

    Raises LocalCloudError where the environment cannot be planned, AWS not asked, or for another account's credentials.
    """
    if environment == "local":
        raise LocalCloudError("environments/local has no account: ENV=dev|staging|prod")
    folder_of(environment)
    session = _session() if session is None else session
    if session is not None:
        guard.refuse_wrong_account(environment)
    variables = variables or stack.package("lambda")
    planned = offline(environment, BUILD / "preflight", variables)
    try:
        outputs = {name: one["value"] for name, one in planned["planned_values"]["outputs"].items() if "value" in one}
        account = Account(outputs["region"], outputs["account_id"], session)
        wanted = list(needs(planned, account.code_bytes + _zips(variables)))
        console.print(f"{environment} in {account.region}; quotas: {account.told}", soft_wrap=True, highlight=False)
        return _compared(environment, console, account, wanted)
    except (ClientError, BotoCoreError) as error:
        raise LocalCloudError(f"the account's quotas cannot be read ({error}); OFFLINE=1 compares with a new account's") from error


def needs(planned: Mapping[str, Any], code_bytes: float) -> Iterator[Need]:
    """What the plan needs, quota by quota."""
    throttle = next(iter(resources(planned, "aws_apigatewayv2_stage").values()))["default_route_settings"][0]
    rate, burst = throttle["throttling_rate_limit"], throttle["throttling_burst_limit"]
    yield Need(quotas.API_RATE, rate, "api.throttle.rate; all APIs of the account share it")
    yield Need(quotas.API_BURST, burst, "api.throttle.burst; AWS sets it by the rate's quota")
    limits = [one["scaling_config"][0]["maximum_concurrency"] for one in resources(planned, "aws_lambda_event_source_mapping").values()]
    schedules = len(resources(planned, "aws_scheduler_schedule"))
    calls = math.ceil(rate / quotas.REQUESTS_AN_ENVIRONMENT)
    of_api = f"{calls} for the API ({quotas.REQUESTS_AN_ENVIRONMENT} requests/s each)"
    why = f"{of_api}, {sum(limits)} for the mappings' maxima, {schedules} schedules"
    yield Need(quotas.LAMBDA_CONCURRENCY, calls + sum(limits) + schedules, f"{why}; all functions of the account share it")
    yield Need(quotas.LAMBDA_STORAGE, round(code_bytes / GB, 3), "zips of this release beside what is there; every version keeps its own")
    yield from _tables(planned)


def _tables(planned: Mapping[str, Any]) -> Iterator[Need]:
    """The most that a table is made or may grow for; and, where capacity is provisioned, what all may grow to together."""
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
    return {
        (one["resource_id"].removeprefix("table/"), one["scalable_dimension"].split(":")[-1].removesuffix("CapacityUnits").lower()): one[
            "max_capacity"
        ]
        for one in resources(planned, "aws_appautoscaling_target").values()
    }


def _compared(environment: str, console: Console, account: Account, wanted: list[Need]) -> int:
    raised = 0
    for need in wanted:
        has, source = account.has(need.quota)
        verdict = "ok" if need.needed <= has else "RAISE" if need.quota.adjustable else "capped"
        raised += verdict == "RAISE"
        note = "" if source == account.source else f" ({source})"
        name = f"{need.quota.service}, {need.quota.name} ({need.quota.code})"
        for line in (
            f"{verdict:7}{name}: needs {need.needed:g} of {has:g} {need.quota.unit}{note}: {need.why}",
            *(_advice(need, account.region) if verdict != "ok" else ()),
        ):
            console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print(f"{raised} of {len(wanted)} quotas must be raised for environments/{environment}/sizing.tf", highlight=False)
    return 1 if raised else 0


def _advice(need: Need, region: str) -> Iterator[str]:
    if not need.quota.adjustable:
        yield "       nobody can ask for more: AWS sets it by the rate's quota. Beyond it the API answers 429"
        return
    step = 10 ** max(0, int(math.log10(max(need.needed, 1))) - 1)
    yield f"       {need.quota.command(math.ceil(need.needed / step) * step, region)}"
    yield f"       or {need.quota.page(region)}"


def _zips(variables: Path) -> float:
    """The bytes of the zips that a variables file names by path."""
    named = json.loads(variables.read_text())["packages"].values()
    return float(sum(Path(one["path"]).stat().st_size for one in named if one.get("path")))


def _session() -> Any:
    """A session of the AWS SDK, or None without credentials or with OFFLINE=1."""
    import boto3

    if os.environ.get("OFFLINE") == "1":
        return None
    session = boto3.Session()
    return session if session.get_credentials() else None
