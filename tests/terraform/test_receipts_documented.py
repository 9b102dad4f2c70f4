"""What is there of receipts is documented, and what is documented is there: alarms, settings."""

from __future__ import annotations

import re

from tests.support.plan import ROOT, environment, plan_of, resources
from tools.environment.zips import functions_of

OPERATIONS = (ROOT / "docs/receipts/operations.md").read_text()
SETTINGS = (ROOT / "docs/receipts/settings.md").read_text()
# Those of every pipeline's queues, functions, tables and API: docs/how-to/operate.md.
GENERAL = r"(?:-(?:age|dead-letters|mapping-off|errors|throttles|reads-throttled|writes-throttled)|^api-5xx)$"
# where there is an agent that is expected: terraform/pipelines/receipts/tests
OF_AN_AGENT = {"agent-silent"}


def _alarms(env: str) -> set[str]:
    planned = resources(plan_of("receipts", env), "aws_cloudwatch_metric_alarm").values()
    return {values["alarm_name"].removeprefix(f"sluice-{env}-receipts-") for values in planned}


def _explained() -> dict[str, str]:
    parts = re.split(r"^### `(\S+)`$", OPERATIONS, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_alarm_of_its_own_is_explained() -> None:
    own = {name for name in _alarms("prod") if not re.search(GENERAL, name)}
    assert set(_explained()) == own | OF_AN_AGENT
    assert len(own) > 3
    general = (ROOT / "docs/how-to/operate.md").read_text()
    for name in _alarms("prod") - own:
        kind = re.sub(
            r"^(?:intake|image|delivery|lane|delivered)-", "<queue>-", re.sub(r"^(?:ledger|usage)-", "<table>-", name)
        )
        kind = re.sub(rf"^(?:{'|'.join(functions_of('receipts'))})-", "<function>-", kind)
        assert f"### `{kind}`" in general


def test_essential_alarms_are_marked() -> None:
    essential = {name for name in _alarms("dev") if not re.search(GENERAL, name)}
    assert {name for name, text in _explained().items() if "*Essential.*" in text} == essential | OF_AN_AGENT


def test_powertools_settings_are_explained() -> None:
    variables = {
        name
        for env in ("dev", "prod")
        for name in environment(plan_of("receipts", env), "accept")
        if name.startswith("POWERTOOLS_")
    }
    assert variables == set(re.findall(r"`(POWERTOOLS_[A-Z_]+)`", SETTINGS))
