"""CKV_SLUICE_5: pollers do not fetch what the function is then refused to run; such messages end as
dead letters without a log line.
"""

from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource
from sluice_pipeline.queues import FUNCTION, consumer, mappings, maximum
from sluice_pipeline.rule import Rule


class ReservedConcurrency(Rule):
    def __init__(self) -> None:
        super().__init__(5, "No reserved concurrency throttles a queue's consumer", [FUNCTION])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        reserved = int(resource.get("reserved_concurrent_executions", -1))
        consumes, unclear = [], None
        for mapping in mappings(plan):
            try:
                if consumer(plan, mapping) == resource:
                    consumes.append(mapping)
            except NotYetKnown as unknown:
                unclear = unknown
        if not consumes:
            if unclear and reserved >= 0:
                raise unclear
            raise NotConcerned
        maxima = [maximum(mapping) for mapping in consumes]
        if reserved >= 0 and (None in maxima or reserved < sum(m or 0 for m in maxima)):
            yield (
                f"Remove reserved_concurrent_executions = {reserved}, or raise it to the sum of the mappings' maxima: "
                "limit a consumer by maximum_concurrency of its mapping."
            )


check = ReservedConcurrency()
