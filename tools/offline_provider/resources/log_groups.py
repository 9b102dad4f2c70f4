"""CloudWatch log groups."""

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import Value


class _LogGroup(Handler):
    """aws_cloudwatch_log_group, with its retention."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = resource_name(value)
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
        return {
            "id": name,
            "name": name,
            "arn": connection.arn("logs", f"log-group:{name}"),
            "log_group_class": "STANDARD",
        }

    def delete(self, connection: Connection, state: Value) -> None:
        if not state.get("skip_destroy"):
            connection.client("logs").delete_log_group(logGroupName=state["name"])


HANDLERS: dict[str, Handler] = {
    "aws_cloudwatch_log_group": _LogGroup(),
}
