"""CKV_SLUICE_8: a message is not given up because of receives that its consumer never saw."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import QUEUE, source
from sluice_pipeline.rule import Rule


class Receives(Rule):
    def __init__(self) -> None:
        super().__init__(8, "A message is received at least 5 times before it is a dead letter", [QUEUE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        holder, argument = source(plan, resource)
        receives = int((holder.document(argument) or {}).get("maxReceiveCount", 0))
        if receives < 5:
            yield (
                f"Raise maxReceiveCount in {holder.address} from {receives} to 5 or more: "
                "throttled and lost receives count too."
            )


check = Receives()
