"""CKV_SLUICE_10: somebody hears of dead letters before they expire."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, Plan, Resource
from sluice_pipeline.queues import QUEUE, dead_letter_sources, retention, unheard
from sluice_pipeline.rule import Rule


class AlarmOnDeadLetters(Rule):
    def __init__(self) -> None:
        super().__init__(10, "An alarm watches for messages in a dead-letter queue", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if not dead_letter_sources(plan, resource):
            raise NotConcerned
        half = retention(resource) / 2  # the rest is for who must look
        silent = unheard(plan, resource, "ApproximateNumberOfMessagesVisible", at=1, seconds=half)
        if silent is not None:
            advice = (
                "Add an aws_cloudwatch_metric_alarm on AWS/SQS ApproximateNumberOfMessagesVisible "
                "with this queue's name as QueueName, which rings at one message (above 0)."
            )
            yield " ".join([advice, *silent])


check = AlarmOnDeadLetters()
