"""CKV_SLUICE_6: what cannot be worked off is kept, and can be sent back."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, Plan, Resource
from sluice_pipeline.queues import QUEUE, consumed, dead_letter, dead_letter_sources, redrive
from sluice_pipeline.rule import Rule


class DeadLetterQueue(Rule):
    def __init__(self) -> None:
        super().__init__(6, "A consumed queue has a dead-letter queue of its own kind", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        policy = redrive(plan, resource)
        if policy is None:
            if dead_letter_sources(plan, resource) or not consumed(plan, resource):
                raise NotConcerned
            yield (
                "Give it a dead-letter queue (aws_sqs_queue_redrive_policy): "
                "without one a bad message comes back until it expires."
            )
            return
        target = dead_letter(plan, *policy)
        if bool(target.get("fifo_queue")) != bool(resource.get("fifo_queue")):
            kind = "FIFO" if resource.get("fifo_queue") else "standard"
            yield f"Make {target.address} a {kind} queue as its source is: SQS refuses the redrive policy otherwise."


check = DeadLetterQueue()
