"""What rules ask of a plan's functions: which one is meant, and whom its messages lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from sluice_pipeline import identity
from sluice_pipeline.plan import NotYetKnown, Plan, Resource, identifies
from sluice_pipeline.queues import FUNCTION, MAPPING, QUEUE, consumer, function_and_qualifier
from sluice_pipeline.statements import listed, statements

ALIAS = "aws_lambda_alias"
ROLE = "aws_iam_role"
SEND = "sqs:sendmessage"  # SendMessageBatch has no right of its own


class Invoked(NamedTuple):
    """A function and the qualifier by which it is invoked; "" where there is none."""

    function: Resource
    qualifier: str


def invoked(plan: Plan, value: str, region: str | None, said: str) -> Invoked:
    """What a name or ARN of a function invokes. Raises NotYetKnown, with what was `said`."""
    bare, qualifier = function_and_qualifier(value)
    return Invoked(plan.meant(bare, FUNCTION, region, said), _published(qualifier))


def invoked_by_reference(plan: Plan, resource: Resource, argument: str) -> set[Invoked]:
    """The aliases, or else the functions, that an argument refers to. Raises NotYetKnown."""
    mentioned = plan.mentioned(resource, argument)
    found = {qualified(plan, r, "name") for r in mentioned if r.kind == ALIAS}
    return found or {Invoked(r, "") for r in mentioned if r.kind == FUNCTION}


def qualified(plan: Plan, resource: Resource, argument: str) -> Invoked:
    """What a resource with a `function_name`, and a qualifier in `argument`, is about.

    Raises NotYetKnown.
    """
    function = plan.named(resource, "function_name", FUNCTION)
    try:
        return Invoked(function, _published(str(resource.get(argument, ""))))
    except NotYetKnown:
        names = {str(r.get("name")) for r in plan.mentioned(resource, argument) if r.kind == ALIAS}
        if len(names) != 1:
            raise
        return Invoked(function, names.pop())


def _published(qualifier: str) -> str:
    return "" if qualifier == "$LATEST" else qualifier


class Ways(NamedTuple):
    """From each function to those that consume what it sends: as it is, and as it may be."""

    known: Mapping[Resource, frozenset[Resource]]
    possible: Mapping[Resource, frozenset[Resource]]
    unclear: Mapping[Resource, NotYetKnown]


@lru_cache(maxsize=1)
def ways(plan: Plan) -> Ways:
    """By queues alone: sqs:SendMessage in the policies of a function's role, and mappings."""
    consumers = list(_consumers(plan))
    known, possible, unclear = {}, {}, {}
    for function in plan.of(FUNCTION):
        known[function] = possible[function] = frozenset[Resource]()
        try:
            for policy in _policies(plan, function):
                sent = list(_send_to(policy))
                known[function] |= {to for queue, to in consumers if any(_is_meant(one, queue, policy) for one in sent)}
        except NotYetKnown as unknown:
            unclear[function] = unknown
            possible[function] = frozenset(to for _, to in consumers)
    return Ways(known, possible, unclear)


def reached(start: Resource, edges: Mapping[Resource, frozenset[Resource]]) -> set[Resource]:
    """The functions to which messages of `start` lead, directly or by others."""
    found: set[Resource] = set()
    ahead = [start]
    while ahead:
        new = edges[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def _consumers(plan: Plan) -> Iterator[tuple[Resource | str, Resource]]:
    """Each consumed queue, or the ARN of one of another configuration, with its function.

    Mappings of which the plan does not tell are left out: rules on them say so.
    """
    for mapping in plan.of(MAPPING):
        try:
            function = consumer(plan, mapping)
        except NotYetKnown:
            continue
        try:
            yield plan.named(mapping, "event_source_arn", QUEUE), function
        except NotYetKnown:
            if ":sqs:" in (arn := str(mapping.values.get("event_source_arn") or "")):
                yield arn, function


def _policies(plan: Plan, function: Resource) -> Iterator[Resource]:
    """The policies of a function's role that this plan makes. Raises NotYetKnown."""
    role = plan.named(function, "role", ROLE)
    yield from plan.about(role, "aws_iam_role_policy", "role")
    for attachment in plan.about(role, "aws_iam_role_policy_attachment", "role"):
        if ":aws:policy/" not in str(attachment.values.get("policy_arn")):  # AWS's own let nobody send
            yield plan.named(attachment, "policy_arn", "aws_iam_policy")


def _send_to(policy: Resource) -> Iterator[str]:
    """The resources on which a policy allows sending. Raises NotYetKnown."""
    for statement in statements(policy.document("policy"), "Allow"):
        if any(fnmatchcase(SEND, str(action).lower()) for action in listed(statement.get("Action"))):
            yield from map(str, listed(statement.get("Resource")))


def _is_meant(pattern: str, queue: Resource | str, policy: Resource) -> bool:
    name = identity.named(queue, None).name if isinstance(queue, str) else str(queue.values.get("name"))
    if "*" in pattern or "?" in pattern:
        return fnmatchcase(name, identity.named(pattern, None).name)
    if isinstance(queue, str):
        return identity.named(pattern, policy.region).agrees(identity.named(queue, policy.region))
    return identifies(pattern, queue, policy.region)
