"""A stand-in for Textract that knows the pages it is asked for: on loopback, for deployed tests."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
THROTTLED = {"__type": "ThrottlingException", "message": "Rate exceeded"}


class IdealReader:
    """Answers by the bytes of a page; `faults` come first, one a call: "throttle" or "rubbish".

    With `is_busy` it throttles every call.
    """

    def __init__(self) -> None:
        self.address = ""
        self.faults: list[str] = []
        self.is_busy = False
        self.read: list[str] = []
        self._known: dict[str, Json] = {}
        self._lock = threading.Lock()

    def knows(self, page: bytes, answer: Json) -> None:
        """Answer so to this page from now on."""
        self._known[sha256(page).hexdigest()] = answer

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of an answer to AnalyzeExpense."""
        page = sha256(base64.b64decode(json.loads(body)["Document"]["Bytes"])).hexdigest()
        with self._lock:
            fault = "throttle" if self.is_busy else self.faults.pop(0) if self.faults else ""
            if not fault:
                self.read.append(page)
        if fault == "throttle":
            return 400, json.dumps(THROTTLED).encode()
        if fault:
            return 200, b"<html>busy</html>"
        if page not in self._known:
            return 400, json.dumps({"__type": "BadDocumentException", "message": "nobody knows this page"}).encode()
        return 200, json.dumps(self._known[page]).encode()


@contextmanager
def serving() -> Iterator[IdealReader]:
    """A reader that serves on a free port meanwhile."""
    reader = IdealReader()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = reader.answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        reader.address = f"http://127.0.0.1:{listening.server_port}"
        try:
            yield reader
        finally:
            listening.shutdown()
            thread.join()
