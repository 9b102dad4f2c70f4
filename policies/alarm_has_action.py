"""CKV_SLUICE_18: an alarm that rings tells somebody."""

from collections.abc import Iterator

from sluice_pipeline.alarms import ALARM, COMPOSITE
from sluice_pipeline.plan import Plan, Resource, is_unknown
from sluice_pipeline.rule import Rule

# what emulators call the account that they are: nobody is on call for it
NOBODYS = {"000000000000"}


class AlarmHasAction(Rule):
    def __init__(self) -> None:
        super().__init__(18, "An alarm has an action, in an account that is for people", [ALARM, COMPOSITE])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        if plan.accounts and plan.accounts <= NOBODYS:
            return
        if _acts(resource) or any(_acts(other) for other in _made_of(plan, resource)):
            return
        off = resource.values.get("actions_enabled") is False
        yield (
            "Set actions_enabled = true, or leave it out: its actions are off."
            if off
            else "Give alarm_actions the ARN of an SNS topic that somebody hears, or of whatever acts on it."
        )


def _acts(alarm: Resource) -> bool:
    """Raises NotYetKnown where it depends on what only the apply will know."""
    if alarm.get("actions_enabled") is False:
        return False
    actions = alarm.values.get("alarm_actions")
    # an ARN that the apply makes is an action all the same
    return bool(actions) if isinstance(actions, list) else bool(alarm.get("alarm_actions"))


def _made_of(plan: Plan, alarm: Resource) -> Iterator[Resource]:
    """The composite alarms that ring by this one."""
    name = str(alarm.get("alarm_name"))
    for other in plan.of(COMPOSITE):
        if is_unknown(other, "alarm_rule"):
            found = alarm in plan.mentioned(other, "alarm_rule")
        else:
            found = f'"{name}"' in str(other.get("alarm_rule")) or f"({name})" in str(other.get("alarm_rule"))
        if found:
            yield other


check = AlarmHasAction()
