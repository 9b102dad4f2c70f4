"""CKV_SLUICE_1: a batch that may still be worked on is not given to a second worker."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import MAPPING, QUEUE, consumer, require_queue
from sluice_pipeline.rule import Rule


class Visibility(Rule):
    def __init__(self) -> None:
        super().__init__(1, "The queue's visibility is at least 6 x its consumer's timeout + the batching window", [MAPPING])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        queue = plan.named(resource, "event_source_arn", QUEUE)
        timeout = consumer(plan, resource).get("timeout", 3)
        window = resource.get("maximum_batching_window_in_seconds", 0)
        visibility, least = queue.get("visibility_timeout_seconds", 30), 6 * timeout + window
        if visibility < least:
            yield f"Raise visibility_timeout_seconds of {queue.address} from {visibility} to {least} (6 x {timeout} + {window}) or more."


check = Visibility()
