"""An environment's plan as data, made offline through the attached provider from an empty state: what its sizing comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devcloud import terraform
from devcloud.plan import folder_of
from devcloud.runs import ROOT
from devcloud.staging import staged


def offline(environment: str, work: Path, variables: Path, *, root: Path = ROOT) -> dict[str, Any]:
    """The plan, as `terraform show -json` gives it. `work`: a folder for the copy; `variables` names the zips; `root`: another project's.

    Raises LocalCloudError for an environment that there is not, or with Terraform's own words where it refuses.
    """
    from devcloud.provider import serve

    copy = staged(folder_of(environment, root), work / environment)
    with serve(None) as reattach:
        terraform.run(["init", "-input=false"], copy, reattach)
        terraform.run(["plan", "-input=false", "-lock=false", "-out=planned", f"-var-file={variables}"], copy, reattach)
        shown: dict[str, Any] = json.loads(terraform.run(["show", "-json", "planned"], copy, reattach).stdout)
    return shown


def resources(planned: Mapping[str, Any], kind: str = "") -> dict[str, dict[str, Any]]:
    """Planned values of each resource (of one type, if `kind` is given), by address. What is unknown until apply is missing."""
    return {
        one["address"]: one["values"]
        for one in _all(planned["planned_values"]["root_module"])
        if one["mode"] == "managed" and kind in ("", one["type"])
    }


def _all(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _all(child)
