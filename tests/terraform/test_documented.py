"""What is there is documented, and what is documented is there: alarms, settings, targets.

Modules' variables: test_modules.py.
"""

from __future__ import annotations

import re
from functools import partial

from tests.support.makefile import TARGETS
from tests.support.plan import ROOT, environment, plan_of, resources

plan = partial(plan_of, "votes")
PLACES = ("queue", "function", "table")


def test_every_alarm_is_explained() -> None:
    headings = re.findall(r"^### `(\S+)`$", (ROOT / "docs/how-to/operate.md").read_text(), re.MULTILINE)
    assert len(headings) == len(set(headings))
    alarms = {name.removeprefix("sluice-prod-votes-") for name in _alarms("prod")}
    things = {
        "queue": {"ingest", "count", "tick"},
        "function": {name.rsplit("-", 1)[-1] for name in _names("prod", "aws_lambda_function", "function_name")},
        # keys is read once a worker, and not watched
        "table": {*plan("prod")["output_changes"]["votes"]["after"]["tables"]} - {"keys"},
    }
    explained = set()
    for heading in headings:
        kind = next((kind for kind in PLACES if f"<{kind}>" in heading), None)
        explained |= {heading.replace(f"<{kind}>", thing) for thing in things[kind]} if kind else {heading}
    assert explained == alarms


def test_essential_alarms_are_marked() -> None:
    essential = {name.removeprefix("sluice-dev-votes-") for name in _alarms("dev")}
    parts = re.split(r"^### `(\S+)`$", (ROOT / "docs/how-to/operate.md").read_text(), flags=re.MULTILINE)[1:]
    marked = {
        heading.replace("<queue>-", "-")
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
        if "*Essential.*" in text
    }
    assert {re.sub(r"^(ingest|count|tick)-(?=age|dead)", "-", name) for name in essential} == marked


def test_powertools_settings_are_explained() -> None:
    text = (ROOT / "docs/votes/settings.md").read_text()
    variables = {
        name for env in ("dev", "prod") for name in environment(plan(env), "receive") if name.startswith("POWERTOOLS_")
    }
    assert variables == set(re.findall(r"`(POWERTOOLS_[A-Z_]+)`", text))


def test_every_target_is_told_of() -> None:
    text = "".join(path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    assert set(TARGETS) - set(re.findall(r"\bmake ([a-z-]+)", text)) == set()


def _alarms(env: str) -> set[str]:
    return _names(env, "aws_cloudwatch_metric_alarm", "alarm_name")


def _names(env: str, kind: str, attribute: str) -> set[str]:
    return {values[attribute] for values in resources(plan(env), kind).values()}
