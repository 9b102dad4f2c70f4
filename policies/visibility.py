"""CKV_SLUICE_1: a batch that may still be worked on is not given to a second worker."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotYetKnown, Plan, Resource
from sluice_pipeline.queues import MAPPING, QUEUE, consumer, require_queue
from sluice_pipeline.rule import Rule


class Visibility(Rule):
    def __init__(self) -> None:
        super().__init__(
            1, "The queue's visibility is at least 6 x its consumer's timeout + the batching window", [MAPPING]
        )

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        queue = plan.named(resource, "event_source_arn", QUEUE)
        window, visibility = (
            resource.get("maximum_batching_window_in_seconds", 0),
            queue.get("visibility_timeout_seconds", 30),
        )
        try:
            timeout = consumer(plan, resource).get("timeout", 3)
        except NotYetKnown:
            timeout = 1  # the least that there is
            if visibility >= 6 * timeout + window:
                raise
        least = 6 * timeout + window
        if visibility < least:
            yield (
                f"Raise visibility_timeout_seconds of {queue.address} "
                f"from {visibility} to {least} (6 x {timeout} + {window}) or more."
            )


check = Visibility()
