"""What an ALB does and the emulator's does not; in the emulator's process, beside its own.

`jwt-validation`, which it answers with 502: it is verified as AWS says that an ALB does (RS256,
issuer, times; "exp" must be there), by what the emulator has for HTTP APIs, and the token is passed
on as it is. Whose token it is for is the function's to see. The keys are taken from where the
issuer's own configuration has them.

And where there is no load balancer of a name, 404: it would go on to AWS's own calls, and pages may
ask there (see the front).
"""

from __future__ import annotations

import base64
import json
from typing import Any

PREFIX = "/_alb/"
VALIDATION = "jwt-validation"
CONFIG = "JwtValidationConfig"
SOURCE = ["$request.header.Authorization"]
Response = tuple[int, dict[str, str], bytes]


def let_listeners_verify() -> None:
    """Have the emulator keep and do what it leaves out."""
    from ministack.services import alb

    parse, execute = alb._parse_actions, alb._execute_actions

    def parse_all(params: Any, prefix: str = "DefaultActions") -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = parse(params, prefix)
        for place, action in enumerate(actions, 1):
            if action["Type"] == VALIDATION:
                at = f"{prefix}.member.{place}.{CONFIG}"
                action[CONFIG] = {name: alb._p(params, f"{at}.{name}") for name in ("Issuer", "JwksEndpoint")}
        return actions

    async def execute_all(
        actions: list[dict[str, Any]], method: str, path: str, headers: Any, *rest: Any, **more: Any
    ) -> Any:
        for action in actions:
            if action["Type"] == VALIDATION and not await _is_good(headers, action[CONFIG]["Issuer"]):
                return _unauthorised()
        left = [action for action in actions if action["Type"] != VALIDATION]
        return await execute(left, method, path, headers, *rest, **more)

    alb._parse_actions, alb._execute_actions = parse_all, execute_all


def let_nobody_else_answer_there() -> None:
    """Have the emulator answer what is below /_alb/ as a load balancer, or not at all."""
    from ministack import app

    handle = app._handle_alb_request

    async def handle_all(host: str, path: str, *rest: Any, **more: Any) -> Any:
        answer = await handle(host, path, *rest, **more)
        if answer is None and path.startswith(PREFIX):
            return 404, {"Content-Type": "application/json"}, b'{"message": "there is no load balancer of that name"}'
        return answer

    app._handle_alb_request = handle_all


async def _is_good(headers: Any, issuer: str) -> bool:
    from ministack.services import apigateway

    given = {name.lower(): value for name, value in headers.items()}
    authorizer = {"identitySource": SOURCE, "jwtConfiguration": {"issuer": issuer}}
    _, _, refused = await apigateway._validate_jwt_authorizer({}, authorizer, given, {})
    return refused is None and "exp" in _claims(given["authorization"])


def _claims(header: str) -> Any:
    part = header.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _unauthorised() -> Response:
    return 401, {"Content-Type": "text/html"}, b"<html><head><title>401 Authorization Required</title></head></html>"
