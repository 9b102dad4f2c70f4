"""S3 buckets, their versioning and whom they tell of objects."""

from typing import Any

from tools.offline_provider.connection import Connection, RefusedError
from tools.offline_provider.resources.base import Handler, first_block
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import Value


class _Bucket(Handler):
    """aws_s3_bucket itself.

    Its policy, encryption and the like are types of their own, and recorded only.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        name, region = resource_name(value, "bucket"), connection.region
        location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        connection.client("s3").create_bucket(Bucket=name, **location)
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
                    raise RefusedError(
                        f"Bucket {bucket} is not empty", "Empty it, or apply `force_destroy = true` first."
                    )
                client.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
        client.delete_bucket(Bucket=bucket)


class _Versioning(Handler):
    """aws_s3_bucket_versioning."""

    def create(self, connection: Connection, value: Value) -> Value:
        status = first_block(value, "versioning_configuration")["status"]
        connection.client("s3").put_bucket_versioning(
            Bucket=value["bucket"], VersioningConfiguration={"Status": status}
        )
        return {"id": value["bucket"]}

    def read(self, connection: Connection, state: Value) -> Value:
        status = connection.client("s3").get_bucket_versioning(Bucket=state["bucket"]).get("Status", "Disabled")
        return {"versioning_configuration": [{**first_block(state, "versioning_configuration"), "status": status}]}

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("s3").put_bucket_versioning(
            Bucket=state["bucket"], VersioningConfiguration={"Status": "Suspended"}
        )


class _Notification(Handler):
    """aws_s3_bucket_notification to queues."""

    def create(self, connection: Connection, value: Value) -> Value:
        self._put(connection, value["bucket"], value.get("queue") or ())
        return {"id": value["bucket"]}

    def read(self, connection: Connection, state: Value) -> Value:
        told = connection.client("s3").get_bucket_notification_configuration(Bucket=state["bucket"])
        found = {one.get("Id"): one for one in told.get("QueueConfigurations", ())}
        queues = [queue for queue in state.get("queue") or () if _is_told(queue, found.get(queue["id"]))]
        return {"queue": queues}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self._put(connection, value["bucket"], value.get("queue") or ())
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        self._put(connection, state["bucket"], ())

    @staticmethod
    def _put(connection: Connection, bucket: str, queues: Any) -> None:
        configured = {"QueueConfigurations": [_configuration(queue) for queue in queues]} if queues else {}
        connection.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=configured
        )


def _configuration(queue: Value) -> dict[str, Any]:
    """A queue's part of a bucket's notifications, as S3 takes it."""
    parts = (("prefix", queue.get("filter_prefix")), ("suffix", queue.get("filter_suffix")))
    rules = [{"Name": name, "Value": text} for name, text in parts if text]
    filtered = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {"Id": queue["id"], "QueueArn": queue["queue_arn"], "Events": sorted(queue["events"]), **filtered}


def _is_told(queue: Value, there: dict[str, Any] | None) -> bool:
    return there is not None and there["QueueArn"] == queue["queue_arn"]


HANDLERS: dict[str, Handler] = {
    "aws_s3_bucket": _Bucket(),
    "aws_s3_bucket_versioning": _Versioning(),
    "aws_s3_bucket_notification": _Notification(),
}
