"""DynamoDB tables."""

from typing import Any

from tools.offline_provider.connection import Connection, RefusedError
from tools.offline_provider.resources.base import Handler, changes, first_block, parameter_names, to_parameters
from tools.offline_provider.values import UNKNOWN, Value

_STREAM = ("stream_enabled", "stream_view_type")
_CAPACITY = ("billing_mode", "read_capacity", "write_capacity")
_FIXED = ("attribute", "global_secondary_index", "local_secondary_index", "replica")


class _Table(Handler):
    """aws_dynamodb_table.

    Recorded only: warm and on-demand throughput, encryption keys, replicas, the length of the
    recovery period.
    """

    effects = (
        ("stream_enabled stream_view_type", "stream_arn stream_label"),
        ("billing_mode", "read_capacity write_capacity"),
    )

    def affected_by(self, changed: set[str], value: Value) -> set[str]:
        """As the effects say, but capacities change only when the table goes on demand."""
        affected = super().affected_by(changed, value)
        on_demand = value["billing_mode"] == "PAY_PER_REQUEST"
        return affected if on_demand else affected - {"read_capacity", "write_capacity"}

    def create(self, connection: Connection, value: Value) -> Value:
        client, name = connection.client("dynamodb"), value["name"]
        request: dict[str, Any] = {
            "TableName": name,
            "KeySchema": _keys(value),
            "AttributeDefinitions": [
                {"AttributeName": item["name"], "AttributeType": item["type"]} for item in value["attribute"]
            ],
            **_billing(value),
            **to_parameters(value, parameter_names("deletion_protection_enabled table_class")),
        }
        if value["global_secondary_index"]:
            request["GlobalSecondaryIndexes"] = [_index(item, value) for item in value["global_secondary_index"]]
        if value["local_secondary_index"]:
            hash_key = {"hash_key": value["hash_key"]}
            request["LocalSecondaryIndexes"] = [_index(item | hash_key, {}) for item in value["local_secondary_index"]]
        if value.get("stream_enabled"):
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": value["stream_view_type"]}
        client.create_table(**request)
        if first_block(value, "ttl"):
            self._expire(client, name, first_block(value, "ttl"))
        if first_block(value, "point_in_time_recovery").get("enabled"):
            self._recover(client, name, enabled=True)
        return self.read(connection, value)

    def read(self, connection: Connection, state: Value) -> Value:
        client = connection.client("dynamodb")
        table = client.describe_table(TableName=state["name"])["Table"]
        throughput, stream = table.get("ProvisionedThroughput", {}), table.get("StreamSpecification", {})
        mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        value: Value = {
            "id": table["TableName"],
            "arn": table["TableArn"],
            "billing_mode": mode,
            "read_capacity": throughput.get("ReadCapacityUnits", 0) if mode == "PROVISIONED" else 0,
            "write_capacity": throughput.get("WriteCapacityUnits", 0) if mode == "PROVISIONED" else 0,
            "deletion_protection_enabled": table.get("DeletionProtectionEnabled", False),
            "stream_arn": table.get("LatestStreamArn", ""),
            "stream_label": table.get("LatestStreamLabel", ""),
            "stream_enabled": stream.get("StreamEnabled", False),
            "stream_view_type": stream.get("StreamViewType", ""),
        }
        for key in table["KeySchema"]:
            value["hash_key" if key["KeyType"] == "HASH" else "range_key"] = key["AttributeName"]
        expiry = client.describe_time_to_live(TableName=state["name"])["TimeToLiveDescription"]
        if expiry.get("TimeToLiveStatus", "DISABLED").startswith("ENABL"):
            value["ttl"] = [{"enabled": True, "attribute_name": expiry.get("AttributeName", "")}]
        return value

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        client, name = connection.client("dynamodb"), value["name"]
        if fixed := changes(value, prior, _FIXED):
            raise RefusedError(
                f"The offline provider does not change {', '.join(sorted(fixed))} of the existing table {name}",
                "Destroy the local stack and apply it again; on AWS the real provider makes this change in place.",
            )
        changed = changes(value, prior, [*_CAPACITY, *_STREAM, "deletion_protection_enabled"])
        if changed & set(_CAPACITY):
            client.update_table(TableName=name, **_billing(value))
        if changed & set(_STREAM):
            kind = to_parameters(value, parameter_names("stream_view_type")) if value["stream_enabled"] else {}
            client.update_table(
                TableName=name, StreamSpecification={"StreamEnabled": bool(value["stream_enabled"]), **kind}
            )
        if "deletion_protection_enabled" in changed:
            client.update_table(TableName=name, DeletionProtectionEnabled=bool(value["deletion_protection_enabled"]))
        if changes(value, prior, ["ttl"]):
            self._expire(client, name, first_block(value, "ttl") or {**first_block(prior, "ttl"), "enabled": False})
        if changes(value, prior, ["point_in_time_recovery"]):
            self._recover(client, name, enabled=bool(first_block(value, "point_in_time_recovery").get("enabled")))
        return self.read(connection, value)

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("dynamodb").delete_table(TableName=state["name"])

    @staticmethod
    def _expire(client: Any, name: str, block: Value) -> None:
        wanted = {"Enabled": bool(block.get("enabled")), "AttributeName": block.get("attribute_name") or ""}
        now = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("TimeToLiveStatus", "DISABLED")
        if wanted["Enabled"] != now.startswith("ENABL"):
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)

    @staticmethod
    def _recover(client: Any, name: str, *, enabled: bool) -> None:
        client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
        )


def _keys(value: Value) -> list[dict[str, str]]:
    if value.get("key_schema"):
        return [{"AttributeName": key["attribute_name"], "KeyType": key["key_type"]} for key in value["key_schema"]]
    keys = [{"AttributeName": value["hash_key"], "KeyType": "HASH"}]
    if value.get("range_key"):
        keys.append({"AttributeName": value["range_key"], "KeyType": "RANGE"})
    return keys


def _billing(value: Value) -> dict[str, Any]:
    if value["billing_mode"] == "PAY_PER_REQUEST":
        return {"BillingMode": "PAY_PER_REQUEST"}
    return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": _throughput(value)}


def _throughput(value: Value) -> dict[str, int]:
    units = {"ReadCapacityUnits": value.get("read_capacity"), "WriteCapacityUnits": value.get("write_capacity")}
    return {name: 1 if number in (None, UNKNOWN, 0) else int(number) for name, number in units.items()}


def _index(item: Value, table: Value) -> dict[str, Any]:
    projection = {
        "ProjectionType": item["projection_type"],
        **to_parameters(item, parameter_names("non_key_attributes")),
    }
    index: dict[str, Any] = {"IndexName": item["name"], "KeySchema": _keys(item), "Projection": projection}
    if table.get("billing_mode") == "PROVISIONED":
        index["ProvisionedThroughput"] = _throughput(item)
    return index


HANDLERS: dict[str, Handler] = {"aws_dynamodb_table": _Table()}
