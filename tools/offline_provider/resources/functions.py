"""Lambda: functions with their published versions, aliases, event source mappings, permissions."""

import json
import time
from pathlib import Path
from typing import Any

from tools.offline_provider.connection import Connection, RefusedError
from tools.offline_provider.resources.base import (
    Handler,
    changes,
    first_block,
    from_answer,
    ignore_not_found,
    parameter_names,
    to_parameters,
)
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import Value

_SETTINGS = parameter_names("description handler kms_key_arn=KMSKeyArn layers memory_size role runtime timeout")
_BLOCKS = {
    "dead_letter_config": parameter_names("target_arn"),
    "environment": parameter_names("variables"),
    "ephemeral_storage": parameter_names("size"),
    "logging_config": parameter_names("application_log_level log_format log_group system_log_level"),
    "tracing_config": parameter_names("mode"),
}
_CODE = "filename source_code_hash s3_bucket s3_key s3_object_version image_uri architectures code_sha256"
_CONFIGURATION = " ".join([*_SETTINGS, *_BLOCKS])
_PUBLISHED = "version qualified_arn qualified_invoke_arn"
_READY_SECONDS = 10.0


class _Function(Handler):
    """aws_lambda_function. Recorded only: VPC, file systems, images, signing, snap start."""

    effects = ((_CODE, "code_sha256 source_code_size last_modified"), (_CONFIGURATION, "last_modified"))

    def affected_by(self, changed: set[str], value: Value) -> set[str]:
        affected = super().affected_by(changed, value)
        publishes = value["publish"] and (affected or "publish" in changed)
        return affected | set(_PUBLISHED.split()) if publishes else affected

    def create(self, connection: Connection, value: Value) -> Value:
        client = connection.client("lambda")
        request = {
            "FunctionName": value["function_name"],
            "Code": _code(value),
            **_settings(value, {}, set(_SETTINGS) | set(_BLOCKS)),
            **to_parameters(value, parameter_names("architectures package_type")),
        }
        client.create_function(**request)
        _wait(client, value["function_name"])
        if value["publish"]:
            client.publish_version(FunctionName=value["function_name"])
        self._reserve(client, value)
        return self._learn(connection, value)

    def read(self, connection: Connection, state: Value) -> Value:
        return {name: item for name, item in self._learn(connection, state).items() if name != "source_code_hash"}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        client, name = connection.client("lambda"), value["function_name"]
        configured = changes(value, prior, _CONFIGURATION.split())
        coded = changes(value, prior, _CODE.split()) and not self._has_code(client, value)
        if configured:
            client.update_function_configuration(FunctionName=name, **_settings(value, prior, configured))
            _wait(client, name)
        if coded:
            client.update_function_code(
                FunctionName=name, **_code(value), **to_parameters(value, parameter_names("architectures"))
            )
            _wait(client, name)
        if value["publish"] and (coded or configured or not prior["publish"]):
            client.publish_version(FunctionName=name)
        if changes(value, prior, ["reserved_concurrent_executions"]):
            self._reserve(client, value)
        return self._learn(connection, value)

    @staticmethod
    def _has_code(client: Any, value: Value) -> bool:
        """Whether what is published last is this very code: Lambda makes no other version of it."""
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=value["function_name"])
        digests = [item["CodeSha256"] for page in pages for item in page["Versions"]]
        return bool(value["publish"]) and {digests[0], digests[-1]} == {value["source_code_hash"]}

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").delete_function(FunctionName=state["function_name"])

    @staticmethod
    def _reserve(client: Any, value: Value) -> None:
        name, reserved = value["function_name"], value["reserved_concurrent_executions"]
        if reserved >= 0:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
        else:
            with ignore_not_found():
                client.delete_function_concurrency(FunctionName=name)

    @staticmethod
    def _learn(connection: Connection, value: Value) -> Value:
        client, name = connection.client("lambda"), value["function_name"]
        answer = client.get_function_configuration(FunctionName=name)
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        versions = [item["Version"] for page in pages for item in page["Versions"]]
        arn, version = connection.arn("lambda", f"function:{name}"), versions[-1] if value["publish"] else "$LATEST"
        return {
            **from_answer(answer, {key: parameter for key, parameter in _SETTINGS.items() if key != "layers"}),
            **from_answer(
                answer,
                parameter_names(
                    "architectures code_sha256 source_code_size=CodeSize source_code_hash=CodeSha256 last_modified"
                ),
            ),
            "id": name,
            "arn": arn,
            "version": version,
            "qualified_arn": f"{arn}:{version}",
            "invoke_arn": _invoke_arn(connection, arn),
            "qualified_invoke_arn": _invoke_arn(connection, f"{arn}:{version}"),
            "response_streaming_invoke_arn": _invoke_arn(connection, arn, "response-streaming-invocations"),
            "signing_job_arn": "",
            "signing_profile_version_arn": "",
        }


class _Alias(Handler):
    """aws_lambda_alias: moves to another version in place."""

    def create(self, connection: Connection, value: Value) -> Value:
        answer = connection.client("lambda").create_alias(**self._request(value))
        return self._learn(connection, answer)

    def read(self, connection: Connection, state: Value) -> Value:
        return self._learn(
            connection, connection.client("lambda").get_alias(FunctionName=state["function_name"], Name=state["name"])
        )

    def update(self, connection: Connection, value: Value, _prior: Value) -> Value:
        return self._learn(connection, connection.client("lambda").update_alias(**self._request(value)))

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").delete_alias(FunctionName=state["function_name"], Name=state["name"])

    @staticmethod
    def _request(value: Value) -> dict[str, Any]:
        weights = first_block(value, "routing_config").get("additional_version_weights") or {}
        return {
            "FunctionName": value["function_name"],
            "Name": value["name"],
            "FunctionVersion": value["function_version"],
            "Description": value.get("description") or "",
            "RoutingConfig": {
                "AdditionalVersionWeights": {version: float(weight) for version, weight in weights.items()}
            },
        }

    @staticmethod
    def _learn(connection: Connection, answer: dict[str, Any]) -> Value:
        arn = answer["AliasArn"]
        return {
            **from_answer(answer, parameter_names("description function_version")),
            "id": arn,
            "arn": arn,
            "invoke_arn": _invoke_arn(connection, arn),
        }


_MAPPING = parameter_names(
    """batch_size bisect_batch_on_function_error enabled function_name function_response_types
    maximum_batching_window_in_seconds maximum_record_age_in_seconds maximum_retry_attempts parallelization_factor
    tumbling_window_in_seconds"""
)
_READ_BACK = ("batch_size", "maximum_batching_window_in_seconds", "function_response_types")


class _Mapping(Handler):
    """aws_lambda_event_source_mapping.

    Whether it is on is read back, so that a mapping someone switched off is seen.
    """

    effects = (("function_name", "function_arn"), ("*", "last_modified"))

    def create(self, connection: Connection, value: Value) -> Value:
        start = to_parameters(value, parameter_names("event_source_arn starting_position"))
        answer = connection.client("lambda").create_event_source_mapping(**start, **self._request(value))
        return self._learn(connection, answer)

    def read(self, connection: Connection, state: Value) -> Value:
        return self._learn(connection, connection.client("lambda").get_event_source_mapping(UUID=state["uuid"]))

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        answer = connection.client("lambda").update_event_source_mapping(UUID=prior["uuid"], **self._request(value))
        return self._learn(connection, answer)

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").delete_event_source_mapping(UUID=state["uuid"])

    @staticmethod
    def _request(value: Value) -> dict[str, Any]:
        patterns = [{"Pattern": item["pattern"]} for item in first_block(value, "filter_criteria").get("filter") or []]
        failures = first_block(first_block(value, "destination_config"), "on_failure").get("destination_arn")
        return {
            **to_parameters(value, _MAPPING),
            "ScalingConfig": to_parameters(
                first_block(value, "scaling_config"), parameter_names("maximum_concurrency")
            ),
            "FilterCriteria": {"Filters": patterns},
            **({"DestinationConfig": {"OnFailure": {"Destination": failures}}} if failures else {}),
        }

    @staticmethod
    def _learn(connection: Connection, answer: dict[str, Any]) -> Value:
        modified = answer["LastModified"]
        return {
            **from_answer(answer, {name: _MAPPING[name] for name in _READ_BACK}),
            "id": answer["UUID"],
            "uuid": answer["UUID"],
            "arn": connection.arn("lambda", f"event-source-mapping:{answer['UUID']}"),
            "enabled": answer["State"] in ("Creating", "Enabling", "Enabled", "Updating"),
            "function_arn": answer["FunctionArn"],
            "last_modified": modified if isinstance(modified, str) else modified.isoformat(),
            "last_processing_result": answer.get("LastProcessingResult", ""),
            "state": answer["State"],
            "state_transition_reason": answer.get("StateTransitionReason", ""),
        }


_FUNCTION = parameter_names("function_name qualifier")
_PERMISSION = _FUNCTION | parameter_names(
    """action event_source_token function_url_auth_type invoked_via_function_url principal
    principal_org_id=PrincipalOrgID source_account source_arn"""
)


class _Permission(Handler):
    """aws_lambda_permission: one statement of a function's (or alias's) policy."""

    def create(self, connection: Connection, value: Value) -> Value:
        statement = resource_name(value, "statement_id")
        connection.client("lambda").add_permission(StatementId=statement, **to_parameters(value, _PERMISSION))
        return {"id": statement, "statement_id": statement}

    def read(self, connection: Connection, state: Value) -> Value | None:
        policy = json.loads(connection.client("lambda").get_policy(**to_parameters(state, _FUNCTION))["Policy"])
        return state if any(statement["Sid"] == state["statement_id"] for statement in policy["Statement"]) else None

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").remove_permission(
            StatementId=state["statement_id"], **to_parameters(state, _FUNCTION)
        )


def _invoke_arn(connection: Connection, arn: str, what: str = "invocations") -> str:
    return f"arn:{connection.partition}:apigateway:{connection.region}:lambda:path/2015-03-31/functions/{arn}/{what}"


def _code(value: Value) -> dict[str, Any]:
    if value.get("filename"):
        path = Path(value["filename"])
        if not path.is_file():
            raise RefusedError(
                f"Function {value['function_name']}: there is no package {path}",
                "Build it first. A relative `filename` is looked up from where the provider was started: "
                "give an absolute path.",
                "filename",
            )
        return {"ZipFile": path.read_bytes()}
    return to_parameters(value, parameter_names("s3_bucket s3_key s3_object_version"))


def _settings(value: Value, prior: Value, changed: set[str]) -> dict[str, Any]:
    settings = to_parameters(
        value, {name: parameter for name, parameter in _SETTINGS.items() if name in changed}, prior
    )
    for name, inner in _BLOCKS.items():
        block = to_parameters(first_block(value, name), inner, first_block(prior, name))
        if name in changed and (block or name == "environment"):
            settings[parameter_names(name)[name]] = block or {"Variables": {}}
    return settings


def _wait(client: Any, name: str) -> None:
    """Wait until the function is active. Raises TimeoutError after ten seconds."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        answer = client.get_function_configuration(FunctionName=name)
        if answer.get("State", "Active") == "Active" and answer.get("LastUpdateStatus", "Successful") == "Successful":
            return
        time.sleep(0.05)
    raise TimeoutError(f"function {name} was not ready within {_READY_SECONDS:g} s")


HANDLERS: dict[str, Handler] = {
    "aws_lambda_function": _Function(),
    "aws_lambda_alias": _Alias(),
    "aws_lambda_event_source_mapping": _Mapping(),
    "aws_lambda_permission": _Permission(),
}
