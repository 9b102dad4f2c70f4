"""CKV_SLUICE_9: somebody hears of a queue that is not worked off."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, Plan, Resource
from sluice_pipeline.queues import QUEUE, consumed, retention, unheard
from sluice_pipeline.rule import Rule


class AlarmOnAge(Rule):
    def __init__(self) -> None:
        super().__init__(9, "An alarm watches the age of a consumed queue's oldest message", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if not consumed(plan, resource):
            raise NotConcerned
        half = retention(resource) / 2  # after that a message is lost sooner than it has waited
        silent = unheard(plan, resource, "ApproximateAgeOfOldestMessage", at=half, seconds=half)
        if silent is not None:
            advice = (
                "Add an aws_cloudwatch_metric_alarm on AWS/SQS ApproximateAgeOfOldestMessage with this queue's "
                f"name as QueueName, which rings at {half:g} s or before: half of the time it is kept."
            )
            yield " ".join([advice, *silent])


check = AlarmOnAge()
