"""An upgrade takes the newest release that is a week old: a real resolver, an index on loopback."""

from __future__ import annotations

import datetime
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.packager import lock

# version → how many days ago it was uploaded
RELEASES = {"1.0": 400.0, "1.1": 7.1, "1.2": 6.9, "1.3": 0.0}
METADATA = "Metadata-Version: 2.1\nName: thing\nVersion: {}\n"


def _answers() -> dict[str, tuple[str, bytes]]:
    """The index's page of one package (PEP 691, 700), and its wheels' metadata (PEP 658)."""
    now = datetime.datetime.now(datetime.UTC)
    files, found = [], {}
    for version, days in RELEASES.items():
        name = f"thing-{version}-py3-none-any.whl"
        metadata = METADATA.format(version).encode()
        found[f"/{name}.metadata"] = ("text/plain", metadata)
        files.append(
            {
                "filename": name,
                "url": f"/{name}",
                "hashes": {"sha256": hashlib.sha256(version.encode()).hexdigest()},
                "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
                "upload-time": (now - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
                "size": 1,
            }
        )
    page = {"meta": {"api-version": "1.1"}, "name": "thing", "versions": list(RELEASES), "files": files}
    found["/simple/thing/"] = ("application/vnd.pypi.simple.v1+json", json.dumps(page).encode())
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Requirements of one package, locked at its first release, and the index that has more."""
    answers = _answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = answers.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "thing.in").write_text("thing\n")
    (tmp_path / "thing.txt").write_text("thing==1.0\n")
    yield tmp_path
    server.shutdown()
    server.server_close()


def _locked(folder: Path, *, upgrade: bool) -> str:
    lock.lock("thing", None, upgrade=upgrade, folder=folder)
    (line,) = [line for line in (folder / "thing.txt").read_text().splitlines() if line.startswith("thing==")]
    return line.split("==")[1].split()[0]


def test_an_upgrade_waits_a_week(folder: Path) -> None:
    assert _locked(folder, upgrade=False) == "1.0"
    assert _locked(folder, upgrade=True) == "1.1"


def test_what_cannot_wait_is_a_bound(folder: Path) -> None:
    (folder / "thing.in").write_text("thing>=1.3\n")
    assert _locked(folder, upgrade=False) == "1.3"
