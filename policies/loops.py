"""CKV_SLUICE_17: a loop through queues is one that is meant."""

from collections.abc import Iterator

from sluice_pipeline.functions import reached, ways
from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource
from sluice_pipeline.queues import FUNCTION, consumer, mappings
from sluice_pipeline.rule import Rule

CONFIG = "aws_lambda_function_recursion_config"


class Loops(Rule):
    def __init__(self) -> None:
        super().__init__(17, "A function that its own messages lead back to says so", [FUNCTION])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if not any(_consumes(plan, mapping, resource) for mapping in mappings(plan)):
            raise NotConcerned
        between = ways(plan)
        known = reached(resource, between.known)
        if resource in known:
            configs = plan.about(resource, CONFIG, "function_name")
            if not any(config.get("recursive_loop") == "Allow" for config in configs):
                others = ", ".join(sorted(r.address for r in known if resource in reached(r, between.known)))
                yield (
                    f"Break the loop of messages ({others}), or give it an end of its own and add an {CONFIG} with "
                    'recursive_loop = "Allow": Lambda stops a chain of about 16 invocations, and drops its message.'
                )
            return
        either = {function: known | between.possible[function] for function, known in between.known.items()}
        if resource in reached(resource, either):
            unclear = next(between.unclear[r] for r in [resource, *reached(resource, either)] if r in between.unclear)
            raise NotYetKnown(f"whether messages lead back to {resource.address}: {unclear}")


def _consumes(plan: Plan, mapping: Resource, function: Resource) -> bool:
    try:
        return consumer(plan, mapping) == function
    except NotYetKnown:
        return False


check = Loops()
