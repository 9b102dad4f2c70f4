"""What no description tells schemathesis: which times are neither too early nor too late, that bad
ballots are rejected one by one, and where each path is asked for (Function URLs are several).
"""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import checks

NOW = datetime.now(UTC)
ADDRESSES = json.loads(os.environ.get("API_URLS", "{}"))  # the deployment's, by route


def _written(at: datetime, hours: int, end: str) -> str:
    """An RFC 3339 time, in a zone so many hours off, or in UTC as `end`."""
    return (
        at.strftime(f"%Y-%m-%dT%H:%M:%S.%f{end}")
        if end
        else at.astimezone(timezone(timedelta(hours=hours))).isoformat()
    )


times = st.builds(
    _written,
    st.integers(-29 * 86_400, 0).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    st.integers(-23, 23),
    st.sampled_from(["", "Z", "z"]),
)
schemathesis.openapi.format("date-time", times)


@schemathesis.check
def bad_data_is_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """In place of schemathesis's own `negative_data_rejection`: a request of which some ballots are
    rejected is refused enough.
    """
    if response.status_code != 202 or not response.json()["rejected"]:
        checks.negative_data_rejection(ctx, response, case)


@schemathesis.hook
def before_init_operation(
    _: schemathesis.HookContext, operation: schemathesis.APIOperation[Any, Any, Any, Any]
) -> None:
    """Ask at the path's own address."""
    for route, address in ADDRESSES.items():
        if route == f"{operation.method.upper()} {operation.path}":
            operation.base_url = address
