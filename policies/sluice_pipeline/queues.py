"""What several rules ask of a plan: who consumes which queue, and where its dead letters go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource, identifies

MAPPING = "aws_lambda_event_source_mapping"
QUEUE = "aws_sqs_queue"
FUNCTION = "aws_lambda_function"
ALARM = "aws_cloudwatch_metric_alarm"


def require_queue(plan: Plan, mapping: Resource) -> None:
    """Raises NotConcerned where a mapping reads something else than SQS, NotYetKnown where the plan does not tell."""
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
    for function in plan.of(FUNCTION):
        if identifies(bare, function):
            return function
    raise NotYetKnown(f"function {bare} is not in this plan")


def function_and_qualifier(named: str) -> tuple[str, str]:
    """("write", "live") of `write:live` or of an ARN that ends so; the qualifier is empty where there is none."""
    name = re.sub(r"^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?", "", named)
    bare, _, qualifier = name.partition(":")
    return bare, qualifier


def consumed(plan: Plan, queue: Resource) -> list[Resource]:
    """The mappings that read a queue. Raises NotYetKnown if there seems to be none, but one cannot be read."""
    return plan.about(queue, MAPPING, "event_source_arn")


def redrive(plan: Plan, queue: Resource) -> tuple[Resource, str] | None:
    """The resource and its argument that hold a queue's redrive policy; None if it has none. Raises NotYetKnown."""
    if "redrive_policy" in queue.expressions and (_is_unknown(queue, "redrive_policy") or queue.get("redrive_policy")):
        return queue, "redrive_policy"
    apart = plan.about(queue, "aws_sqs_queue_redrive_policy", "queue_url")
    return (apart[0], "redrive_policy") if apart else None


def source(plan: Plan, queue: Resource) -> tuple[Resource, str]:
    """The same of a queue that must have one. Raises NotConcerned where it has none: another rule says so."""
    found = redrive(plan, queue)
    if found is None:
        raise NotConcerned
    return found


def dead_letter(plan: Plan, holder: Resource, argument: str) -> Resource:
    """The dead-letter queue that a redrive policy names. Raises NotYetKnown."""
    if _is_unknown(holder, argument):
        return plan.named(holder, argument, QUEUE)
    target = str((holder.document(argument) or {}).get("deadLetterTargetArn"))
    for queue in plan.of(QUEUE):
        if identifies(target, queue):
            return queue
    raise NotYetKnown(f"dead-letter queue {target} is not in this plan")


def dead_letter_sources(plan: Plan, queue: Resource) -> list[Resource]:
    """The queues whose dead letters go to `queue`. Those whose redrive the plan does not tell are left out: rules on them say so."""
    found = []
    for other in plan.of(QUEUE):
        try:
            held = redrive(plan, other)
            if held and dead_letter(plan, *held) == queue:
                found.append(other)
        except NotYetKnown:
            continue
    return found


def watched(plan: Plan, queue: Resource, metric: str) -> bool:
    """Whether an alarm that is on watches a metric of a queue. Raises NotYetKnown if there seems to be none, but one cannot be read."""
    unclear = None
    for alarm in plan.of(ALARM):
        if alarm.values.get("actions_enabled") is False:
            continue
        for name, dimensions in metrics(alarm):
            if name != metric:
                continue
            if identifies(str(dimensions.get("QueueName", "")), queue) or queue in _dimensioned(plan, alarm):
                return True
            if "QueueName" not in dimensions and not _dimensioned(plan, alarm):
                unclear = NotYetKnown(f"which queue {alarm.address} watches is not known before apply")
    if unclear:
        raise unclear
    return False


def metrics(alarm: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and known dimensions of each metric that an alarm reads, those of metric math too."""
    if alarm.values.get("metric_name"):
        yield alarm.values["metric_name"], alarm.values.get("dimensions") or {}
    for query in alarm.values.get("metric_query") or ():
        for metric in query.get("metric") or ():
            yield metric.get("metric_name", ""), metric.get("dimensions") or {}


def _dimensioned(plan: Plan, alarm: Resource) -> set[Resource]:
    return {r for key in ("dimensions", "metric_query") if _is_unknown(alarm, key) for r in plan.mentioned(alarm, key)}


def _is_unknown(resource: Resource, argument: str) -> bool:
    try:
        resource.get(argument)
    except NotYetKnown:
        return True
    return False
