"""`make smoke` of a pipeline of which nothing is known but its outputs.

Its output may describe requests to try, `smoke`: by name, each with `method`, `path`, the `status`
that it must get, and a `body`. Such as one that is refused and changes nothing; or one that is
taken, where that may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from tools.common.errors import CommandError
from tools.operations.api import ask
from tools.operations.conservation import FUNCTION, checked
from tools.operations.deployment import Deployment
from tools.operations.mappings import mappings_of, state
from tools.operations.smoke import say_all

TEXTS = ("method", "path")


def run(deployment: Deployment, console: Console) -> int:
    """Try it and say what was seen; 1 with the reason when something is not as it should be."""
    return say_all(deployment, console, _seen(deployment))


def _seen(deployment: Deployment) -> Iterator[str]:
    on = mappings_of(deployment, {})
    if off := [one.function for one in on if not state(deployment.client("lambda"), one.uuid).is_on]:
        raise CommandError(f"{', '.join(off)} takes nothing: its mapping is off or gone")
    yield f"mappings on: {', '.join(one.function for one in on) or 'none is named'}"
    requests: Mapping[str, Any] = deployment.outputs.get("smoke") or {}
    for name, request in requests.items():
        yield _asked(deployment, name, request)
    if not requests:
        yield "no request is tried: none is described (`smoke`, docs/how-to/own-pipeline.md)"
    if FUNCTION in deployment.outputs["functions"]:
        answer = checked(deployment)
        if answer["missing"]:
            raise CommandError(f"{answer['missing']} that were accepted are not settled")
        yield f"conservation: {answer['accepted']} witnesses accepted, 0 missing"


def _asked(deployment: Deployment, name: str, request: Any) -> str:
    wrong = not isinstance(request, Mapping) or any(not isinstance(request.get(part), str) for part in TEXTS)
    if wrong or not isinstance(request.get("status"), int | float) or "api_url" not in deployment.outputs:
        raise CommandError(f"output smoke.{name} needs method, path and status, and api_url beside it")
    answer = ask(deployment, request["method"], request["path"], request.get("body"))
    if answer.status != int(request["status"]):
        raise CommandError(f"{name}: {request['method']} {request['path']} answered {answer}, not {request['status']}")
    return f"{name}: {request['method']} {request['path']} answered {answer.status}, as it should"
