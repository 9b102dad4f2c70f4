"""A reader that takes nothing until it is called, and is then set up and started."""

from __future__ import annotations

import os
import stat
import sys
import urllib.request
from pathlib import Path

import pytest

from tools.common.paths import ROOT
from tools.local_cloud import processes, server
from tools.local_cloud.reader import stand_in
from tools.local_cloud.runs import Run

# In place of the reader's interpreter: a server that says how it was started.
READER = """#!{python}
import http.server, os, socket, sys
class Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(repr((sys.argv[1:4], "{set_up}" in os.environ, "SLUICE_TOKEN" in os.environ)).encode())
server = http.server.HTTPServer(("127.0.0.1", 0), Here, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[-1]))
server.serve_forever()
"""
# In place of make: it puts that interpreter where it is looked for.
MAKE = """#!/bin/sh
echo "$@" >> {made}
cp {reader} {python}
"""


def _program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_first_call_sets_it_up_and_becomes_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python, made = tmp_path / "python", tmp_path / "made"
    reader = _program(tmp_path / "reader", READER.format(python=sys.executable, set_up=stand_in.SET_UP))
    _program(tmp_path / "make", MAKE.format(made=made, reader=reader, python=python))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    module = tmp_path / "when_needed_here.py"
    module.write_text(
        "import sys\nfrom pathlib import Path\nfrom tools.local_cloud.reader import when_needed\n"
        f"when_needed.PYTHON = Path({str(python)!r})\nwhen_needed.main(*sys.argv[1:])\n"
    )
    monkeypatch.setattr(stand_in, "WHEN_NEEDED", module.stem)
    before = server.environment
    paths = f"{ROOT}:{tmp_path}"
    monkeypatch.setattr(server, "environment", lambda *given: before(*given) | {"PYTHONPATH": paths})

    there = stand_in.start_when_needed(run, engines=3)
    assert stand_in.start_when_needed(run).address == there.address, "one that runs is kept"
    state = server.beside(run, stand_in.NAME).state()
    assert not made.exists()

    with urllib.request.urlopen(there.address, timeout=20) as answer:
        said = answer.read().decode()
    assert said == repr((["-P", "-m", stand_in.PROCESS], False, True)), "nothing of the person's is left to it"
    assert made.read_text() == ".venv-reader/.reader\n"
    assert processes.is_running(state["pid"], state["started"]), "it is the same process"
    assert stand_in.stop(run)
    assert not processes.is_running(state["pid"], state["started"])
