"""EventBridge Scheduler: schedules and their groups."""

from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, first_block, from_answer, parameter_names, to_parameters
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import UNKNOWN, Value

_SCHEDULE = parameter_names("description schedule_expression schedule_expression_timezone state")


class _Schedule(Handler):
    """aws_scheduler_schedule.

    With the target's input, role, retries, message group and dead-letter queue.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        name, group = resource_name(value), "default" if value["group_name"] is UNKNOWN else value["group_name"]
        answer = connection.client("scheduler").create_schedule(Name=name, GroupName=group, **self._request(value))
        return {
            "id": f"{group}/{name}",
            "name": name,
            "group_name": group,
            "arn": answer["ScheduleArn"],
            "action_after_completion": "NONE",
        }

    def read(self, connection: Connection, state: Value) -> Value:
        return from_answer(connection.client("scheduler").get_schedule(**self._identity(state)), _SCHEDULE)

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        connection.client("scheduler").update_schedule(**self._identity(prior), **self._request(value))
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("scheduler").delete_schedule(**self._identity(state))

    @staticmethod
    def _identity(state: Value) -> dict[str, str]:
        return {"Name": state["name"], "GroupName": state["group_name"]}

    @staticmethod
    def _request(value: Value) -> dict[str, Any]:
        target = first_block(value, "target")
        blocks = {
            "RetryPolicy": to_parameters(
                first_block(target, "retry_policy"),
                parameter_names("maximum_event_age_in_seconds maximum_retry_attempts"),
            ),
            "DeadLetterConfig": to_parameters(first_block(target, "dead_letter_config"), parameter_names("arn")),
            "SqsParameters": to_parameters(first_block(target, "sqs_parameters"), parameter_names("message_group_id")),
        }
        return {
            **to_parameters(value, _SCHEDULE),
            "FlexibleTimeWindow": to_parameters(
                first_block(value, "flexible_time_window"), parameter_names("mode maximum_window_in_minutes")
            ),
            "Target": {
                **to_parameters(target, parameter_names("arn role_arn input")),
                **{name: block for name, block in blocks.items() if block},
            },
        }


class _ScheduleGroup(Handler):
    """aws_scheduler_schedule_group."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = resource_name(value)
        arn = connection.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
        return {"id": name, "name": name, "arn": arn, "state": "ACTIVE"}

    def read(self, connection: Connection, state: Value) -> Value:
        connection.client("scheduler").get_schedule_group(Name=state["name"])
        return state

    def update(self, _connection: Connection, _value: Value, prior: Value) -> Value:
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("scheduler").delete_schedule_group(Name=state["name"])


HANDLERS: dict[str, Handler] = {
    "aws_scheduler_schedule": _Schedule(),
    "aws_scheduler_schedule_group": _ScheduleGroup(),
}
