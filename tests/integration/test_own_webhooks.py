"""examples/webhooks, outside of the repository: signed, handed on once, in order, at a pace."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.own import copied, shell
from tests.support.left import processes_in
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.invoke import invoke

pytestmark = pytest.mark.slow

SECRET, A_SECOND = b"a secret of the vendor", 10


class Behind:
    """The system behind: what it got, and when."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, float]] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                got.append((self.headers["webhook-id"], body, time.monotonic()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def behind() -> Iterator[Behind]:
    server = Behind()
    yield server
    server.close()


def _send(api: str, number: int, secret: bytes = SECRET, *, ago: int = 0) -> int:
    name, body, at = f"w-{number}", json.dumps({"n": number}), str(int(time.time()) - ago)
    digest = hmac.new(secret, f"{name}.{at}.{body}".encode(), sha256).digest()
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    request = urllib.request.Request(f"{api}/webhooks", body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_signed_once_and_handed_on_at_a_pace(tmp_path: Path, behind: Behind) -> None:
    copy, theirs = copied(tmp_path), tmp_path / "webhooks"
    shell(copy, "cp -r examples/webhooks ../ && cp -r lambda_src/shared ../webhooks/src/")
    (theirs / "here.tfvars").write_text(f'target_url = "{behind.url}"\na_second = {A_SECOND}\n')
    try:
        shell(copy, "make try DIR=../webhooks/infra SOURCE=../webhooks/src VARS=../webhooks/here.tfvars")
        deployment = Deployment.local(Run(copy / "build/local"))
        api = deployment.outputs["api_url"]
        assert _send(api, 0) == 401, "no secret is set"
        row = {"name": {"S": "webhooks"}, "key": {"B": SECRET}}
        deployment.client("dynamodb").put_item(TableName="webhooks-keys", Item=row)
        assert [_send(api, number) for number in (1, 2, 3, 2, 4)] == [202] * 5
        assert _send(api, 8, b"another secret") == 401
        assert _send(api, 9, ago=600) == 401, "an old one, sent again"
        deadline = time.monotonic() + 60
        while len(behind.got) < 4:
            assert time.monotonic() < deadline, behind.got
            time.sleep(0.1)
        again = json.dumps({"id": "w-1", "body": "{}"})  # later than the queue knows of it
        queue = deployment.outputs["queues"]["hooks"]["url"]
        deployment.client("sqs").send_message(
            QueueUrl=queue, MessageBody=again, MessageGroupId="all", MessageDeduplicationId="later"
        )
        assert _send(api, 5) == 202
        while len(behind.got) < 5:
            assert time.monotonic() < deadline, behind.got
            time.sleep(0.1)
        assert [(name, body) for name, body, _ in behind.got] == [(f"w-{n}", f'{{"n": {n}}}') for n in range(1, 6)]
        times = [at for _, _, at in behind.got]
        assert min(later - at for at, later in pairwise(times)) > 0.9 / A_SECOND
        looked = invoke(deployment, "conservation", {})
        assert (looked["accepted"], looked["missing"], looked["mappings_off"]) == (5, 0, [])
        said = shell(copy, "make conservation && make smoke && make soak MINUTES=0.05")
        assert "webhooks: 5 witnesses accepted; 0 missing" in said
        assert "refuses_unsigned: POST /webhooks answered 401, as it should" in said
    finally:
        shell(copy, "make down")
    assert processes_in(copy) == []
