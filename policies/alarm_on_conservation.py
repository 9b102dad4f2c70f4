"""CKV_SLUICE_11: somebody hears when what went in does not come out, though every part says it is well."""

import os
from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.queues import ALARM, MAPPING, metrics, require_queue
from sluice_pipeline.rule import Rule


class AlarmOnConservation(Rule):
    def __init__(self) -> None:
        super().__init__(11, "The pipeline has an alarm on conservation (SLUICE_CONSERVATION_METRICS)", [MAPPING])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        wanted = os.environ.get("SLUICE_CONSERVATION_METRICS", "WitnessesMissing").split(",")
        alarms = (alarm for alarm in plan.of(ALARM) if alarm.values.get("actions_enabled") is not False)
        if not any(name in wanted for alarm in alarms for name, _ in metrics(alarm)):
            yield (
                "Compare what the pipeline accepted with what it settled, and add an alarm on the difference: "
                f"a metric named {' or '.join(wanted)} (name yours in SLUICE_CONSERVATION_METRICS)."
            )


check = AlarmOnConservation()
