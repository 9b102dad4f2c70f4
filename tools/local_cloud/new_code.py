"""A function's new code, live at once: the calls by which Terraform would bring it, before it does.

Terraform is asked after it, finds them done, and writes down what came of them; so the state is its
own, and whatever else follows a function's version does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.common import loopback
from tools.local_cloud import emulator

Attributes = Mapping[str, Any]


def go_live(endpoint: str, state_file: Path, zips: Mapping[str, str]) -> None:
    """Give the functions of Terraform's state that are made of `zips` (path → hash) their code, and
    point the aliases that have their newest version at the one that this makes.

    A function that is made of something else of it, or has the code already, is left to Terraform.
    """
    resources = json.loads(state_file.read_bytes())["resources"]
    aliases = list(_instances(resources, "aws_lambda_alias"))
    for function in _instances(resources, "aws_lambda_function"):
        path, name, arn = str(function.get("filename")), function["function_name"], function["arn"]
        if path not in zips or function.get("source_code_hash") in (None, zips[path]):
            continue
        client = _lambda(endpoint, arn.split(":")[3])
        zipped = Path(path).read_bytes()
        made = client.update_function_code(FunctionName=name, ZipFile=zipped, Publish=bool(function["publish"]))
        for alias in aliases:
            if alias["function_name"] in (name, arn) and alias["function_version"] == function["version"]:
                client.update_alias(FunctionName=name, Name=alias["name"], FunctionVersion=made["Version"])


def _instances(resources: list[dict[str, Any]], kind: str) -> Iterator[Attributes]:
    for resource in resources:
        if resource["type"] == kind and resource["mode"] == "managed":
            yield from (instance["attributes"] for instance in resource["instances"])


@cache
def _lambda(endpoint: str, region: str) -> Any:
    return loopback.session(region).client("lambda", endpoint_url=endpoint, **emulator.ROOT_KEYS)
