"""API Gateway v2: HTTP APIs and their parts, which the emulator serves under one address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, first_block, from_answer, parameter_names, to_parameters
from tools.offline_provider.values import Value


@dataclass(frozen=True)
class _Part(Handler):
    """One kind of thing in API Gateway; parts of an API carry its id.

    `noun` is its name in the API's methods, `id_parameter` its id there, `parameters` those that
    are plain attributes. `more_parameters` makes the others, `computed` the computed values.
    """

    noun: str
    id_parameter: str
    parameters: dict[str, str]
    more_parameters: Callable[[Value], dict[str, Any]] = lambda _value: {}
    computed: Callable[[Connection, Value, dict[str, Any]], Value] = lambda _connection, _value, _answer: {}
    create_only: tuple[str, ...] = ()

    def create(self, connection: Connection, value: Value) -> Value:
        answer = self._call(
            connection, "create", value, **to_parameters(value, self.parameters), **self.more_parameters(value)
        )
        return self._learned(connection, value, answer)

    def read(self, connection: Connection, state: Value) -> Value:
        answer = self._call(connection, "get", state, **{self.id_parameter: state["id"]})
        return {**from_answer(answer, self.parameters), **self._learned(connection, state, answer)}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        parameters = {
            **to_parameters(value, self.parameters, prior),
            **self.more_parameters(value),
            self.id_parameter: prior["id"],
        }
        for name in self.create_only:
            parameters.pop(name, None)
        return self._learned(connection, value, self._call(connection, "update", value, **parameters))

    def delete(self, connection: Connection, state: Value) -> None:
        self._call(connection, "delete", state, **{self.id_parameter: state["id"]})

    def _call(self, connection: Connection, verb: str, value: Value, **parameters: Any) -> dict[str, Any]:
        owner = to_parameters(value, parameter_names("api_id"))
        answer: dict[str, Any] = getattr(connection.client("apigatewayv2"), f"{verb}_{self.noun}")(
            **owner, **parameters
        )
        return answer

    def _learned(self, connection: Connection, value: Value, answer: dict[str, Any]) -> Value:
        return {"id": answer[self.id_parameter], **self.computed(connection, value, answer)}


def _api_endpoint(connection: Connection, api_id: str) -> str:
    """Where the emulator serves an API."""
    return f"{connection.endpoints.get('apigatewayv2') or connection.endpoint}/_aws/execute-api/{api_id}"


_CORS = parameter_names("allow_credentials allow_headers allow_methods allow_origins expose_headers max_age")


def _api_parameters(value: Value) -> dict[str, Any]:
    cors = first_block(value, "cors_configuration")
    return {"CorsConfiguration": to_parameters(cors, _CORS)} if cors else {}


def _api_computed(connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    api_id = answer["ApiId"]
    return {
        "api_endpoint": _api_endpoint(connection, api_id),
        "arn": f"arn:{connection.partition}:apigateway:{connection.region}::/apis/{api_id}",
        "execution_arn": connection.arn("execute-api", api_id),
        "ip_address_type": "ipv4",
    }


class _Api(_Part):
    """aws_apigatewayv2_api. Removing its CORS settings has a call of its own."""

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        if prior.get("cors_configuration") and not value.get("cors_configuration"):
            connection.client("apigatewayv2").delete_cors_configuration(ApiId=prior["id"])
        return super().update(connection, value, prior)


def _integration_computed(_connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    return {
        "integration_response_selection_expression": "",
        "timeout_milliseconds": answer.get("TimeoutInMillis", 30000),
    }


_THROTTLE = parameter_names("detailed_metrics_enabled throttling_burst_limit throttling_rate_limit")


def _stage_parameters(value: Value) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if logs := first_block(value, "access_log_settings"):
        parameters["AccessLogSettings"] = to_parameters(logs, parameter_names("destination_arn format"))
    if default := first_block(value, "default_route_settings"):
        parameters["DefaultRouteSettings"] = _numbers(to_parameters(default, _THROTTLE))
    if routes := value.get("route_settings"):
        parameters["RouteSettings"] = {
            route["route_key"]: _numbers(to_parameters(route, _THROTTLE)) for route in routes
        }
    return parameters


def _numbers(settings: dict[str, Any]) -> dict[str, Any]:
    """Terraform sends a fraction that no binary number holds as text."""
    return {name: float(value) if isinstance(value, str) else value for name, value in settings.items()}


def _stage_computed(connection: Connection, value: Value, answer: dict[str, Any]) -> Value:
    api_id, name = value["api_id"], answer["StageName"]
    path = "" if name == "$default" else name
    return {
        "arn": f"arn:{connection.partition}:apigateway:{connection.region}::/apis/{api_id}/stages/{name}",
        "execution_arn": connection.arn("execute-api", f"{api_id}/{name}"),
        "invoke_url": f"{_api_endpoint(connection, api_id)}/{path}",
        "deployment_id": answer.get("DeploymentId", ""),
    }


def _authorizer_parameters(value: Value) -> dict[str, Any]:
    jwt = first_block(value, "jwt_configuration")
    return {"JwtConfiguration": to_parameters(jwt, parameter_names("audience issuer"))} if jwt else {}


def _authorizer_computed(_connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    return from_answer(answer, parameter_names("authorizer_result_ttl_in_seconds"))


_API = parameter_names(
    """api_key_selection_expression description disable_execute_api_endpoint name protocol_type
    route_selection_expression version"""
)
_INTEGRATION = parameter_names(
    """connection_type credentials_arn description integration_method integration_subtype integration_type
    integration_uri payload_format_version request_parameters timeout_milliseconds=TimeoutInMillis"""
)
_ROUTE = parameter_names(
    "api_key_required authorization_scopes authorization_type authorizer_id operation_name route_key target"
)
_STAGE = parameter_names("auto_deploy description name=StageName stage_variables")
_AUTHORIZER = parameter_names(
    """authorizer_credentials_arn authorizer_payload_format_version authorizer_result_ttl_in_seconds authorizer_type
    authorizer_uri enable_simple_responses identity_sources=IdentitySource name"""
)

HANDLERS: dict[str, Handler] = {
    "aws_apigatewayv2_api": _Api("api", "ApiId", _API, _api_parameters, _api_computed, create_only=("ProtocolType",)),
    "aws_apigatewayv2_integration": _Part("integration", "IntegrationId", _INTEGRATION, computed=_integration_computed),
    "aws_apigatewayv2_route": _Part("route", "RouteId", _ROUTE),
    "aws_apigatewayv2_stage": _Part("stage", "StageName", _STAGE, _stage_parameters, _stage_computed),
    "aws_apigatewayv2_authorizer": _Part(
        "authorizer", "AuthorizerId", _AUTHORIZER, _authorizer_parameters, _authorizer_computed
    ),
}
