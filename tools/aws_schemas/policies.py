"""Every policy document of a plan beside the grammar of policies and AWS's service authorization
reference: known elements, known actions, and condition keys that AWS sets for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft7Validator as Validator

from tools.aws_schemas import words
from tools.aws_schemas.data_files import published
from tools.aws_schemas.refused import Refused, path_said, resources

# The keys that AWS sets for every request: the IAM user guide, "AWS global condition context keys".
# Those about tags are not among them: which actions know tags, the reference says.
_GLOBAL_KEYS = """
aws:AssumedRoot aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn aws:CurrentTime
aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc aws:EpochTime aws:FederatedProvider aws:IsMcpServiceAction
aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService
aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType
aws:Referer aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:SecureTransport
aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc
aws:SourceVpcArn aws:SourceVpce aws:TokenIssueTime aws:UserAgent aws:UserId aws:Username aws:ViaAWSService
aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:VpcSourceIp ec2:SourceInstanceArn lambda:SourceFunctionArn
ssm:SourceInstanceArn
"""
_TAGS_OF_CALLER = "aws:principaltag/"
Found = Iterator[tuple[str, Any, str]]


def refused(plan: Mapping[str, Any]) -> Iterator[Refused]:
    """What AWS refuses, or never matches, in the policies of a plan."""
    for address, kind, after, _ in resources(plan):
        for attribute, document in _documents(after, ""):
            for where, value, answer in judged(document, _grammar(kind, attribute)):
                yield Refused(address, f"{attribute}{where}", value, answer)


def _documents(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy in a value, with the attribute that holds it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _documents(inner, f"{path}.{name}".strip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _documents(inner, f"{path}[{number}]")
    elif isinstance(value, str) and '"Statement"' in value:
        try:
            document = json.loads(value)
        except ValueError:
            return  # text about policies
        if isinstance(document, dict) and "Statement" in document:
            yield path, document


def _grammar(kind: str, attribute: str) -> str:
    if attribute == "assume_role_policy":
        return "trust"
    return "identity" if kind.startswith("aws_iam_") else "resource"


def judged(document: dict[str, Any], grammar: str) -> Found:
    """Where (".Statement[0].Action"), what, and what AWS does instead, of all that it refuses."""
    schema = published("policies")[grammar]
    for error in words.innermost(_validator(grammar).iter_errors(document)):
        yield path_said(error.instance_path), error.instance, words.answer(error, schema)
    statements = document["Statement"]
    for number, statement in enumerate(statements if isinstance(statements, list) else [statements]):
        if isinstance(statement, dict):
            yield from ((f".Statement[{number}]{where}", *rest) for where, *rest in _statement(statement))


@cache
def _validator(grammar: str) -> Validator:
    return Validator(published("policies")[grammar])


def _statement(statement: Mapping[str, Any]) -> Found:
    patterns = [one for name in ("Action", "NotAction") for one in _list(statement.get(name)) if isinstance(one, str)]
    for pattern in patterns:
        if pattern != "*":
            yield from ((".Action", pattern, f"knows no such action: {hint}") for hint in _unknown_action(pattern))
    conditions = statement.get("Condition")
    for operator, compared in conditions.items() if isinstance(conditions, dict) else ():
        for key, value in compared.items() if isinstance(compared, dict) else ():
            for actions in _without(key, patterns if "Action" in statement else ["*"], _needs(statement, operator)):
                known = ", ".join(sorted(frozenset().union(*map(_keys, actions)))) or "none but the global ones"
                yield (
                    f".Condition.{operator}.{key}",
                    value,
                    f"sets no such condition key for {', '.join(actions)}; it knows {known}",
                )


def _needs(statement: Mapping[str, Any], operator: str) -> bool:
    """Whether a statement allows nothing where a condition key is not set."""
    return statement.get("Effect") == "Allow" and not re.search("Not|Null|IfExists", operator)


def _without(key: str, patterns: list[str], each: bool) -> Iterator[list[str]]:
    """Which actions AWS never sets a condition key for: each that is one, or all if none has it."""
    patterns = [pattern for pattern in patterns if _actions(pattern)]
    lacking = [pattern for pattern in patterns if not _is_set(key, _keys(pattern))]
    if each:
        yield from ([pattern] for pattern in lacking)
    elif lacking and len(lacking) == len(patterns):
        yield lacking


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _unknown_action(pattern: str) -> Iterator[str]:
    service, _, name = pattern.partition(":")
    if service.lower() not in published("actions"):
        yield (
            f"{service} is no service that is known here; a new one is a word in SERVICES of "
            "tools/aws_schemas/generate.py, and a run of that"
        )
    elif not _actions(pattern):
        near = [one for one in published("actions")[service.lower()]["actions"] if one[:6].lower() == name[:6].lower()]
        yield f"{service} has {', '.join(near[:8])}" if near else f"{service} has others"


@cache
def _actions(pattern: str) -> tuple[tuple[str, str], ...]:
    """Service and name of each action that a pattern of a policy names."""
    named = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.IGNORECASE)
    services = published("actions")
    service = pattern.partition(":")[0].lower()
    of = services if pattern == "*" else {service: services[service]} if service in services else {}
    return tuple(
        (one, name) for one in of for name in of[one]["actions"] if named.fullmatch(f"{one}:{name}") or pattern == "*"
    )


@cache
def _keys(pattern: str) -> frozenset[str]:
    """The condition keys that AWS sets for one of the actions that a pattern names."""
    services = published("actions")
    lists = {(service, services[service]["actions"][name]) for service, name in _actions(pattern)}
    return frozenset(key for service, number in lists for key in services[service]["keys"][number])


def _is_set(key: str, keys: frozenset[str]) -> bool:
    wanted = key.lower()
    if wanted in _GLOBAL_KEYS.lower().split() or wanted.startswith(_TAGS_OF_CALLER):
        return True
    return any(re.fullmatch(_pattern(one.lower()), wanted) for one in keys)


@cache
def _pattern(key: str) -> str:
    """A key of the reference ("aws:ResourceTag/${TagKey}") as a regular expression."""
    return "".join(".+" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{[^}]+\})", key))
