"""What the voting page (`web/vote`) is told of the API on this machine."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from tools.common.paths import ROOT

TITLES = ROOT / "tools/traffic/votes/data/titles.csv"


def config(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The page's `config.json`, by the environment's outputs; empty where nobody can vote.

    The names are those of the films that the local loads vote on.
    """
    if "votes_api_url" not in outputs:
        return {}
    settings = outputs["votes"]["settings"]
    with TITLES.open(encoding="utf-8", newline="") as file:
        names = {row["title_id"]: row["title"] for row in csv.DictReader(file)}
    return {
        "api": outputs["votes_api_url"],
        "aspects": settings["aspects"],
        "scale": settings["scale"],
        "voter": "token" if settings.get("voter_from") == "token" else "anonymous",
        "names": names,
    }
