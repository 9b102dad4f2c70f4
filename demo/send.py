"""Sends requests to the deployed API from several client threads, each with a connection that it keeps."""

from __future__ import annotations

import http.client
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from demo.bad_input import Request
from devcloud.runs import LocalCloudError

T = TypeVar("T")
R = TypeVar("R")
TIMEOUT_SECONDS = 30.0
TRIES = 6
TRY_AGAIN = (429, 503)  # nothing of the request was taken


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the parsed body."""

    status: int
    body: Any


class NotAnswered(LocalCloudError):
    """The connection ended before the answer had come: whether the request was carried out is not known."""


class Client:
    """One HTTP connection to the API at `base_url`."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
        self._prefix = parts.path.rstrip("/")

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Answer:
        """One request, repeated (at most six times) while the API says that it took nothing of it."""
        for attempt in range(TRIES):
            answer = self.once(method, path, body, content_type)
            if answer.status not in TRY_AGAIN or attempt == TRIES - 1:
                break
            time.sleep(0.1 * 2**attempt)
        return answer

    def once(self, method: str, path: str, body: bytes | None, content_type: str | None) -> Answer:
        """One request, whatever is answered. Raises NotAnswered."""
        headers = {"Content-Type": content_type} if content_type else {}
        try:
            self._connection.request(method, self._prefix + path, body, headers)
            response = self._connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NotAnswered(f"{method} {self._prefix}{path} was not answered: {error!r}") from error
        try:
            return Answer(response.status, json.loads(said))
        except ValueError:
            return Answer(response.status, said.decode(errors="replace"))

    def post(self, request: Request) -> Answer:
        """Send ballots. Raises LocalCloudError for an answer that is the API's own fault: no input may cause one."""
        answer = self.call("POST", "/v1/ballots", request.body, request.content_type)
        if answer.status >= 500:
            raise LocalCloudError(f"POST /v1/ballots answered {answer.status}: {str(answer.body)[:1000]}")
        return answer

    def results(self, title_id: str) -> dict[str, Any] | None:
        """The results of a title; None when the API does not know it. Raises LocalCloudError for any other answer."""
        answer = self.call("GET", f"/v1/titles/{title_id}/results")
        if answer.status == 404 and answer.body.get("code"):
            return None
        if answer.status != 200:
            raise LocalCloudError(f"GET /v1/titles/{title_id}/results answered {answer.status}: {answer.body}")
        found: dict[str, Any] = answer.body
        return found

    def close(self) -> None:
        self._connection.close()


def in_parallel(
    base_url: str, items: Sequence[T], work: Callable[[Client, T], R], threads: int, done: Callable[[R], None] = lambda _: None
) -> list[R]:
    """Apply `work` to every item with `threads` clients at once; results in the order of the items. The first error stops all."""
    waiting: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    for item in enumerate(items):
        waiting.put(item)
    found: dict[int, R] = {}
    errors: list[BaseException] = []

    def client() -> None:
        connection = Client(base_url)
        try:
            while not errors:
                index, item = waiting.get_nowait()
                found[index] = work(connection, item)
                done(found[index])
        except queue.Empty:
            return
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=client, daemon=True) for _ in range(threads)]
    _run_to_end(running)
    if errors:
        raise errors[0]
    return [found[index] for index in range(len(items))]


def _run_to_end(threads: Iterable[threading.Thread]) -> None:
    threads = list(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
