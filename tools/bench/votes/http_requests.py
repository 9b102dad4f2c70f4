"""A request as an HTTP API passes it on, and what it sends before an answer."""

from __future__ import annotations

from typing import Any

# What API Gateway writes before an answer's body.
ANSWER_HEAD = "\r\n".join(
    (
        "HTTP/1.1 202 Accepted",
        "Date: Sat, 21 Nov 2026 08:00:00 GMT",
        "Content-Type: application/json",
        "Content-Length: 132",
        "Connection: keep-alive",
        "Apigw-Requestid: JKJaXmPLvHcESHA=\r\n\r\n",
    )
)


def request_event(body: str) -> dict[str, Any]:
    """An HTTP API event, payload 2.0."""
    headers = {
        "content-type": "application/json",
        "host": "api.example.com",
        "user-agent": "bench",
        "x-forwarded-for": "192.0.2.1",
    }
    http = {
        "method": "POST",
        "path": "/v1/ballots",
        "protocol": "HTTP/1.1",
        "sourceIp": "192.0.2.1",
        "userAgent": "bench",
    }
    context = {
        "accountId": "000000000000",
        "apiId": "bench",
        "http": http,
        "requestId": "request",
        "routeKey": "POST /v1/ballots",
    }
    return {
        "version": "2.0",
        "routeKey": "POST /v1/ballots",
        "rawPath": "/v1/ballots",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": context
        | {"stage": "$default", "time": "21/Nov/2026:08:00:00 +0000", "timeEpoch": 1795248000000},
        "body": body,
        "isBase64Encoded": False,
    }
