"""What several rules ask of a plan: who consumes which queue, and where its dead letters go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluice_pipeline.alarms import heard, why_silent
from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource, identifies, is_unknown

MAPPING = "aws_lambda_event_source_mapping"
QUEUE = "aws_sqs_queue"
FUNCTION = "aws_lambda_function"
FOUR_DAYS = 345600  # how long SQS keeps a message where nobody says


def require_queue(plan: Plan, mapping: Resource) -> None:
    """Raises NotConcerned where a mapping reads something else than SQS, NotYetKnown where the plan
    does not tell.
    """
    try:
        if ":sqs:" in str(mapping.get("event_source_arn", "")):
            return
    except NotYetKnown:
        kinds = {source.kind for source in plan.mentioned(mapping, "event_source_arn")}
        if QUEUE in kinds:
            return
        if not kinds and not mapping.values.get("starting_position"):
            raise
    raise NotConcerned


def mappings(plan: Plan) -> Iterator[Resource]:
    """The mappings that read a queue, and those of which the plan does not tell."""
    for mapping in plan.of(MAPPING):
        try:
            require_queue(plan, mapping)
        except NotYetKnown:
            pass
        except NotConcerned:
            continue
        yield mapping


def retention(queue: Resource) -> int:
    """For how many seconds a queue keeps a message. Raises NotYetKnown."""
    return int(queue.get("message_retention_seconds", FOUR_DAYS))


def maximum(mapping: Resource) -> int | None:
    """A mapping's maximum concurrency, None where it has none. Raises NotYetKnown."""
    for block in mapping.get("scaling_config", []):
        if block.get("maximum_concurrency"):
            return int(block["maximum_concurrency"])
    return None


def consumer(plan: Plan, mapping: Resource) -> Resource:
    """The function that a mapping invokes. Raises NotYetKnown."""
    try:
        named = str(mapping.get("function_name"))
    except NotYetKnown as unknown:
        found = plan.mentioned(mapping, "function_name")
        functions = {plan.named(r, "function_name", FUNCTION) if r.kind == "aws_lambda_alias" else r for r in found}
        functions = {r for r in functions if r.kind == FUNCTION}
        if len(functions) != 1:
            raise NotYetKnown(f"{unknown}, nor which function it refers to") from None
        return functions.pop()
    bare = function_and_qualifier(named)[0]
    return plan.meant(bare, FUNCTION, mapping.region, f"function_name of {mapping.address} is {named!r}")


def function_and_qualifier(named: str) -> tuple[str, str]:
    """("write", "live") of `write:live`, or the ARN without its qualifier and that; the qualifier
    is empty where there is none.
    """
    before = re.match(r"(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?", named)
    start = before.end() if before else 0
    name, _, qualifier = named[start:].partition(":")
    return named[:start] + name, qualifier


def consumed(plan: Plan, queue: Resource) -> list[Resource]:
    """The mappings that read a queue.

    Raises NotYetKnown if there seems to be none, but one cannot be read.
    """
    return plan.about(queue, MAPPING, "event_source_arn")


def redrive(plan: Plan, queue: Resource) -> tuple[Resource, str] | None:
    """The resource and its argument that hold a queue's redrive policy; None if it has none.

    Raises NotYetKnown.
    """
    if "redrive_policy" in queue.expressions and (is_unknown(queue, "redrive_policy") or queue.get("redrive_policy")):
        return queue, "redrive_policy"
    apart = plan.about(queue, "aws_sqs_queue_redrive_policy", "queue_url")
    return (apart[0], "redrive_policy") if apart else None


def source(plan: Plan, queue: Resource) -> tuple[Resource, str]:
    """The same of a queue that must have one.

    Raises NotConcerned where it has none: another rule says so.
    """
    policy = redrive(plan, queue)
    if policy is None:
        raise NotConcerned
    return policy


def dead_letter(plan: Plan, holder: Resource, argument: str) -> Resource:
    """The dead-letter queue that a redrive policy names. Raises NotYetKnown."""
    if is_unknown(holder, argument):
        return plan.named(holder, argument, QUEUE)
    target = str((holder.document(argument) or {}).get("deadLetterTargetArn"))
    return plan.meant(target, QUEUE, holder.region, f"the dead-letter queue in {holder.address} is {target!r}")


def dead_letter_sources(plan: Plan, queue: Resource) -> list[Resource]:
    """The queues whose dead letters go to `queue`.

    Those whose redrive the plan does not tell are left out: rules on them say so.
    """
    found = []
    for other in plan.of(QUEUE):
        try:
            policy = redrive(plan, other)
            if policy and dead_letter(plan, *policy) == queue:
                found.append(other)
        except NotYetKnown:
            continue
    return found


def unheard(plan: Plan, queue: Resource, metric: str, *, at: float, seconds: float) -> list[str] | None:
    """Why no alarm tells within `seconds` that a queue's metric has reached `at`, alarm by alarm;
    None where one does.

    Raises NotYetKnown if there seems to be none, but one cannot be read.
    """
    reasons: list[str] = []
    unclear = None
    for alarm, series in heard(plan):
        if series.name != metric or series.namespace not in ("", "AWS/SQS") or set(series.dimensions) - {"QueueName"}:
            continue
        name, mentioned = series.dimensions.get("QueueName"), _dimensioned(plan, alarm)
        if name is None and not mentioned:
            unclear = NotYetKnown(f"which queue {alarm.address} watches is not known before apply")
        elif queue in mentioned or (name and identifies(str(name), queue, alarm.region)):
            try:
                why = why_silent(alarm, series, at=at, seconds=seconds)
            except NotYetKnown as unknown:
                unclear = unknown
                continue
            if not why:
                return None
            reasons.append(f"{alarm.address} does not count: {why}.")
    if unclear:
        raise unclear
    return reasons


def _dimensioned(plan: Plan, alarm: Resource) -> set[Resource]:
    return {r for key in ("dimensions", "metric_query") if is_unknown(alarm, key) for r in plan.mentioned(alarm, key)}
