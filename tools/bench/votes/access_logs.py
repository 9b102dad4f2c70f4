"""What the API's access log costs: a line a request, as an environment's plan formats it."""

from __future__ import annotations

import json
import re

from tools.bench import dollars
from tools.environment.offline_plan import plan
from tools.environment.planned import of_pipeline, resources

OF_AN_EVENT = 26  # bytes beside its text (API reference of CloudWatch Logs, PutLogEvents)
# of a ballot that was taken: API Gateway writes "-" for what there is not
TYPICAL = {
    "requestTime": "21/Nov/2026:08:00:00 +0000",
    "requestId": "JKJaXmPLvHcESHA=",
    "routeKey": "POST /v1/ballots",
    "status": "202",
    "responseLength": "132",
    "responseLatency": "14",
    "integrationStatus": "200",
    "error.messageString": '"-"',
}


def line(environment: str) -> str:
    """A request's line in an environment; "" where none is written."""
    (stage,) = resources(of_pipeline(plan(environment), "votes"), "aws_apigatewayv2_stage").values()
    if not stage["access_log_settings"]:
        return ""
    format_ = stage["access_log_settings"][0]["format"]
    written = re.sub(r"\$context\.([\w.]+)", lambda one: TYPICAL.get(one[1], "-"), format_)
    json.loads(written)
    return written


def line_bytes(environment: str) -> int:
    """What CloudWatch Logs counts of a request's line."""
    written = line(environment)
    return len(written.encode()) + OF_AN_EVENT if written else 0


def a_million(environment: str) -> float:
    """Dollars of a million requests' lines."""
    return line_bytes(environment) * dollars.price("access_log_bytes") * dollars.MILLION
