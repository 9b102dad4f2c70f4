"""The harvest on this machine, for `make up`: a vendor to harvest, and its secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.local_cloud import secret
from tools.local_cloud.pipeline import Pipeline, Sign
from tools.local_cloud.runs import Run
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
    own = served.credentials
    # it may hold a token by now
    arn = secret.put(run, SECRET, own, lambda held: bool(held.get("client_secret") == own["client_secret"]))
    of_run = json.dumps({"url": served.address, "secret_arn": arn, "limits": LIMITS})
    merged = f"merge(local.harvest.vendor, jsondecode({json.dumps(of_run)}))"
    return {"module": {"harvest": {"vendor": f"${{{merged}}}"}}}


PIPELINE = Pipeline(lines, {stand_in.NAME: vendor})
