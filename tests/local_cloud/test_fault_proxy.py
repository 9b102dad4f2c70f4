"""The proxy before the emulator passes signed calls on as they are, breaks those it is told to, and
is gone after a stop.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tools.common.errors import CommandError
from tools.local_cloud import emulator, fault_proxy
from tools.local_cloud.fault_proxy import Fired, Proxy
from tools.local_cloud.runs import Run

KEY = "quarantine/reason=not-json/day=2026-11-21/x.jsonl"


def _client(service: Any, run: Run, proxy: Proxy) -> Any:
    """A client as the functions have it: of the emulator, by way of the proxy."""
    return boto3.client(
        service,
        endpoint_url=run.state()["endpoint"],
        config=Config(
            proxies={"http": proxy.address}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
        ),
        aws_access_key_id=emulator.KEY,
        aws_secret_access_key=emulator.KEY,
        region_name="us-east-1",
    )


def test_calls_pass_unless_they_are_to_fail(run: Run) -> None:
    proxy = fault_proxy.start(run)
    s3, sqs = _client("s3", run, proxy), _client("sqs", run, proxy)
    s3.create_bucket(Bucket="quarantine")
    s3.put_object(
        Bucket="quarantine", Key=KEY, Body=b"passes"
    )  # signed, and with a name that must not be quoted otherwise

    proxy.inject([{"service": "s3", "operation": "PutObject", "error": {"code": "SlowDown", "status": 503}}])
    with pytest.raises(ClientError, match="SlowDown"):
        s3.put_object(Bucket="quarantine", Key=KEY, Body=b"refused")
    answer = s3.get_object(Bucket="quarantine", Key=KEY)
    assert (answer["ContentLength"], answer["Body"].read()) == (6, b"passes")

    queue = sqs.create_queue(QueueName="count")["QueueUrl"]
    proxy.inject([{"service": "sqs", "operation": "SendMessage", "response": {"abort_bytes": 0}}])
    with pytest.raises(ConnectionClosedError):
        sqs.send_message(QueueUrl=queue, MessageBody="taken, and nobody is told")
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "taken, and nobody is told"

    fired = {Fired("s3", "PutObject", "error:SlowDown"): 1, Fired("sqs", "SendMessage", "response:abort"): 1}
    assert proxy.fired() == fired
    proxy.inject([])
    sqs.send_message(QueueUrl=queue, MessageBody="passes")
    assert proxy.fired() == fired


class Other(BaseHTTPRequestHandler):
    """Another server of this machine."""

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["content-length"])) + self.path.encode()
        self.send_response(202)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_calls_of_other_servers_of_this_machine_pass(run: Run) -> None:
    proxy = fault_proxy.start(run)
    proxy.inject([{"probability": 1.0, "error": {"code": "Broken", "status": 500}}])
    with HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.handle_request, daemon=True)
        thread.start()
        with urllib3.ProxyManager(proxy.address, retries=False, timeout=10) as client:
            answer = client.request("POST", f"http://127.0.0.1:{other.server_port}/a%3Db?c", body=b"said ")
        thread.join(10)
    assert (answer.status, answer.data) == (202, b"said /a%3Db?c")


def test_what_a_killed_run_left_is_found_and_stopped(run: Run) -> None:
    fault_proxy.start(run)
    with pytest.raises(CommandError, match="stop it first"):
        fault_proxy.start(run)
    assert fault_proxy.stop(Run(run.folder))
    assert not fault_proxy.stop(run)
