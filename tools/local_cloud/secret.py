"""Secrets of a run's emulator: what Terraform makes no value for, `make up` puts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tools.common import loopback
from tools.local_cloud import emulator
from tools.local_cloud.runs import REGION, Run

Json = Mapping[str, Any]


def put(run: Run, name: str, value: Json, stays: Callable[[Json], bool]) -> str:
    """Put a secret, unless there is one and what it holds `stays`: its ARN."""
    endpoint = run.state()["endpoint"]
    client = loopback.session(REGION).client("secretsmanager", endpoint_url=endpoint, **emulator.ROOT_KEYS)
    try:
        held = client.get_secret_value(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return str(client.create_secret(Name=name, SecretString=json.dumps(dict(value)))["ARN"])
    if not stays(json.loads(held["SecretString"])):
        client.put_secret_value(SecretId=name, SecretString=json.dumps(dict(value)))
    return str(held["ARN"])
