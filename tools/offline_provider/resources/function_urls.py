"""Lambda's Function URLs: the emulator serves each at an address of its own."""

from __future__ import annotations

from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, first_block, parameter_names, to_parameters
from tools.offline_provider.values import Value

_FUNCTION = parameter_names("function_name qualifier")
_CORS = parameter_names("allow_credentials allow_headers allow_methods allow_origins expose_headers max_age")


class _Url(Handler):
    """aws_lambda_function_url: the address under which the emulator serves the function."""

    def create(self, connection: Connection, value: Value) -> Value:
        made = connection.client("lambda").create_function_url_config(**self._request(value))
        return self._learned(connection, value, made)

    def read(self, connection: Connection, state: Value) -> Value:
        found = connection.client("lambda").get_function_url_config(**to_parameters(state, _FUNCTION))
        return self._learned(connection, state, found)

    def update(self, connection: Connection, value: Value, _prior: Value) -> Value:
        made = connection.client("lambda").update_function_url_config(**self._request(value))
        return self._learned(connection, value, made)

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").delete_function_url_config(**to_parameters(state, _FUNCTION))

    @staticmethod
    def _request(value: Value) -> dict[str, Any]:
        cors = to_parameters(first_block(value, "cors"), _CORS)
        return {
            **to_parameters(value, _FUNCTION),
            "AuthType": value["authorization_type"],
            **({"Cors": cors} if cors else {}),
        }

    @staticmethod
    def _learned(connection: Connection, value: Value, answer: dict[str, Any]) -> Value:
        url_id = answer["FunctionUrl"].partition("//")[2].partition(".")[0]
        return {
            "id": "/".join(str(value[name]) for name in _FUNCTION if value.get(name)),
            "function_arn": answer["FunctionArn"],
            "function_url": f"{connection.endpoints.get('lambda') or connection.endpoint}/_aws/lambda-url/{url_id}/",
            "url_id": url_id,
        }


HANDLERS: dict[str, Handler] = {"aws_lambda_function_url": _Url()}
