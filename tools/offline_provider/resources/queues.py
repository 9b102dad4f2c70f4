"""SQS: queues and the three policies that can be resources of their own."""

import json
from collections.abc import Iterable
from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, changes, parameter_names
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import UNKNOWN, Value, as_document, same

_FIFO = parameter_names("fifo_queue content_based_deduplication deduplication_scope fifo_throughput_limit")
_ATTRIBUTES = _FIFO | parameter_names(
    """delay_seconds kms_data_key_reuse_period_seconds kms_master_key_id max_message_size=MaximumMessageSize
    message_retention_seconds=MessageRetentionPeriod policy receive_wait_time_seconds=ReceiveMessageWaitTimeSeconds
    redrive_allow_policy redrive_policy sqs_managed_sse_enabled visibility_timeout_seconds=VisibilityTimeout"""
)
_FLAGS = ("content_based_deduplication", "fifo_queue", "sqs_managed_sse_enabled")


class _Queue(Handler):
    """aws_sqs_queue: every attribute is sent, and read back."""

    def create(self, connection: Connection, value: Value) -> Value:
        fifo = value["fifo_queue"]
        name = resource_name(value) + (".fifo" if fifo and value["name"] is UNKNOWN else "")
        attributes = _request_attributes(value, _ATTRIBUTES if fifo else _ATTRIBUTES.keys() - _FIFO.keys())
        url = connection.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return self.read(connection, {**value, "url": url})

    def read(self, connection: Connection, state: Value) -> Value:
        url = state["url"]
        answer = connection.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        value: Value = {name: _from_text(name, answer.get(attribute)) for name, attribute in _ATTRIBUTES.items()}
        value["policy"] = _as_written(state.get("policy"), value["policy"])
        return {**value, "id": url, "url": url, "arn": answer["QueueArn"], "name": answer["QueueArn"].split(":")[-1]}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        if sent := _request_attributes(value, changes(value, prior, _ATTRIBUTES)):
            connection.client("sqs").set_queue_attributes(QueueUrl=prior["url"], Attributes=sent)
        return self.read(connection, {**value, "url": prior["url"]})

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("sqs").delete_queue(QueueUrl=state["url"])


class _QueuePolicy(Handler):
    """One attribute of a queue as a resource of its own, which has the attribute's name."""

    def create(self, connection: Connection, value: Value) -> Value:
        self._set(connection, value, value[self._kind])
        return {"id": value["queue_url"]}

    def read(self, connection: Connection, state: Value) -> Value | None:
        attribute = _ATTRIBUTES[self._kind]
        answer = connection.client("sqs").get_queue_attributes(QueueUrl=state["queue_url"], AttributeNames=[attribute])
        text = _as_written(state[self._kind], answer.get("Attributes", {}).get(attribute, ""))
        return {self._kind: text} if text else None

    def delete(self, connection: Connection, state: Value) -> None:
        self._set(connection, state, "")

    def _set(self, connection: Connection, value: Value, text: str) -> None:
        connection.client("sqs").set_queue_attributes(
            QueueUrl=value["queue_url"], Attributes={_ATTRIBUTES[self._kind]: _without_https_rule(text)}
        )


def _request_attributes(value: Value, attributes: Iterable[str]) -> dict[str, str]:
    """The API's attributes, all of them text; what is null or unknown is left out."""
    known = {_ATTRIBUTES[name]: value[name] for name in attributes if value.get(name) not in (None, UNKNOWN)}
    return {name: _to_text(item) for name, item in known.items()}


def _to_text(item: Any) -> str:
    return json.dumps(item) if isinstance(item, bool) else _without_https_rule(str(item))


def _from_text(name: str, text: str | None) -> Any:
    if name in _FLAGS:
        return text == "true"
    if text is None:
        return 300 if name == "kms_data_key_reuse_period_seconds" else ""
    return int(text) if text.isdigit() else text


def _without_https_rule(text: str) -> str:
    """A policy without its statements against plain HTTP.

    The emulator would hold everyone to them, and on loopback there is nothing else.
    """
    document = as_document(text)
    if not isinstance(document, dict) or "SecureTransport" not in text:
        return text
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    kept = [one for one in statements if one.get("Effect") != "Deny" or "SecureTransport" not in json.dumps(one)]
    return json.dumps({**document, "Statement": kept}) if kept else ""


def _as_written(recorded: Any, text: str) -> str:
    """A policy as it was written, where the emulator has what was sent of it."""
    return recorded if isinstance(recorded, str) and same(_without_https_rule(recorded), text) else text


HANDLERS: dict[str, Handler] = {"aws_sqs_queue": _Queue()} | {
    f"aws_sqs_queue_{name}": _QueuePolicy(name) for name in ("policy", "redrive_policy", "redrive_allow_policy")
}
