"""CKV_SLUICE_2: one bad message does not bring its whole batch back."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import MAPPING, require_queue
from sluice_pipeline.rule import Rule


class PartialBatches(Rule):
    def __init__(self) -> None:
        super().__init__(2, "The mapping takes partial batch responses", [MAPPING])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        if "ReportBatchItemFailures" not in resource.get("function_response_types", []):
            yield (
                'Set function_response_types = ["ReportBatchItemFailures"], '
                "and let the function return batchItemFailures."
            )


check = PartialBatches()
