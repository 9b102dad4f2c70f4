"""API Gateway v2: HTTP APIs and their parts, which the emulator serves under one address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devcloud.provider.connection import Connection
from devcloud.provider.resources.base import Handler, fields, first, found, names
from devcloud.provider.values import Value


@dataclass(frozen=True)
class Part(Handler):
    """One kind of thing in API Gateway: its name in the API's methods, its id there, and its attributes by parameter.

    `more` makes the parameters that are not plain attributes, `learn` the computed values; parts of an API carry its id.
    """

    noun: str
    identity: str
    names: dict[str, str]
    more: Callable[[Value], dict[str, Any]] = lambda _value: {}
    learn: Callable[[Connection, Value, dict[str, Any]], Value] = lambda _connection, _value, _answer: {}
    create_only: tuple[str, ...] = ()

    def create(self, connection: Connection, value: Value) -> Value:
        answer = self._call(connection, "create", value, **fields(value, self.names), **self.more(value))
        return self._learned(connection, value, answer)

    def read(self, connection: Connection, state: Value) -> Value:
        answer = self._call(connection, "get", state, **{self.identity: state["id"]})
        return {**found(answer, self.names), **self._learned(connection, state, answer)}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        parameters = {**fields(value, self.names, prior), **self.more(value), self.identity: prior["id"]}
        for name in self.create_only:
            parameters.pop(name, None)
        return self._learned(connection, value, self._call(connection, "update", value, **parameters))

    def delete(self, connection: Connection, state: Value) -> None:
        self._call(connection, "delete", state, **{self.identity: state["id"]})

    def _call(self, connection: Connection, verb: str, value: Value, **parameters: Any) -> dict[str, Any]:
        owner = fields(value, names("api_id"))
        answer: dict[str, Any] = getattr(connection.client("apigatewayv2"), f"{verb}_{self.noun}")(**owner, **parameters)
        return answer

    def _learned(self, connection: Connection, value: Value, answer: dict[str, Any]) -> Value:
        return {"id": answer[self.identity], **self.learn(connection, value, answer)}


def api_endpoint(connection: Connection, api_id: str) -> str:
    """Where the emulator serves an API."""
    return f"{connection.endpoints.get('apigatewayv2') or connection.endpoint}/_aws/execute-api/{api_id}"


_CORS = names("allow_credentials allow_headers allow_methods allow_origins expose_headers max_age")


def _api_more(value: Value) -> dict[str, Any]:
    cors = first(value, "cors_configuration")
    return {"CorsConfiguration": fields(cors, _CORS)} if cors else {}


def _api_learn(connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    api_id = answer["ApiId"]
    return {
        "api_endpoint": api_endpoint(connection, api_id),
        "arn": f"arn:{connection.partition}:apigateway:{connection.region}::/apis/{api_id}",
        "execution_arn": connection.arn("execute-api", api_id),
        "ip_address_type": "ipv4",
    }


class Api(Part):
    """aws_apigatewayv2_api. Removing its CORS settings has a call of its own."""

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        if prior.get("cors_configuration") and not value.get("cors_configuration"):
            connection.client("apigatewayv2").delete_cors_configuration(ApiId=prior["id"])
        return super().update(connection, value, prior)


def _integration_learn(_connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    return {"integration_response_selection_expression": "", "timeout_milliseconds": answer.get("TimeoutInMillis", 30000)}


_THROTTLE = names("detailed_metrics_enabled throttling_burst_limit throttling_rate_limit")


def _stage_more(value: Value) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if logs := first(value, "access_log_settings"):
        parameters["AccessLogSettings"] = fields(logs, names("destination_arn format"))
    if default := first(value, "default_route_settings"):
        parameters["DefaultRouteSettings"] = _numbers(fields(default, _THROTTLE))
    if routes := value.get("route_settings"):
        parameters["RouteSettings"] = {route["route_key"]: _numbers(fields(route, _THROTTLE)) for route in routes}
    return parameters


def _numbers(settings: dict[str, Any]) -> dict[str, Any]:
    """Terraform sends a fraction that no binary number holds as text."""
    return {name: float(value) if isinstance(value, str) else value for name, value in settings.items()}


def _stage_learn(connection: Connection, value: Value, answer: dict[str, Any]) -> Value:
    api_id, name = value["api_id"], answer["StageName"]
    path = "" if name == "$default" else name
    return {
        "arn": f"arn:{connection.partition}:apigateway:{connection.region}::/apis/{api_id}/stages/{name}",
        "execution_arn": connection.arn("execute-api", f"{api_id}/{name}"),
        "invoke_url": f"{api_endpoint(connection, api_id)}/{path}",
        "deployment_id": answer.get("DeploymentId", ""),
    }


def _authorizer_more(value: Value) -> dict[str, Any]:
    jwt = first(value, "jwt_configuration")
    return {"JwtConfiguration": fields(jwt, names("audience issuer"))} if jwt else {}


def _authorizer_learn(_connection: Connection, _value: Value, answer: dict[str, Any]) -> Value:
    return found(answer, names("authorizer_result_ttl_in_seconds"))


_API = names("api_key_selection_expression description disable_execute_api_endpoint name protocol_type route_selection_expression version")
_INTEGRATION = names(
    """connection_type credentials_arn description integration_method integration_subtype integration_type integration_uri
    payload_format_version request_parameters timeout_milliseconds=TimeoutInMillis"""
)
_ROUTE = names("api_key_required authorization_scopes authorization_type authorizer_id operation_name route_key target")
_STAGE = names("auto_deploy description name=StageName stage_variables")
_AUTHORIZER = names(
    """authorizer_credentials_arn authorizer_payload_format_version authorizer_result_ttl_in_seconds authorizer_type authorizer_uri
    enable_simple_responses identity_sources=IdentitySource name"""
)

HANDLERS: dict[str, Handler] = {
    "aws_apigatewayv2_api": Api("api", "ApiId", _API, _api_more, _api_learn, create_only=("ProtocolType",)),
    "aws_apigatewayv2_integration": Part("integration", "IntegrationId", _INTEGRATION, learn=_integration_learn),
    "aws_apigatewayv2_route": Part("route", "RouteId", _ROUTE),
    "aws_apigatewayv2_stage": Part("stage", "StageName", _STAGE, _stage_more, _stage_learn),
    "aws_apigatewayv2_authorizer": Part("authorizer", "AuthorizerId", _AUTHORIZER, _authorizer_more, _authorizer_learn),
}
