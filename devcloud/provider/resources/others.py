"""What is left of the types that must run: log groups, buckets, schedules."""

from typing import Any

from devcloud.provider.connection import Connection, RefusedError
from devcloud.provider.resources.base import Handler, fields, first, found, names
from devcloud.provider.resources.record import given_name
from devcloud.provider.values import UNKNOWN, Value


class LogGroup(Handler):
    """aws_cloudwatch_log_group, with its retention."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = given_name(value)
        connection.client("logs").create_log_group(logGroupName=name)
        return self.update(connection, value, {"name": name})

    def read(self, connection: Connection, state: Value) -> Value | None:
        groups = connection.client("logs").describe_log_groups(logGroupNamePrefix=state["name"])["logGroups"]
        retained = [group.get("retentionInDays", 0) for group in groups if group["logGroupName"] == state["name"]]
        return {"retention_in_days": retained[0]} if retained else None

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        client, name = connection.client("logs"), prior["name"]
        if value["retention_in_days"]:
            client.put_retention_policy(logGroupName=name, retentionInDays=value["retention_in_days"])
        else:
            client.delete_retention_policy(logGroupName=name)
        return {"id": name, "name": name, "arn": connection.arn("logs", f"log-group:{name}"), "log_group_class": "STANDARD"}

    def delete(self, connection: Connection, state: Value) -> None:
        if not state.get("skip_destroy"):
            connection.client("logs").delete_log_group(logGroupName=state["name"])


class Bucket(Handler):
    """aws_s3_bucket itself; its policy, encryption and the like are types of their own, and recorded only."""

    def create(self, connection: Connection, value: Value) -> Value:
        name, region = given_name(value, "bucket"), connection.region
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        connection.client("s3").create_bucket(Bucket=name, **place)
        return {
            "id": name,
            "bucket": name,
            "arn": f"arn:{connection.partition}:s3:::{name}",
            "bucket_domain_name": f"{name}.s3.amazonaws.com",
            "bucket_regional_domain_name": f"{name}.s3.{region}.amazonaws.com",
            "bucket_region": region,
            "bucket_namespace": "global",
            "object_lock_enabled": False,
            "request_payer": "BucketOwner",
        }

    def read(self, connection: Connection, state: Value) -> Value:
        connection.client("s3").head_bucket(Bucket=state["bucket"])
        return state

    def update(self, _connection: Connection, _value: Value, prior: Value) -> Value:
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        client, bucket = connection.client("s3"), state["bucket"]
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if not state.get("force_destroy"):
                    raise RefusedError(f"Bucket {bucket} is not empty", "Empty it, or apply `force_destroy = true` first.")
                client.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
        client.delete_bucket(Bucket=bucket)


class Versioning(Handler):
    """aws_s3_bucket_versioning."""

    def create(self, connection: Connection, value: Value) -> Value:
        status = first(value, "versioning_configuration")["status"]
        connection.client("s3").put_bucket_versioning(Bucket=value["bucket"], VersioningConfiguration={"Status": status})
        return {"id": value["bucket"]}

    def read(self, connection: Connection, state: Value) -> Value:
        status = connection.client("s3").get_bucket_versioning(Bucket=state["bucket"]).get("Status", "Disabled")
        return {"versioning_configuration": [{**first(state, "versioning_configuration"), "status": status}]}

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("s3").put_bucket_versioning(Bucket=state["bucket"], VersioningConfiguration={"Status": "Suspended"})


_SCHEDULE = names("description schedule_expression schedule_expression_timezone state")


class Schedule(Handler):
    """aws_scheduler_schedule, with the target's input, role, retries, message group and dead-letter queue."""

    def create(self, connection: Connection, value: Value) -> Value:
        name, group = given_name(value), "default" if value["group_name"] is UNKNOWN else value["group_name"]
        answer = connection.client("scheduler").create_schedule(Name=name, GroupName=group, **self._request(value))
        return {"id": f"{group}/{name}", "name": name, "group_name": group, "arn": answer["ScheduleArn"], "action_after_completion": "NONE"}

    def read(self, connection: Connection, state: Value) -> Value:
        return found(connection.client("scheduler").get_schedule(**self._identity(state)), _SCHEDULE)

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
        target = first(value, "target")
        blocks = {
            "RetryPolicy": fields(first(target, "retry_policy"), names("maximum_event_age_in_seconds maximum_retry_attempts")),
            "DeadLetterConfig": fields(first(target, "dead_letter_config"), names("arn")),
            "SqsParameters": fields(first(target, "sqs_parameters"), names("message_group_id")),
        }
        return {
            **fields(value, _SCHEDULE),
            "FlexibleTimeWindow": fields(first(value, "flexible_time_window"), names("mode maximum_window_in_minutes")),
            "Target": {**fields(target, names("arn role_arn input")), **{name: block for name, block in blocks.items() if block}},
        }


class ScheduleGroup(Handler):
    """aws_scheduler_schedule_group."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = given_name(value)
        arn = connection.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
        return {"id": name, "name": name, "arn": arn, "state": "ACTIVE"}

    def read(self, connection: Connection, state: Value) -> Value:
        connection.client("scheduler").get_schedule_group(Name=state["name"])
        return state

    def update(self, _connection: Connection, _value: Value, prior: Value) -> Value:
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("scheduler").delete_schedule_group(Name=state["name"])


_NOTIFICATION = names("notification_type comparison_operator threshold threshold_type")


class Budget(Handler):
    """aws_budgets_budget of a fixed amount, with its notifications; the emulator knows no bill, so none is ever sent."""

    def create(self, connection: Connection, value: Value) -> Value:
        learned = super().create(connection, value) | {"account_id": connection.account}
        connection.client("budgets").create_budget(
            AccountId=connection.account, Budget=self._budget(learned), NotificationsWithSubscribers=self._notifications(value)
        )
        return learned | {"id": f"{connection.account}:{learned['name']}"}

    def read(self, connection: Connection, state: Value) -> Value:
        budget = connection.client("budgets").describe_budget(AccountId=connection.account, BudgetName=state["name"])["Budget"]
        limit = budget["BudgetLimit"]
        return {"limit_amount": limit["Amount"], "limit_unit": limit["Unit"], **found(budget, names("budget_type time_unit"))}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self.delete(connection, prior)
        return self.create(connection, value)

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("budgets").delete_budget(AccountId=connection.account, BudgetName=state["name"])

    @staticmethod
    def _budget(value: Value) -> dict[str, Any]:
        limit = {"Amount": value["limit_amount"], "Unit": value["limit_unit"]}
        return {"BudgetName": value["name"], "BudgetLimit": limit, **fields(value, names("budget_type time_unit"))}

    @staticmethod
    def _notifications(value: Value) -> list[dict[str, Any]]:
        return [
            {
                "Notification": fields(block, _NOTIFICATION),
                "Subscribers": [
                    {"SubscriptionType": kind, "Address": address}
                    for kind, attribute in (("EMAIL", "subscriber_email_addresses"), ("SNS", "subscriber_sns_topic_arns"))
                    for address in block.get(attribute) or ()
                ],
            }
            for block in value.get("notification") or ()
        ]


HANDLERS: dict[str, Handler] = {
    "aws_cloudwatch_log_group": LogGroup(),
    "aws_s3_bucket": Bucket(),
    "aws_s3_bucket_versioning": Versioning(),
    "aws_budgets_budget": Budget("aws_budgets_budget"),
    "aws_scheduler_schedule": Schedule(),
    "aws_scheduler_schedule_group": ScheduleGroup(),
}
