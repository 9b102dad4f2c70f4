"""`make smoke PIPELINE=receipts`: does the environment refuse, take, read and account for files?

Its own API and addresses say so. What can never be taken is refused; then a batch of two files goes
all the way: a receipt, which costs one page of the reader, and a text that says
that it is a picture. Where a lane has reached the database lately, the receipt goes on into that.
Nothing of a customer's is touched: the batch, and the row, are of the customer "smoke".
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from rich.console import Console

from receipts.accounting import SAME
from receipts.rows import State
from shared import clock
from tools.common.errors import CommandError
from tools.operations.api import Answer, ask
from tools.operations.deployment import Deployment
from tools.operations.invoke import invoke
from tools.operations.receipts.ledger_rows import heartbeats
from tools.operations.receipts.smoke_receipt import receipt
from tools.operations.receipts.uploads import put
from tools.operations.smoke import say_all

CUSTOMER = "smoke"
WITHIN_SECONDS = 120.0  # of the upload, until both files are accounted for: cold starts, one page read
DELIVERED_WITHIN_SECONDS = 150.0  # ticks come with what was read, and once a minute
LATELY_SECONDS = 300.0  # a lane's heartbeat comes once a minute
ON_AWS, HERE = 2.0, 0.5  # seconds between two looks
BATCHES = "/v1/batches"
NO_PICTURE = "This is no picture.\n"
# A token that only who may invoke the function can bring: the gateway puts the claims in otherwise.
CLAIMS = {"iss": "sluice:smoke", "sub": CUSTOMER}

Json = dict[str, Any]


class Asker:
    """Asks the API; where that wants a token, the functions behind it by their aliases."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.how = "by the API"

    def post(self, body: object) -> Answer:
        """Ask for a batch."""
        answer = ask(self._deployment, "POST", BATCHES, body)
        return self._invoked(answer, "accept", "POST", BATCHES, body=json.dumps(body))

    def get(self, batch_id: str) -> Answer:
        """Ask for a batch's account."""
        path = f"{BATCHES}/{batch_id}"
        answer = ask(self._deployment, "GET", path)
        return self._invoked(answer, "account", "GET", path, pathParameters={"batch_id": batch_id})

    def _invoked(self, answer: Answer, function: str, method: str, path: str, **more: Any) -> Answer:
        if answer.status not in (401, 403):
            return answer
        self.how = f"by the functions' aliases (the API asks for a token: {answer.status})"
        context = {"http": {"method": method, "path": path}, "authorizer": {"jwt": {"claims": CLAIMS}}}
        event = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"content-type": "application/json"},
            "requestContext": context,
            **more,
        }
        response = invoke(self._deployment, function, event)
        text = str(response.get("body", ""))
        return Answer(int(response.get("statusCode", 0)), json.loads(text or "null"), text)


def run(deployment: Deployment, console: Console) -> int:
    """Try it all and say what was seen; 1 with the reason when something is not as it should be.

    Takes bounded time.
    """
    return say_all(deployment, console, _seen(deployment))


def _seen(deployment: Deployment) -> Iterator[str]:
    asker = Asker(deployment)
    yield _refused(asker)
    batch_id, said = _read(asker, deployment)
    yield said
    yield _delivered(asker, deployment, batch_id)


def _refused(asker: Asker) -> str:
    """What can never be taken is refused, each with its reason."""
    wanted = {
        "bad-identifier": {"customer_id": CUSTOMER, "client_token": "'; --", "kind": "files", "files": []},
        "no-file": {"customer_id": CUSTOMER, "client_token": "none", "kind": "files", "files": []},
    }
    for code, body in wanted.items():
        answer = asker.post(body)
        if answer.status != 400 or (answer.body or {}).get("code") != code:
            raise CommandError(f"a batch that can never be taken must be refused with 400 and {code}; it said {answer}")
    nobody = asker.get("a" * 26)
    if nobody.status != 404:
        raise CommandError(f"a batch that nobody opened must be 404; it said {nobody}")
    return f"refused {asker.how}, with the reason: {', '.join([*wanted, 'no-such-batch'])}"


def _read(asker: Asker, deployment: Deployment) -> tuple[str, str]:
    """A batch is opened, uploaded, read, and accounted for: its id, and what was seen."""
    contents = {"receipt.png": receipt(), "no-picture.jpg": NO_PICTURE.encode()}
    opened = asker.post(_manifest(contents))
    if opened.status != 201 or opened.body is None:
        raise CommandError(f"a batch of two files must be opened with 201; it said {opened}")
    uploads = {one["name"]: one for one in opened.body["uploads"]}
    first = uploads["receipt.png"]
    status = put(first, contents["receipt.png"][::-1])
    if not 400 <= status < 500:
        raise CommandError(f"an upload of other bytes than were announced must be refused; the bucket said {status}")
    for name, content in contents.items():
        status = put(uploads[name], content)
        if status != 200:
            raise CommandError(f"{name} must be taken by the address that was signed; the bucket said {status}")
    batch_id: str = opened.body["batch_id"]
    return batch_id, _accounted(asker, deployment, batch_id)


def _manifest(contents: Mapping[str, bytes]) -> Json:
    types = {"png": "image/png", "jpg": "image/jpeg"}
    files = [
        {
            "name": name,
            "size": len(content),
            "sha256": sha256(content).hexdigest(),
            "content_type": types[name.rpartition(".")[2]],
        }
        for name, content in contents.items()
    ]
    return {"customer_id": CUSTOMER, "client_token": secrets.token_hex(16), "kind": "files", "files": files}


def _accounted(asker: Asker, deployment: Deployment, batch_id: str) -> str:
    """Wait until both files are in a state that lasts, and see that it is the right one."""
    deadline, pause = time.monotonic() + WITHIN_SECONDS, HERE if deployment.endpoint else ON_AWS
    while True:
        answer = asker.get(batch_id)
        if answer.status != 200 or answer.body is None:
            raise CommandError(f"the account of a batch that was opened must be 200; it said {answer}")
        states = {one["names"][0]: one for one in answer.body["files"]}
        if not answer.body["open"]:
            break
        if time.monotonic() > deadline:
            told = f"{WITHIN_SECONDS:.0f} s after the upload, the account of {batch_id} is still open"
            raise CommandError(f"{told}: {answer.body['counts']}")
        time.sleep(pause)
    receipt, other = states["receipt.png"], states["no-picture.jpg"]
    if receipt["state"] not in (State.READ, State.REVIEW, State.DELIVERED) or receipt.get("receipts") != 1:
        raise CommandError(f"the receipt of {batch_id} must be read, as one receipt; its account says {receipt}")
    if other["state"] != State.QUARANTINED or not other.get("reason"):
        raise CommandError(f"the text of {batch_id} must be refused with a reason; its account says {other}")
    counts = answer.body["counts"]
    if sum(counts.values()) != len(states) or counts[SAME]:
        raise CommandError(f"the account of {batch_id} must add up to {len(states)} files; it says {counts}")
    return (
        f"batch {batch_id}: an upload of other bytes was refused; "
        f"a receipt was read (state {receipt['state']}), a text refused ({other['reason']}); "
        f"1 + 1 = {len(states)} files accounted for {asker.how}"
    )


def _delivered(asker: Asker, deployment: Deployment, batch_id: str) -> str:
    """Wait until the receipt stands in the database, where a lane has reached that lately."""
    since = clock.now_us() - int(LATELY_SECONDS * 1e6)
    lanes = [beat.lane for beat in heartbeats(deployment) if beat.reached and beat.at > since]
    if not lanes:
        return f"the database was not tried: no lane has reached it in the last {LATELY_SECONDS / 60:.0f} minutes"
    deadline, pause = time.monotonic() + DELIVERED_WITHIN_SECONDS, HERE if deployment.endpoint else ON_AWS
    while True:
        answer = asker.get(batch_id)
        files = (answer.body or {}).get("files", ())
        receipt: Json = next((one for one in files if "receipt.png" in one["names"]), {})
        if receipt.get("state") == State.DELIVERED:
            return f"the receipt of {batch_id} stands in the database (a row of the customer {CUSTOMER!r})"
        if receipt.get("state") == State.QUARANTINED or time.monotonic() > deadline:
            within = f"within {DELIVERED_WITHIN_SECONDS:.0f} s, for {', '.join(lanes)} reached the database"
            raise CommandError(f"the receipt of {batch_id} must be delivered {within}; its account says {receipt}")
        time.sleep(pause)
