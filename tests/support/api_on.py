"""A small HTTP API on an emulator, and the function behind it."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Callable
from typing import Any

HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'from the API'}\n"
_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
_numbers = itertools.count()


def function(client: Callable[[str], Any], name: str, files: dict[str, str]) -> str:
    """The ARN of a new function, and its role, made of these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        for path, content in files.items():
            package.writestr(path, content)
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    made = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="main.handler",
        Role=role["Arn"],
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def deploy(client: Callable[[str], Any], origin: str) -> str:
    """The path of a new HTTP API whose CORS settings name one origin; it answers every request."""
    name = f"api-{next(_numbers)}"
    gateway = client("apigatewayv2")
    cors = {"AllowOrigins": [origin], "AllowMethods": ["*"], "AllowHeaders": ["*"]}
    api = gateway.create_api(Name=name, ProtocolType="HTTP", CorsConfiguration=cors)["ApiId"]
    arn = function(client, name, {"main.py": HANDLER})
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return f"/_aws/execute-api/{api}"
