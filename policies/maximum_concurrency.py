"""CKV_SLUICE_3: a burst in one queue cannot take the account's concurrency."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import MAPPING, maximum, require_queue
from sluice_pipeline.rule import Rule


class MaximumConcurrency(Rule):
    def __init__(self) -> None:
        super().__init__(3, "The mapping has a maximum concurrency", [MAPPING])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        if maximum(resource) is None:
            yield (
                "Set scaling_config { maximum_concurrency = … } (2 to 1000): "
                "without it one queue may take the whole account's."
            )


check = MaximumConcurrency()
