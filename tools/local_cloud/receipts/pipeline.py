"""The receipts pipeline on this machine, for `make up`: a reader, a database, and its login."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.common.paths import ROOT
from tools.local_cloud import secret
from tools.local_cloud.pipeline import Pipeline, Sign
from tools.local_cloud.premises import stand_in as premises
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.reader import stand_in
from tools.local_cloud.runs import Run

SCHEMA = ROOT / "lambda_src" / "receipts" / "delivery" / "postgres.sql"
ROLE = "sluice"  # of that file
SECRET = "sluice-local-receipts-database"  # noqa: S105 (a secret's name)


def lines(outputs: Mapping[str, Any], sign: Sign | None) -> Iterator[str]:
    """Where batches are opened, and with a customer's token where one is asked for."""
    yield f"{outputs['api_url']}/v1/batches opens a batch of pictures, and says where each is uploaded"
    yield "what was read is delivered into a PostgreSQL of this machine: make status PIPELINE=receipts"
    if sign:
        yield "a customer's token, good for 12 hours (`make up JWT=yes` prints another):"
        yield f"curl -sS '{outputs['api_url']}/v1/batches/…' -H 'authorization: Bearer {sign('c-1')}'"


def reader(run: Run) -> Mapping[str, Any]:
    """Where the pictures of a run are read: set up and started by the first of them."""
    address = stand_in.start_when_needed(run).address
    return {"module": {"receipts": {"endpoints": {"TEXTRACT": address}}}}


def database(run: Run) -> StandIn:
    """The database of a run, with the product's own table and role; one that runs is kept."""
    return premises.start(run, SCHEMA, ROLE)


def delivery(run: Run) -> Mapping[str, Any]:
    """Start the database, and put its login where deliver looks for it."""
    login = database(run).credentials
    arn = secret.put(run, SECRET, login, lambda held: held == login)
    merged = f"merge(local.receipts.delivery, jsondecode({json.dumps(json.dumps({'secret_arn': arn}))}))"
    return {"module": {"receipts": {"delivery": f"${{{merged}}}"}}}


PIPELINE = Pipeline(lines, {stand_in.NAME: reader, premises.NAME: delivery})
