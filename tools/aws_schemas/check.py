"""All that a plan has, held to what AWS publishes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools.aws_schemas import policies, values, where
from tools.aws_schemas.refused import Refused
from tools.common.paths import ROOT
from tools.environment import offline_plan

# environments/local/*_emulator.tf names actions that only the emulator knows.
_FOR_THE_EMULATOR = re.compile(r"aws_iam_role_policy\.emulator_\w+")
_LONGEST = 120  # characters of a value that are shown


def roots() -> list[str]:
    """Every environment and account that is planned: "dev", "dev/account"."""
    environments = ROOT / "environments"
    return sorted(str(file.parent.relative_to(environments)) for file in environments.rglob("environment.tf.json"))


def plans(names: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The plan of each, made offline, two at a time."""
    offline_plan.provider()
    offline_plan.packages()
    with ThreadPoolExecutor(max_workers=2) as pool:
        names = list(names)
        yield from zip(names, pool.map(offline_plan.plan, names), strict=True)


def refused(plan: Mapping[str, Any]) -> list[Refused]:
    """What AWS would refuse of a plan, in its order, each once."""
    found = [*values.refused(plan), *(one for one in policies.refused(plan) if not _for_the_emulator(one))]
    shown = {(one.address, one.attribute, one.answer): one for one in found}
    return list(shown.values())


def _for_the_emulator(one: Refused) -> bool:
    return bool(_FOR_THE_EMULATOR.match(one.address))


def said(one: Refused, plan: Mapping[str, Any], folder: Path) -> str:
    """A refusal for a person: which value of which resource, what AWS takes, where to change it.

    `folder` is the plan's root module.
    """
    value = json.dumps(one.value, ensure_ascii=False)
    value = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    lines = [f"{one.address}: {one.attribute or 'the resource'} is {value}; AWS {one.answer}"]
    lines += [f"    {line}" for line in where.place(plan["configuration"], folder, one.address, one.attribute)]
    return "\n".join(lines)
