"""A state's file, served over loopback to the Terraform that works on the local cloud.

Terraform's own "local" backend goes through the whole state after each resource, to compare and to
write it, and waits for the disk: half of the processor's time of 488 resources, and more of the
wait. Whom it serves writes it at the end, and every 20 s of a long apply.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.common import private

Backend = Mapping[str, Any]

POLL_SECONDS = 0.05  # until the server notices that it is to end


@contextmanager
def served(file: Path) -> Iterator[Backend]:
    """The backend by which Terraform has this file for its state, as configuration in JSON.

    The address is a secret of this run: whoever else is on the machine does not know it.
    """
    path = f"/{secrets.token_hex(16)}"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(file, path))
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield {"http": {"address": f"http://127.0.0.1:{server.server_port}{path}"}}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(file: Path, path: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The state, or that there is none yet."""
            known = self.path == path and file.is_file()
            self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, file.read_bytes() if known else b"")

        def do_POST(self) -> None:
            """A new state."""
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            known = self.path.partition("?")[0] == path
            if known:
                private.write(file, content)
            self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)

        def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: Terraform says what failed."""

    return Handler
