"""Calling a function's alias by hand, as its schedule or the API does."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from devcloud.runs import LocalCloudError
from operations.place import Place


def invoke(place: Place, function: str, event: dict[str, Any]) -> dict[str, Any]:
    """What the function's live version answers. Raises LocalCloudError when it fails, is not there, or may not be called."""
    if function not in place.outputs["functions"]:
        raise LocalCloudError(f"{place.name} has no function {function!r}: it was applied by an older release; apply this one first")
    arn = place.outputs["functions"][function]["arn"]
    try:
        answer = place.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError, ValueError) as error:
        raise LocalCloudError(f"{function} cannot be called ({error}): you need lambda:InvokeFunction on {arn}") from error
    if "FunctionError" in answer:
        why = said.get("errorMessage", said) if isinstance(said, dict) else said
        raise LocalCloudError(f"{function} failed ({answer['FunctionError']}: {why}): `make logs ENV={place.name} FUNCTION={function}`")
    return said if isinstance(said, dict) else {}
