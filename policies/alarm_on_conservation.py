"""CKV_SLUICE_11: somebody hears when what went in does not come out, though every part says it is
well.
"""

import os
from collections.abc import Iterator

from sluice_pipeline.alarms import heard, why_silent
from sluice_pipeline.plan import NotYetKnown, Plan, Resource
from sluice_pipeline.queues import MAPPING, require_queue
from sluice_pipeline.rule import Rule

A_DAY = 86400


class AlarmOnConservation(Rule):
    def __init__(self) -> None:
        super().__init__(11, "The pipeline has an alarm on conservation (SLUICE_CONSERVATION_METRICS)", [MAPPING])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        wanted = os.environ.get("SLUICE_CONSERVATION_METRICS", "WitnessesMissing").split(",")
        silent, unclear = [], None
        for alarm, series in heard(plan):
            if series.name not in wanted:
                continue
            try:
                why = why_silent(alarm, series, at=1, seconds=A_DAY)
            except NotYetKnown as unknown:
                unclear = unknown
                continue
            if not why:
                return
            silent.append(f"{alarm.address} does not count: {why}.")
        if unclear:
            raise unclear
        advice = (
            "Compare what the pipeline accepted with what it settled, and add an alarm on the difference, which "
            "rings at 1: Sluice's module conservation has both, the comparing function and its metrics; or a metric "
            f"of your own, named {' or '.join(wanted)} (name it in SLUICE_CONSERVATION_METRICS)."
        )
        yield " ".join([advice, *silent])


check = AlarmOnConservation()
