"""make preflight: what each environment's sizing needs, against quotas.

As published, and as an account has them.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from tests.operations.stand_ins import Json
from tests.support import plan
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import guard
from tools.operations import preflight, quotas
from tools.operations.quotas import Quota


class Session:
    """An account that has these quotas by their codes.

    Of others it knows AWS's default, or nothing.
    """

    def __init__(
        self, applied: dict[str, float], defaults: dict[str, float] | None = None, code_gb: float = 0.0
    ) -> None:
        self.applied, self.defaults, self.code_gb = applied, defaults or {}, code_gb
        self.meta = type("Meta", (), {"region_name": "us-east-1"})

    def client(self, service: str, region_name: str) -> Session:
        assert service in ("service-quotas", "lambda", "secretsmanager")
        assert region_name == "us-east-1"
        return self

    def get_account_settings(self) -> Json:
        return {"AccountUsage": {"TotalCodeSize": int(self.code_gb * 1e9)}}

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Json:
        return self._found(self.applied, QuotaCode)

    def get_aws_default_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Json:
        return self._found(self.defaults, QuotaCode)

    @staticmethod
    def _found(of: dict[str, float], code: str) -> Json:
        if code not in of:
            raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": "none"}}, "GetServiceQuota")
        return {"Quota": {"Value": of[code]}}


def planned_votes(environment: str) -> Json:
    """What votes is in an environment's plan: what is needed is a sum, of several as of one."""
    return plan.plan_of("votes", environment)


@pytest.fixture(autouse=True)
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans are made once a session, and the credentials are of the right account."""
    monkeypatch.setattr(preflight, "offline", lambda environment, work, variables: planned_votes(environment))
    monkeypatch.setattr(guard, "refuse_wrong_account", lambda environment: "arn")


def run(environment: str, session: Any = None) -> tuple[int, list[str]]:
    """The exit code and the lines, as if there were no credentials unless there is a session."""
    console = Console(width=400, file=io.StringIO(), record=True)
    code = preflight.run(environment, console, new_account=True, session=session, variables=plan.packages())
    return code, console.export_text().splitlines()


def about(lines: list[str], quota: Quota) -> str:
    (line,) = [line for line in lines if quota.code in line and "needs" in line]
    return line


def enough() -> dict[str, float]:
    """Quotas with which prod's sizing fits."""
    every = {name: one for name, one in vars(quotas).items() if isinstance(one, Quota)}
    return {one.code: 1e6 for one in every.values()}


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_a_new_account_bears_the_small_environments(environment: str) -> None:
    code, lines = run(environment)
    assert code == 0
    assert "as published in November 2026" in lines[0]
    assert all(line.startswith("ok ") for line in lines[1:-1])


def test_prod_needs_more_than_a_new_account_has_and_it_says_how_to_ask() -> None:
    code, lines = run("prod")
    assert code == 1
    assert about(lines, quotas.API_RATE).startswith("RAISE")
    assert about(lines, quotas.LAMBDA_CONCURRENCY).startswith("RAISE")
    text = "\n".join(lines)
    command = "aws service-quotas request-service-quota-increase --service-code apigateway --quota-code L-8A5B8E43"
    assert f"{command} --desired-value" in text
    assert "console.aws.amazon.com/servicequotas/home/services/lambda/quotas/L-B99A9384" in text
    assert "2 of 6 quotas must be raised for environments/prod" in text
    rate = sum(route["throttling_rate_limit"] for route in routes(planned_votes("prod")))
    assert f"needs {rate:g} of 10000 requests/s" in text


def test_what_to_ask_for_is_what_the_docs_say() -> None:
    asked = {need.quota: quotas.to_ask_for(need.needed) for need in preflight.needs(plan.plan("prod"), 0.0)}
    page = (ROOT / "docs/votes/capacity.md").read_text()
    assert f"| 10,000 | {asked[quotas.API_RATE]:,} |" in page
    assert f"| 1,000 | {asked[quotas.LAMBDA_CONCURRENCY]:,} |" in page


@pytest.mark.parametrize(
    ("needed", "asked"), [(22_580, 25_000), (2_513, 3_000), (20, 20), (1_000, 1_000), (76.5, 80), (0.3, 1)]
)
def test_what_to_ask_for_is_rounded_up(needed: float, asked: int) -> None:
    assert quotas.to_ask_for(needed) == asked


def test_what_nobody_can_ask_for_is_told_and_does_not_fail() -> None:
    code, lines = run("prod", Session(enough() | {quotas.API_BURST.code: 5_000}))
    assert code == 0
    assert about(lines, quotas.API_BURST).startswith("capped")


def test_needs_are_those_of_the_plan() -> None:
    found = {need.quota: need.needed for need in preflight.needs(planned_votes("prod"), 2e9)}
    sized = planned_votes("prod")
    limits = [
        one["scaling_config"][0]["maximum_concurrency"]
        for one in plan.resources(sized, "aws_lambda_event_source_mapping").values()
    ]
    assert found[quotas.API_RATE] == sum(route["throttling_rate_limit"] for route in routes(sized))
    assert found[quotas.API_BURST] == sum(route["throttling_burst_limit"] for route in routes(sized))
    assert found[quotas.LAMBDA_CONCURRENCY] == found[quotas.API_RATE] / 10 + sum(limits) + 4
    warm = [one["warm_throughput"] for one in plan.resources(sized, "aws_dynamodb_table").values()]
    assert found[quotas.TABLE_WRITE] == max(one[0]["write_units_per_second"] for one in warm if one)
    assert found[quotas.LAMBDA_STORAGE] == 2.0
    assert quotas.PROVISIONED_WRITE not in found, "prod is on demand"


def routes(sized: Json) -> list[Json]:
    """The throttles of reads and of writes: each has its own."""
    (stage,) = plan.resources(sized, "aws_apigatewayv2_stage").values()
    assert [one["route_key"] for one in stage["route_settings"]] == [
        "GET /v1/titles",
        "GET /v1/titles/{title_id}/results",
        "GET /v1/titles/{title_id}/vote",
        "POST /v1/ballots",
    ]
    return list(stage["route_settings"])


def test_a_route_without_a_throttle_of_its_own_has_the_stages() -> None:
    sized = json.loads(json.dumps(planned_votes("dev")))
    (stage,) = plan.resources(sized, "aws_apigatewayv2_stage").values()
    stage["route_settings"].pop()  # of ballots
    stage["default_route_settings"][0]["throttling_rate_limit"] = 7
    found = {need.quota: need.needed for need in preflight.needs(sized, 0)}
    assert found[quotas.API_RATE] == routes_left(stage) + 7


def routes_left(stage: Json) -> float:
    return float(sum(one["throttling_rate_limit"] for one in stage["route_settings"]))


@pytest.mark.parametrize(("drained", "code"), [(999, 1), (1000, 0)])
def test_what_is_admitted_is_drained(monkeypatch: pytest.MonkeyPatch, drained: int, code: int) -> None:
    sized = json.loads(json.dumps(planned_votes("dev")))
    sized["output_changes"]["votes"]["after"]["rates"]["drained"] = drained
    monkeypatch.setattr(preflight, "offline", lambda environment, work, variables: sized)
    found, lines = run("dev")
    (line,) = [line for line in lines if "votes admits" in line]
    assert line.split()[0] == ("ok" if code == 0 else "LOWER")
    assert line.endswith(f"votes admits 1000 ballots/s and drains {drained}, of which capacity.votes is the limit")
    assert found == code


def test_autoscaling_counts_as_far_as_it_may_go() -> None:
    found = {need.quota: need.needed for need in preflight.needs(planned_votes("staging"), 0)}
    assert (found[quotas.TABLE_WRITE], found[quotas.PROVISIONED_WRITE]) == (1000, 1000 + 200 + 500 + 10)
    assert (found[quotas.TABLE_READ], found[quotas.PROVISIONED_READ]) == (1000, 1000 + 200 + 200 + 100)


def test_an_accounts_own_quotas_decide() -> None:
    code, lines = run("prod", Session(enough()))
    assert code == 0
    assert "those of account 333333333333" in lines[0]
    code, lines = run(
        "dev",
        Session(enough() | {quotas.LAMBDA_CONCURRENCY.code: 10}, defaults={quotas.LAMBDA_CONCURRENCY.code: 1_000}),
    )
    assert code == 1
    assert "needs 42 of 10 executions" in about(lines, quotas.LAMBDA_CONCURRENCY)


def test_a_quota_without_an_applied_value_is_the_default_and_told_so() -> None:
    rate, burst = quotas.API_RATE.code, quotas.API_BURST.code
    applied = {code: value for code, value in enough().items() if code not in (rate, burst)}
    code, lines = run("dev", Session(applied, defaults={rate: 2_500}))
    assert code == 0
    assert "needs 300 of 2500 requests/s (AWS's default)" in about(lines, quotas.API_RATE)
    assert "needs 600 of 5000 requests (published in November 2026)" in about(lines, quotas.API_BURST)


def test_code_that_is_there_already_counts() -> None:
    code, lines = run("dev", Session(enough() | {quotas.LAMBDA_STORAGE.code: 75}, code_gb=75.5))
    assert code == 1
    assert "needs 75.5 of 75 GB" in about(lines, quotas.LAMBDA_STORAGE)


def test_the_smaller_regions_have_a_quarter_of_the_apis_rate() -> None:
    assert (quotas.API_RATE.default_in("us-east-1"), quotas.API_RATE.default_in("eu-central-2")) == (10_000, 2_500)
    assert (quotas.API_BURST.default_in("eu-central-2"), quotas.LAMBDA_CONCURRENCY.default_in("eu-central-2")) == (
        1_250,
        1_000,
    )


def test_another_accounts_credentials_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(environment: str) -> str:
        raise CommandError(f"not of {environment}")

    monkeypatch.setattr(guard, "refuse_wrong_account", refuse)
    with pytest.raises(CommandError, match="not of prod"):
        run("prod", Session(enough()))


def test_no_right_to_ask_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: object) -> Json:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetServiceQuota")

    session = Session({})
    monkeypatch.setattr(session, "get_service_quota", denied)
    with pytest.raises(CommandError, match=r"quotas cannot be read .*AccessDenied.*OFFLINE=1"):
        run("dev", session)


def test_local_has_no_account(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"ENV=dev\|staging\|prod"):
        run("local")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_who_reads_logs_is_told(environment: str) -> None:
    """An account may ask for 5 pages a second in all, and nobody can have more."""
    (line,) = [line for line in run(environment)[1] if "FilterLogEvents" in line]
    assert line.startswith("ok ")
    assert "checks may read 1 of the 5 pages" in line


@pytest.mark.parametrize(("region", "code"), [("us-east-1", 0), ("eu-central-1", 1)])
def test_what_a_pipeline_asks_for_by_name_is_told_with_how_long_a_peak_takes(
    monkeypatch: pytest.MonkeyPatch, region: str, code: int
) -> None:
    sized = json.loads(json.dumps(planned_votes("dev")))
    sized["output_changes"]["votes"]["after"]["quotas"] = {"textract_analyze_expense": 5}
    sized["output_changes"]["region"]["after"] = region
    monkeypatch.setattr(preflight, "offline", lambda environment, work, variables: sized)
    found, lines = run("dev")
    line = about(lines, quotas.TEXTRACT_EXPENSES)
    assert found == code
    assert f"needs 5 of {1 if code else 5} pages/s" in line
    assert "200,000 take 11.1 hours" in line


def test_the_names_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {
        name: output["after"].get("quotas") or {}
        for name, output in plan.plan("prod")["output_changes"].items()
        if isinstance(output.get("after"), dict)
    }
    asked = {quota for quotas_of in named.values() for quota in quotas_of}
    assert asked <= set(quotas.BY_NAME)
    assert asked
