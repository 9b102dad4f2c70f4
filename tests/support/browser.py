"""A hostile page in a real browser, and what it got."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("hostile_page.html")
SECONDS = 90.0


def visit(program: str, host: str, plan: Mapping[str, Sequence[Any]], folder: Path) -> dict[str, str]:
    """Have the browser open the hostile page, whose origin has that host name, and return what it
    could read, by attempt. All names of .example lead to this machine.
    """
    got: queue.Queue[dict[str, str]] = queue.Queue()
    with _serving(plan, got) as port:
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={folder}", "--host-resolver-rules=MAP *.example 127.0.0.1", "--no-proxy-server",
            "--disable-background-networking", "--disable-component-update", f"http://{host}:{port}/",
        ]  # fmt: skip
        with (folder.parent / "browser.log").open("wb") as log:
            browser = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            return got.get(timeout=SECONDS)
        finally:
            browser.kill()
            browser.wait(10)


@contextmanager
def _serving(plan: Mapping[str, Sequence[Any]], got: queue.Queue[dict[str, str]]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(json.dumps(plan).encode() if self.path == "/plan" else PAGE.read_bytes())

        def do_POST(self) -> None:
            got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
