"""The cheapest sizing for a load: entrances and billing modes by their formulas, and prod's."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import plan
from tools.bench.votes.capacity import billing_modes, choice_text, choose, curves, settings
from tools.bench.votes.capacity.choose import Choice
from tools.bench.votes.capacity.entrances import ENTRANCES, Requests
from tools.bench.votes.capacity.settings import TABLES, Settings, Units, asks, planned
from tools.common.errors import CommandError
from tools.environment.planned import outputs
from tools.environment.staging import staged

NOTHING: frozenset[str] = frozenset()
STATED = curves.named("step")  # docs/votes/capacity.md: what prod is sized for


@pytest.fixture(scope="module")
def prod() -> Settings:
    """Prod's, planned offline."""
    return planned("prod")


def steady(rate: float, a_connection: float = 1.0) -> Requests:
    """A month at so many requests a second, without a log and what is answered."""
    return Requests((rate * 3_600,), 730, 800, 0, 0, a_connection)


@pytest.mark.parametrize(
    ("rate", "http_api", "alb", "ten_a_connection", "with_waf"),
    [(1, 3, 24, 24, 32), (10, 26, 26, 25, 48), (100, 263, 47, 32, 211), (1_000, 2_395, 257, 103, 1_840)],
)
def test_entrances_cost_what_was_reckoned_by_hand(
    rate: float, http_api: float, alb: float, ten_a_connection: float, with_waf: float
) -> None:
    """In dollars a month; the units of one connection a request bind first."""
    assert ENTRANCES["http_api"].dollars(steady(rate), NOTHING) == pytest.approx(http_api, rel=0.02, abs=1)
    assert ENTRANCES["alb"].dollars(steady(rate), NOTHING) == pytest.approx(alb, rel=0.02, abs=1)
    assert ENTRANCES["alb"].dollars(steady(rate, 10), NOTHING) <= ten_a_connection * 1.02 + 1
    assert ENTRANCES["alb"].dollars(steady(rate), frozenset({"waf"})) == pytest.approx(with_waf, rel=0.02, abs=1)
    assert ENTRANCES["function_url"].dollars(steady(rate), NOTHING) == 0


def test_who_asks_for_a_token_or_a_web_acl_gets_it() -> None:
    assert ENTRANCES["function_url"].lacks(frozenset({"token", "domain"})) == ["domain", "token"]
    assert ENTRANCES["http_api"].lacks(frozenset({"token", "waf"})) == ["waf"]
    assert ENTRANCES["alb"].lacks(frozenset({"token", "waf", "domain"})) == []
    assert asks("prod") == {"token"}


def test_an_even_load_is_cheaper_provisioned_and_a_seldom_burst_on_demand(prod: Settings) -> None:
    even = choose.play(prod, curves.named("steady:50"), 1)
    burst = choose.play(prod, curves.Curve("burst", curves.step(2_000, 60)), 1)
    for run, cheaper in ((even, "provisioned"), (burst, "on demand")):
        provisioned = billing_modes.provisioned(run, "votes write")
        assert provisioned is not None
        dollars = {
            "provisioned": provisioned.dollars,
            "on demand": billing_modes.on_demand(run, "votes write").dollars,
        }
        assert min(dollars, key=dollars.__getitem__) == cheaper


def test_prods_sizing_is_the_choice_for_its_stated_curve(prod: Settings) -> None:
    """It takes the step; one size less of anything does not, or is less than is tried."""
    assert choose.why_not(prod, STATED) == ""
    fewer = max(shards for shards in choose.SHARDS if shards < prod.shards)
    assert choose.why_not(replace(prod, shards=fewer), STATED)
    for function in choose.LEAST_MB:
        for memory_mb in list(choose.smaller(function, prod.memory_mb[function]))[-1:]:
            less = replace(prod, memory_mb={**prod.memory_mb, function: memory_mb})
            assert choose.why_not(less, STATED), (function, memory_mb)
    assert all(prod.capacity[f"{table} write"].most is None for table in TABLES), "on demand, as billed below"


def test_what_drains_is_reckoned_as_the_plan_does(prod: Settings) -> None:
    said = outputs(plan.plan("prod"))["votes"]["rates"]["drained"]
    assert choose.drains(prod) == pytest.approx(said, rel=0.02)


def test_the_choice_says_why_and_what_to_paste(prod: Settings) -> None:
    choice = Choice(prod, STATED, "")
    run = choose.play(prod, curves.Curve("short", curves.step(20_000, 10)), 1)
    choose.enter(choice, run, frozenset({"token"}))
    for table in TABLES:
        choose.bill(choice, run, table)
    assert choice.entrance == "http_api"
    said = choice_text.as_text(choice, frozenset({"token"}))
    assert "function_url: gives no token" in said
    assert f"counting = {{ shards = {prod.shards} }}" in said
    assert f"receive = {{ memory_mb = {prod.memory_mb['receive']} }}" in said
    assert "votes = { on_demand = { warm = { read_units = 40000, write_units = 40000 } } }" in said
    choice.modes["votes"] = {kind: billing_modes.Mode(1, Units(20, 90)) for kind in ("read", "write")}
    pasted = list(choice_text.sizing(choice))
    assert (
        "      votes = { provisioned = { read = { least = 20, most = 90 }, write = { least = 20, most = 90 } } }"
        in pasted
    )


PASTED = """
locals {{
  pasted = {{
{}
  }}
}}
"""
OVER = """
module "votes" {
  counting = merge(local.votes.counting, local.pasted.counting)
  sizing   = { for name, has in local.votes.sizing : name => merge(has, try(local.pasted.sizing[name], {})) }
  capacity = merge(local.votes.capacity, local.pasted.capacity)
  api      = merge(local.votes.api, local.pasted.api, { anonymous = true })
  alb      = { network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }, plain_http = true }
}
"""


@pytest.mark.slow
def test_what_is_pasted_is_what_terraform_plans(
    prod: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into dev, where every setting of it is another one."""
    choice = Choice(replace(prod, shards=8, memory_mb={**prod.memory_mb, "tally": 512}), STATED, "alb")
    on_demand, fixed = billing_modes.Mode(1, None), billing_modes.Mode(1, Units(20, 90))
    choice.modes = {
        "votes": {"read": on_demand, "write": on_demand},
        "journal": {"read": fixed, "write": fixed},
        "tallies": {"read": on_demand, "write": on_demand},
    }
    copy = staged(plan.ROOT / "environments/dev", tmp_path, pipelines=("votes",))
    (copy / "pasted.tf").write_text(PASTED.format("\n".join(choice_text.sizing(choice))))
    (copy / "pasted_override.tf").write_text(OVER)
    shown = plan.plan(copy, plan.packages())
    functions = {one["function_name"]: one for one in plan.resources(shown, "aws_lambda_function").values()}
    tables = {one["name"].rsplit("-", 1)[-1]: one for one in plan.resources(shown, "aws_dynamodb_table").values()}
    for name, memory_mb in choice.settings.memory_mb.items():
        assert functions[f"sluice-dev-votes-{name}"]["memory_size"] == memory_mb
    assert functions["sluice-dev-votes-write"]["environment"][0]["variables"]["SHARDS"] == "8"
    assert tables["votes"]["warm_throughput"][0]["write_units_per_second"] == 40000
    assert (tables["journal"]["billing_mode"], tables["journal"]["write_capacity"]) == ("PROVISIONED", 20)
    assert len(plan.resources(shown, "aws_lb")) == 1
    monkeypatch.setattr(settings, "plan", lambda _: shown)
    with pytest.raises(CommandError, match="model knows an HTTP API's throttle"):
        planned("dev")
