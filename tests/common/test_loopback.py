"""This machine's own addresses are asked directly, and no others are."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tools.common.loopback import TOKEN_HEADER, environment, fetch, is_loopback, proof, proves, session


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/token")
            self.end_headers()
        elif self.path == "/token":
            self._answer(200, (self.headers[TOKEN_HEADER] or "").encode())
        elif self.path.startswith("/proof-of/"):
            path, _, nonce = self.path.partition("?")
            self._answer(200, proof(path.split("/")[2], nonce).encode())
        else:
            self._answer(404 if self.path == "/missing" else 200, self.path.encode())

    def do_POST(self) -> None:
        self._answer(200, self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_stands_between(echo: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")  # where nobody listens
    monkeypatch.delenv("no_proxy", raising=False)
    assert fetch(f"{echo}/path?x=1") == b"/path?x=1"
    assert fetch(f"{echo}/path", b"body") == b"body"


def test_a_status_of_an_error_is_one(echo: str) -> None:
    with pytest.raises(HTTPError, match="404") as raised:
        fetch(f"{echo}/missing")
    raised.value.close()


def test_another_machine_is_not_asked() -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        fetch("http://192.0.2.1/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.8.8.8:1", True),
        ("http://[::1]:1", True),
        ("http://localhost:1/x", True),
        ("https://sqs.us-east-1.amazonaws.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://10.0.0.1", False),
        ("127.0.0.1:4566", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


STEERING = {
    "AWS_PROFILE": "nowhere",
    "AWS_CONFIG_FILE": "/dev/stdin/none",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_RETRY_MODE": "nonsense",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_DEFAULTS_MODE": "nonsense",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_REGION": "eu-central-1",
    "BOTO_CONFIG": "/nowhere",
    "TF_CLI_ARGS_plan": "-bogus",
    "TF_REATTACH_PROVIDERS": "{}",
    "PYTHONHOME": "/nowhere",
    "OTEL_TRACES_EXPORTER": "bogus",
    "No_Proxy": "*",
    "https_proxy": "http://127.0.0.1:1",
}


def test_nothing_that_is_set_for_elsewhere_reaches_programs_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STEERING.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TFENV_ROOT", "/opt/tfenv")  # which Terraform is theirs to choose
    seen = environment()
    assert {name: seen[name] for name in STEERING if name in seen} == {"AWS_CONFIG_FILE": os.devnull}
    assert seen["PATH"] == os.environ["PATH"]
    assert seen["TFENV_ROOT"] == "/opt/tfenv"


def test_clients_of_what_is_here_are_not_steered(echo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[default]\nuse_fips_endpoint = true\ns3 =\n  addressing_style = virtual\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in STEERING.items():
        monkeypatch.setenv(name, value)
    made = session("us-east-1").client("sqs", endpoint_url=echo, aws_access_key_id="test", aws_secret_access_key="test")
    config = made.meta.config
    assert (made.meta.endpoint_url, made.meta.region_name) == (echo, "us-east-1")
    assert (config.retries["mode"], config.use_fips_endpoint, config.s3) == ("standard", None, None)
    made.close()
    monkeypatch.delenv("AWS_CONFIG_FILE")
    assert (
        not session()
        .client("s3", region_name="us-east-1", endpoint_url=echo, aws_access_key_id="k", aws_secret_access_key="s")
        .meta.config.use_fips_endpoint
    )


def test_a_token_goes_to_the_named_address_and_nowhere_else(echo: str) -> None:
    with pytest.raises(HTTPError, match="302"):
        fetch(f"{echo}/elsewhere", token="secret")
    assert fetch(f"{echo}/token", token="secret") == b"secret"


def test_an_address_is_no_identity(echo: str) -> None:
    assert not proves(echo, "secret"), "it answers, as any server does"
    assert not proves("http://127.0.0.1:1", "secret")
    assert proves(f"{echo}/proof-of/secret", "secret")
    assert not proves(f"{echo}/proof-of/another", "secret")
