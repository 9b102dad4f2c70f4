"""What is there is documented, and what is documented is there: alarms, settings, targets. Modules' variables: test_modules.py."""

from __future__ import annotations

import re
from collections import defaultdict

from pydantic import BaseModel

from tests.support.plan import ROOT, environment, plan, resources
from votes import settings

PLACES = ("queue", "function", "table")


def test_every_alarm_is_explained() -> None:
    headings = re.findall(r"^### `(\S+)`$", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
    assert len(headings) == len(set(headings))
    alarms = {name.removeprefix("sluice-prod-votes-") for name in _alarms("prod")}
    things = {
        "queue": {"ingest", "count", "tick"},
        "function": {name.rsplit("-", 1)[-1] for name in _names("prod", "aws_lambda_function", "function_name")},
        "table": {name.rsplit("-", 1)[-1] for name in _names("prod", "aws_dynamodb_table", "name")},
    }
    explained = set()
    for heading in headings:
        kind = next((kind for kind in PLACES if f"<{kind}>" in heading), None)
        explained |= {heading.replace(f"<{kind}>", thing) for thing in things[kind]} if kind else {heading}
    assert explained == alarms


def test_essential_alarms_are_marked() -> None:
    essential = {name.removeprefix("sluice-dev-votes-") for name in _alarms("dev")}
    parts = re.split(r"^### `(\S+)`$", (ROOT / "docs/operate.md").read_text(), flags=re.MULTILINE)[1:]
    marked = {heading.replace("<queue>-", "-") for heading, text in zip(parts[::2], parts[1::2], strict=True) if "*Essential.*" in text}
    assert {re.sub(r"^(ingest|count|tick)-(?=age|dead)", "-", name) for name in essential} == marked


def test_every_setting_is_explained() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([a-z, ]+) \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    fields = defaultdict(set)
    for name, model in vars(settings).items():
        if name.endswith("Settings") and not name.startswith("_") and issubclass(model, BaseModel):
            for field in model.model_fields:
                fields[field.upper()].add(name.removesuffix("Settings").lower())
    assert {name: set(functions.split(", ")) for name, functions in rows} == fields
    assert [name for name, _ in rows] == sorted(fields)


def test_powertools_settings_are_explained() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    given = {name for env in ("dev", "prod") for name in environment(plan(env), "receive") if name.startswith("POWERTOOLS_")}
    assert given == set(re.findall(r"`(POWERTOOLS_[A-Z_]+)`", text))


def test_every_target_is_told_of() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "".join(path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    assert targets - set(re.findall(r"\bmake ([a-z-]+)", text)) == set()


def _alarms(env: str) -> set[str]:
    return _names(env, "aws_cloudwatch_metric_alarm", "alarm_name")


def _names(env: str, kind: str, attribute: str) -> set[str]:
    return {values[attribute] for values in resources(plan(env), kind).values()}
