"""CKV_SLUICE_9: somebody hears of a queue that is not worked off."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, Plan, Resource
from sluice_pipeline.queues import QUEUE, consumed, watched
from sluice_pipeline.rule import Rule


class AlarmOnAge(Rule):
    def __init__(self) -> None:
        super().__init__(9, "An alarm watches the age of a consumed queue's oldest message", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if not consumed(plan, resource):
            raise NotConcerned
        if not watched(plan, resource, "ApproximateAgeOfOldestMessage"):
            yield "Add an aws_cloudwatch_metric_alarm on AWS/SQS ApproximateAgeOfOldestMessage with this queue's name as QueueName."


check = AlarmOnAge()
