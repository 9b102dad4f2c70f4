"""A client as an API's description asks for: it sends a request again until all of it is taken.

The same bytes each time, so with the same stamps.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from tools.common.errors import CommandError
from tools.traffic.client import Answer, Client, NotAnswered

TRIES = 15
LONGEST_PAUSE_SECONDS = 3.0
NOT_ANSWERED = "no answer"
NOT_TAKEN = "202 in part"


class Named(Protocol):
    """A request, as far as an error speaks of it."""

    @property
    def name(self) -> str:
        """What it is."""


R = TypeVar("R", bound=Named)


class Resending(Generic[R]):
    """Sends requests, each until it is answered for good; counts what every try came to.

    `send` makes one try; `is_taken_in_part` tells of an answer whether the rest is to be sent
    again. For several threads at once.
    """

    def __init__(
        self,
        send: Callable[[Client, R], Answer],
        is_taken_in_part: Callable[[Answer], bool],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.tries: Counter[str] = Counter()  # by status, or NOT_ANSWERED, or NOT_TAKEN
        self.again = 0  # requests that were sent more than once
        self._send, self._is_taken_in_part = send, is_taken_in_part
        self._sleep, self._lock = sleep, threading.Lock()

    def post(self, client: Client, request: R) -> Answer:
        """Send a request. Raises CommandError when TRIES tries came to nothing."""
        for attempt in range(TRIES):
            what, answer = self._try(client, request)
            with self._lock:
                self.tries[what] += 1
                self.again += attempt == 1
            if answer is not None:
                return answer
            self._sleep(min(LONGEST_PAUSE_SECONDS, 0.1 * 2**attempt))
        raise CommandError(f"{request.name}: sent {TRIES} times, and the last time it came to: {what}")

    def _try(self, client: Client, request: R) -> tuple[str, Answer | None]:
        """What one try came to, and the answer if it is for good."""
        try:
            answer = self._send(client, request)
        except NotAnswered:
            return NOT_ANSWERED, None
        if answer.status == 429 or answer.status >= 500:
            return str(answer.status), None
        if self._is_taken_in_part(answer):
            return NOT_TAKEN, None
        return str(answer.status), answer
