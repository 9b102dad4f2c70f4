"""Lambda: settings of a function that are resources of their own."""

from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import (
    Handler,
    first_block,
    from_answer,
    parameter_names,
    to_parameters,
)
from tools.offline_provider.values import Value

_QUALIFIED = parameter_names("function_name qualifier")
_LIMITS = parameter_names("maximum_event_age_in_seconds maximum_retry_attempts")


class _EventInvokeConfig(Handler):
    """aws_lambda_function_event_invoke_config: what becomes of events that nobody waits for."""

    def create(self, connection: Connection, value: Value) -> Value:
        self._put(connection, value)
        qualifier = value.get("qualifier")
        return {"id": value["function_name"] + (f":{qualifier}" if qualifier else "")}

    def read(self, connection: Connection, state: Value) -> Value:
        client = connection.client("lambda")
        answer = client.get_function_event_invoke_config(**to_parameters(state, _QUALIFIED))
        return from_answer(answer, _LIMITS)

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self._put(connection, value)
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("lambda").delete_function_event_invoke_config(**to_parameters(state, _QUALIFIED))

    @staticmethod
    def _put(connection: Connection, value: Value) -> None:
        block = first_block(value, "destination_config")
        destinations: dict[str, Any] = {
            parameter: {"Destination": first_block(block, name)["destination"]}
            for name, parameter in (("on_failure", "OnFailure"), ("on_success", "OnSuccess"))
            if first_block(block, name)
        }
        connection.client("lambda").put_function_event_invoke_config(
            **to_parameters(value, _QUALIFIED | _LIMITS),
            **({"DestinationConfig": destinations} if destinations else {}),
        )


class _RecursionConfig(Handler):
    """aws_lambda_function_recursion_config: whether Lambda ends a loop through a queue."""

    def create(self, connection: Connection, value: Value) -> Value:
        self._put(connection, value["function_name"], value["recursive_loop"])
        return {}

    def read(self, connection: Connection, state: Value) -> Value:
        answer = connection.client("lambda").get_function_recursion_config(FunctionName=state["function_name"])
        return {"recursive_loop": answer["RecursiveLoop"]}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self._put(connection, value["function_name"], value["recursive_loop"])
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        self._put(connection, state["function_name"], "Terminate")  # what a function has when nothing is said

    @staticmethod
    def _put(connection: Connection, name: str, loop: str) -> None:
        connection.client("lambda").put_function_recursion_config(FunctionName=name, RecursiveLoop=loop)


HANDLERS: dict[str, Handler] = {
    "aws_lambda_function_event_invoke_config": _EventInvokeConfig(),
    "aws_lambda_function_recursion_config": _RecursionConfig(),
}
