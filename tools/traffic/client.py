"""Sends requests to a deployed API from several client threads, each keeping its connection."""

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

from tools.common.errors import CommandError

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


class NotAnswered(CommandError):
    """The connection ended before the answer had come.

    Whether the request was carried out is not known.
    """


class Client:
    """One HTTP connection to the API at `base_url`."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
        self._prefix = parts.path.rstrip("/")

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Answer:
        """One request, made up to TRIES times while the API says that it took nothing of it."""
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
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NotAnswered(f"{method} {self._prefix}{path} was not answered: {error!r}") from error
        try:
            return Answer(response.status, json.loads(content))
        except ValueError:
            return Answer(response.status, content.decode(errors="replace"))

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def in_parallel(
    base_url: str,
    items: Sequence[T],
    work: Callable[[Client, T], R],
    threads: int,
    done: Callable[[R], None] = lambda _: None,
) -> list[R]:
    """Apply `work` to every item with `threads` clients at once; results in the order of the items.

    The first error stops all.
    """
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
