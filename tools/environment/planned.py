"""An environment's plan as data, made offline through the attached provider from an empty state:
what its sizing comes to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.common.paths import ROOT
from tools.environment import terraform
from tools.environment.names import PIPELINES, folder_of
from tools.environment.staging import staged


def offline(environment: str, work: Path, variables: Path, *, root: Path = ROOT) -> dict[str, Any]:
    """The plan, as `terraform show -json` gives it.

    `work`: a folder for the copy; `variables` names the zips; `root`: another project's.

    Raises CommandError for an environment that there is not, or with Terraform's own words where it
    refuses.
    """
    from tools.offline_provider import serve

    copy = staged(folder_of(environment, root), work / environment)
    with serve(None) as reattach:
        return shown(copy, (variables,), reattach)


def shown(folder: Path, var_files: Iterable[Path], reattach: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of a folder through the attached provider, as `terraform show -json` gives it.

    Raises CommandError with Terraform's own words where it refuses.
    """
    files = [f"-var-file={file}" for file in var_files]
    terraform.run(["init", "-input=false"], folder, reattach)
    terraform.run(["plan", "-input=false", "-lock=false", "-out=planned", *files], folder, reattach)
    document: dict[str, Any] = json.loads(terraform.run(["show", "-json", "planned"], folder, reattach).stdout)
    return document


def resources(planned: Mapping[str, Any], kind: str = "") -> dict[str, dict[str, Any]]:
    """Planned values of each resource (of one type, if `kind` is given), by address.

    What is unknown until apply is missing.
    """
    return {
        one["address"]: one["values"]
        for one in _all(planned["planned_values"]["root_module"])
        if one["mode"] == "managed" and kind in ("", one["type"])
    }


def of_pipeline(planned: Mapping[str, Any], pipeline: str) -> dict[str, Any]:
    """The plan as if an environment had that pipeline alone ("votes"): of resources and outputs
    those of its module, and what the environment has for all.
    """
    own = f"module.{pipeline}"
    root = planned["planned_values"]["root_module"]
    children = [child for child in root.get("child_modules", ()) if child["address"] == own]
    others = {name for name in PIPELINES if name != pipeline}
    return {
        **planned,
        "planned_values": {**planned["planned_values"], "root_module": {**root, "child_modules": children}},
        "resource_changes": [
            one
            for one in planned["resource_changes"]
            if not one["address"].startswith("module.") or one["address"].startswith(f"{own}.")
        ],
        "output_changes": {
            name: change for name, change in planned["output_changes"].items() if name.split("_")[0] not in others
        },
    }


def function_variables(planned: Mapping[str, Any], function: str) -> dict[str, str]:
    """The environment variables that Terraform gives a function ("receive").

    Without those unknown until apply (URLs). Raises LookupError where there is no such function.
    """
    functions = resources(planned, "aws_lambda_function")
    for values in functions.values():
        if values["function_name"].endswith(f"-{function}"):
            variables: dict[str, str | None] = {}
            for block in values["environment"]:
                variables |= block.get("variables") or {}
            return {name: value for name, value in variables.items() if value is not None}
    raise LookupError(f"no function {function!r} in the plan: it has {sorted(functions)}")


def outputs(planned: Mapping[str, Any]) -> dict[str, Any]:
    """Planned outputs, name → value; what is unknown until apply is missing, within them too."""
    changes = planned["output_changes"]
    return {name: change["after"] for name, change in changes.items() if change.get("after") is not None}


def _all(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _all(child)
