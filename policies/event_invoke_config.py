"""CKV_SLUICE_16: what nobody waits for is tried as often, and for as long, as somebody said."""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice_pipeline.functions import Invoked, invoked, invoked_by_reference, qualified
from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource
from sluice_pipeline.rule import Rule

# what invokes asynchronously → where it names the function: an argument, or a block and its own
INVOKERS = {
    "aws_scheduler_schedule": ("target", "arn"),
    "aws_cloudwatch_event_target": ("arn", ""),
    "aws_s3_bucket_notification": ("lambda_function", "lambda_function_arn"),
    "aws_sns_topic_subscription": ("endpoint", ""),
}
CONFIG = "aws_lambda_function_event_invoke_config"
SAID = ("maximum_retry_attempts", "maximum_event_age_in_seconds")


class EventInvokeConfig(Rule):
    def __init__(self) -> None:
        super().__init__(
            16, "What invokes a function asynchronously meets an event-invoke configuration", list(INVOKERS)
        )

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if resource.kind == "aws_sns_topic_subscription" and resource.get("protocol") != "lambda":
            raise NotConcerned
        targets = _targets(plan, resource)
        if not targets:
            raise NotConcerned
        for target in sorted(targets, key=lambda one: (one.function.address, one.qualifier)):
            yield from _problems_of(plan, resource, target)


def _targets(plan: Plan, resource: Resource) -> set[Invoked]:
    """The functions that a resource invokes. Raises NotYetKnown."""
    argument, inner = INVOKERS[resource.kind]
    found: set[Invoked] = set()
    named = list(_named(resource, argument, inner))
    if hidden := named.count(None):
        by_reference = invoked_by_reference(plan, resource, argument)
        others = {r.kind for r in plan.mentioned(resource, argument)} - {"aws_iam_role"}
        if len(by_reference) > hidden or not (by_reference or others):
            raise NotYetKnown(f"{argument} of {resource.address} is not known before apply, nor whom it refers to")
        found |= by_reference
    for value in filter(None, named):
        if ":lambda:" in value and ":function:" in value:
            found.add(invoked(plan, value, resource.region, f"{argument} of {resource.address} is {value!r}"))
    return found


def _named(resource: Resource, argument: str, inner: str) -> Iterator[str | None]:
    """Whom a resource invokes, None for each that only the apply will know."""
    values, unknown = resource.values.get(argument), resource.unknown.get(argument)
    if not inner or unknown is True:
        yield None if unknown is True else str(values or "")
        return
    for n, block in enumerate(values or ()):
        unknowns = unknown[n] if isinstance(unknown, list) and n < len(unknown) else {}
        yield None if unknowns is True or unknowns.get(inner) else str(block.get(inner) or "")


def _problems_of(plan: Plan, resource: Resource, target: Invoked) -> Iterator[str]:
    config = _config(plan, target)
    called = f"{target.function.address}{f' by {target.qualifier!r}' if target.qualifier else ' unqualified'}"
    advice = f"Add an {CONFIG} with {' and '.join(SAID)}"
    if config is None:
        where = f"qualifier {target.qualifier!r}" if target.qualifier else "no qualifier"
        yield f"{advice}, of that function with {where}: {resource.address} invokes {called}, and nobody waits."
        return
    for argument in SAID:
        if config.get(argument) is None or argument not in config.expressions:
            yield f"Set {argument} of {config.address}: Lambda's own is two more tries, for up to six hours."
            continue
        for policy in _policies(resource):
            said = policy.get(argument)
            if said is not None and int(said) != int(config.get(argument)):
                yield (
                    f"Say the same {argument} in {resource.address} ({said}) and {config.address} "
                    f"({config.get(argument)}): the first is of deliveries, the second of what is tried again."
                )


def _config(plan: Plan, target: Invoked) -> Resource | None:
    """The configuration that rules what invokes a target.

    Raises NotYetKnown if there seems to be none, but one that may.
    """
    unclear = None
    for config in plan.of(CONFIG):
        try:
            if qualified(plan, config, "qualifier") == target:
                return config
        except NotYetKnown as unknown:
            unclear = unknown
    if unclear:
        raise unclear
    return None


def _policies(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """What an invoker says of retries itself: a schedule's target, or one of EventBridge."""
    for target in resource.values.get("target") or [resource.values]:
        yield from target.get("retry_policy") or ()


check = EventInvokeConfig()
