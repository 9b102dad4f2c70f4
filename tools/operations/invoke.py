"""Calling a function's alias by hand, as its schedule or the API does."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.common.errors import CommandError
from tools.operations.deployment import Deployment


def invoke(deployment: Deployment, function: str, event: dict[str, Any]) -> dict[str, Any]:
    """What the function's live version answers.

    Raises CommandError when it fails, is not there, or may not be called.
    """
    if function not in deployment.outputs["functions"]:
        raise CommandError(
            f"{deployment.name} has no function {function!r}: it was applied by an older release; apply this one first"
        )
    arn = deployment.outputs["functions"][function]["arn"]
    try:
        answer = deployment.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError, ValueError, RecursionError) as error:
        raise CommandError(f"{function} cannot be called ({error}): you need lambda:InvokeFunction on {arn}") from error
    if "FunctionError" in answer:
        why = result.get("errorMessage", result) if isinstance(result, dict) else result
        raise CommandError(
            f"{function} failed ({answer['FunctionError']}: {why}): `make logs {deployment.words} FUNCTION={function}`"
        )
    return result if isinstance(result, dict) else {}
