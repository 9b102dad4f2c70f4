"""How a simulated service says no."""

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError


class Refused(Exception):
    """The service answers with an error of this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def answer(self, operation: str) -> ClientError:
        """The error as botocore raises it."""
        response = {"Error": {"Code": self.code, "Message": str(self)}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return ClientError(response, operation)  # type: ignore[arg-type]


class Invalid(Refused):
    """What was asked for makes no sense to DynamoDB, or to this simulation of it."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


def only(operation: str, params: Mapping[str, Any], needed: Collection[str], known: Collection[str] = ()) -> None:
    """Raises ParamValidationError unless all that is needed is there, and nothing that the
    simulation does not know.
    """
    for name in needed:
        if name not in params:
            raise ParamValidationError(report=f"{operation} lacks {name}")
    for name in params:
        if name not in needed and name not in known:
            raise ParamValidationError(report=f"the simulated {operation} knows no {name}")
