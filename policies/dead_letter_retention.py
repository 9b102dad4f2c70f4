"""CKV_SLUICE_7: a dead letter does not expire sooner than it would have in its queue."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import QUEUE, dead_letter, retention, source
from sluice_pipeline.rule import Rule


class DeadLetterRetention(Rule):
    def __init__(self) -> None:
        super().__init__(7, "The dead-letter queue's retention is not shorter than its source's", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        target = dead_letter(plan, *source(plan, resource))
        kept, least = (retention(queue) for queue in (target, resource))
        if kept < least:
            yield (
                f"Raise message_retention_seconds of {target.address} from {kept} to {least} or more, "
                "best 1209600 (14 days)."
            )


check = DeadLetterRetention()
