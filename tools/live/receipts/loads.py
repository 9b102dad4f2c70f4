"""Receipts that the page sends: a pile of drawn pictures in one request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec

from tools.common.errors import CommandError
from tools.live.local.loads import Going, Shape
from tools.live.local.place import Place
from tools.operations.receipts.uploads import put
from tools.traffic.client import Client
from tools.traffic.receipts import api

CUSTOMER = "live"
DRAWS = ("numpy", "PIL")  # of `requirements/pictures.txt`


def shapes(place: Place, opened: Callable[[str], None]) -> list[Shape]:
    """A batch, if this machine can draw pictures; whoever opens one is told."""
    if not all(map(find_spec, DRAWS)):
        return []

    def batch(going: Going) -> None:
        _send(place, going, opened)

    return [Shape("batch", "a batch", (20, 5, 50, 100), " files", batch)]


def _send(place: Place, going: Going, opened: Callable[[str], None]) -> None:
    """Draw a pile and send it as one archive. Raises CommandError where it is not taken."""
    from tools.traffic.receipts.archive import zipped
    from tools.traffic.receipts.collection import collect

    archive = zipped(collect(int(going.rate), secrets.randbelow(1_000_000)))
    with closing(Client(place.deployment.outputs["api_url"])) as client:
        answer = api.post(client, api.of_archive(CUSTOMER, secrets.token_hex(8), archive.content))
    if answer.status != 201:
        going.took(0, archive.entries)
        raise CommandError(f"the batch was not opened: {answer.status} {answer.body}")
    opened(answer.body["batch_id"])
    (upload,) = answer.body["uploads"]
    status = put(upload, archive.content)
    if status != 200:
        going.took(0, archive.entries)
        raise CommandError(f"the archive was not taken by the address that was signed: {status}")
    going.took(archive.entries, 0)
