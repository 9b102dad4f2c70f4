"""The harvest on this machine, for `make up`: a vendor to harvest, and its secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.common import loopback
from tools.local_cloud import emulator
from tools.local_cloud.pipeline import Pipeline, Sign
from tools.local_cloud.runs import REGION, Run
from tools.local_cloud.vendor import stand_in

SECRET = "sluice-local-harvest-token"  # noqa: S105 (a secret's name)
# what the stand-in permits, and the pipeline is told: over ten seconds, because on this machine a
# thread keeps its slot by some 30 ms, and now and then by 100
LIMITS = [{"calls": 500, "seconds": 10}]


def lines(outputs: Mapping[str, Any], sign: Sign | None) -> Iterator[str]:
    """Where runs are started, and how to see one."""
    url = f"{outputs['api_url']}/v1/runs"
    yield f"{url} starts runs against {outputs['settings']['vendor']['url']}, a stand-in"
    yield "make runs START=daily CONFIRM=yes FOLLOW=yes"
    if sign:
        headers = f"-H 'content-type: application/json' -H 'authorization: Bearer {sign('operator')}'"
        yield f"curl -sS '{url}' {headers} -d '{json.dumps({'name': 'daily'})}'"


def vendor(run: Run) -> Mapping[str, Any]:
    """Start the stand-in, have it permit what the pipeline is told, and put its secret where the
    pipeline looks for it; the vendor that environments/local has then.
    """
    served = stand_in.start(run)
    served.ask("change", limits=[{**limit, "window": "fixed"} for limit in LIMITS])
    of_run = json.dumps({"url": served.address, "secret_arn": _secret(run, served.credentials), "limits": LIMITS})
    merged = f"merge(local.harvest.vendor, jsondecode({json.dumps(of_run)}))"
    return {"module": {"harvest": {"vendor": f"${{{merged}}}"}}}


def _secret(run: Run, credentials: Mapping[str, str]) -> str:
    """Put the secret, unless it holds these credentials (and perhaps a token by now): its ARN."""
    endpoint = run.state()["endpoint"]
    client = loopback.session(REGION).client("secretsmanager", endpoint_url=endpoint, **emulator.ROOT_KEYS)
    try:
        held = client.get_secret_value(SecretId=SECRET)
    except client.exceptions.ResourceNotFoundException:
        made = client.create_secret(Name=SECRET, SecretString=json.dumps(dict(credentials)))
        return str(made["ARN"])
    if json.loads(held["SecretString"]).get("client_secret") != credentials["client_secret"]:
        client.put_secret_value(SecretId=SECRET, SecretString=json.dumps(dict(credentials)))
    return str(held["ARN"])


PIPELINE = Pipeline(lines, {stand_in.NAME: vendor})
