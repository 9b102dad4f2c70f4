"""Every pipeline's docs/<pipeline>/settings.md has each setting of its functions, and no other."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict

import pytest
from pydantic import BaseModel

from shared.conservation import ConservationSettings
from tools.common.paths import ROOT
from tools.environment.names import PIPELINES


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_setting_is_explained(pipeline: str) -> None:
    text = (ROOT / "docs" / pipeline / "settings.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([a-z, ]+) \|", text, re.MULTILINE)
    fields = defaultdict(set)
    models = vars(importlib.import_module(f"{pipeline}.settings"))
    if (ROOT / "lambda_src" / pipeline / "conservation.py").exists():
        models = models | {"ConservationSettings": ConservationSettings}
    for name, model in models.items():
        if name.endswith("Settings") and not name.startswith("_") and issubclass(model, BaseModel):
            for field in model.model_fields:
                fields[field.upper()].add(name.removesuffix("Settings").lower())
    assert {name: set(functions.split(", ")) for name, functions in rows} == fields
    assert [name for name, _ in rows] == sorted(fields)
