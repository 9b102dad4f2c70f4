"""A hostile page in a real browser gets nothing of a run, and all of an emulator without the front.

Skipped where there is no Chromium: `apt-get install chromium`, or SLUICE_CHROMIUM names one; an
error where that says that one is required.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import api_on, attack, browser
from tools.common import loopback
from tools.live import chromium
from tools.local_cloud import emulator, fault_proxy, server
from tools.local_cloud.runs import Run

CHROMIUM = chromium.find()
VOTES = "https://vote.example.com"
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not chromium.required(),
    reason="NO CHROMIUM HERE: whether a web page reaches the local cloud was NOT tried",
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where functions that ran leave files."""
    folder = tmp_path / "written"
    folder.mkdir()
    return folder


def _client(state: dict[str, Any], service: str) -> Any:
    return loopback.session("us-east-1").client(service, endpoint_url=state["endpoint"], **emulator.ROOT_KEYS)


def _visit(host: str, bases: list[str], attempts: list[dict[str, Any]], folder: Path) -> dict[str, str]:
    return browser.visit(CHROMIUM or "", host, {"bases": bases, "attempts": attempts}, folder / "profile")


def test_a_hostile_page_gets_nothing(run: Run, written: Path, tmp_path: Path) -> None:
    proxy = fault_proxy.start(run)
    state = run.state()
    names = ("127.0.0.1", "localhost", "rebound.example", "evil.example")
    ports = (state["port"], int(proxy.address.rpartition(":")[2]))
    bases = [f"http://{name}:{port}" for port in ports for name in names]
    assert _visit("evil.example", bases, attack.attempts(written), tmp_path) == {}
    assert list(written.iterdir()) == []
    assert _client(state, "iam").list_roles()["Roles"] == []
    assert _client(state, "lambda").list_functions()["Functions"] == []


def test_a_page_of_another_port_of_this_machine_gets_nothing(run: Run, written: Path, tmp_path: Path) -> None:
    state = emulator.start(run)
    bases = [f"http://localhost:{state['port']}", state["endpoint"]]
    assert _visit("localhost", bases, attack.attempts(written), tmp_path) == {}
    assert _client(state, "iam").list_roles()["Roles"] == []


def test_the_same_page_runs_code_where_the_front_is_missing(written: Path, tmp_path: Path) -> None:
    with server.listen() as listener:
        port = listener.getsockname()[1]
    own = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "AUTH": "true"}
    kept = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none"}
    bare = subprocess.Popen([str(emulator.python()), "-m", "ministack"], env=own | kept)
    try:
        _until_healthy(f"http://127.0.0.1:{port}")
        got = _visit("evil.example", [f"http://rebound.example:{port}"], attack.attempts(written), tmp_path)
    finally:
        bare.terminate()
        bare.wait(10)
    assert {path.name for path in written.iterdir()} == {"no-cors", "cors"}
    assert any("201" in answer for answer in got.values())


def test_the_deployed_api_answers_pages_by_its_own_cors_settings(run: Run, tmp_path: Path) -> None:
    state = emulator.start(run)
    read = {"way": "fetch", "method": "GET", "mode": "cors", "headers": {"X-Anything": "asks first"}}
    named = {origin: api_on.deploy(lambda service: _client(state, service), origin) for origin in ("*", VOTES)}
    attempts = [read | {"name": origin, "path": f"{path}/titles"} for origin, path in named.items()]
    got = _visit("evil.example", [state["endpoint"], f"http://rebound.example:{state['port']}"], attempts, tmp_path)
    assert got == {f"* at {state['endpoint']}": "200 from the API"}


def _until_healthy(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            json.loads(loopback.fetch(f"{url}/_ministack/health"))
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("no emulator within 30 s")
