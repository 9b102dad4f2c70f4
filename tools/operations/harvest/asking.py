"""Asking the harvest's own functions, by their aliases: an operator's rights are IAM's, not a
token's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from tools.operations.invoke import invoke

Json = dict[str, Any]


def start(deployment: Deployment, body: Mapping[str, Any]) -> Json:
    """POST /v1/runs. Raises CommandError with the function's own words where it refuses."""
    return _asked(deployment, "start", "POST", "/v1/runs", {}, body)


def run(deployment: Deployment, run_id: str) -> Json:
    """GET /v1/runs/{run_id}. Raises CommandError."""
    return _asked(deployment, "runs", "GET", f"/v1/runs/{run_id}", {"run_id": run_id}, None)


def lead(deployment: Deployment, run_id: str, what: str, body: Mapping[str, Any]) -> Json:
    """POST /v1/runs/{run_id}/pause, or whatever: the run as it is then. Raises CommandError."""
    return _asked(deployment, "runs", "POST", f"/v1/runs/{run_id}/{what}", {"run_id": run_id}, body)


def _asked(
    deployment: Deployment,
    function: str,
    method: str,
    path: str,
    parameters: Mapping[str, str],
    body: Mapping[str, Any] | None,
) -> Json:
    event: Json = {
        "version": "2.0",
        "rawPath": path,
        "pathParameters": dict(parameters),
        "requestContext": {"http": {"method": method, "path": path}},
        "headers": {"content-type": "application/json"},
    }
    if body is not None:
        event["body"] = json.dumps(body)
    answer = invoke(deployment, function, event)
    try:
        said = json.loads(answer.get("body") or "null")
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise CommandError(f"{function} gave no answer to {method} {path}: `make logs FUNCTION={function}`")
    if int(answer.get("statusCode", 0)) >= 300:
        raise CommandError(f"{said.get('message', 'refused')} ({answer['statusCode']} {said.get('code', '')})")
    return said
