"""A client as the API's description asks for: it sends a request again, the same ballots with the same stamps, until all is taken."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from demo.bad_input import Request
from demo.send import Answer, Client, NotAnswered
from devcloud.runs import LocalCloudError

TRIES = 15
LONGEST_PAUSE_SECONDS = 3.0
NOT_ANSWERED = "no answer"
NOT_TAKEN = "202 in part"


class Resending:
    """Sends requests, each until it is answered for good; counts what every try came to. For several threads at once."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.tries: Counter[str] = Counter()  # by status, or NOT_ANSWERED, or NOT_TAKEN
        self.again = 0  # requests that were sent more than once
        self._sleep, self._lock = sleep, threading.Lock()

    def post(self, client: Client, request: Request) -> Answer:
        """Send ballots. Raises LocalCloudError when TRIES tries came to nothing."""
        for attempt in range(TRIES):
            what, answer = self._try(client, request)
            with self._lock:
                self.tries[what] += 1
                self.again += attempt == 1
            if answer is not None:
                return answer
            self._sleep(min(LONGEST_PAUSE_SECONDS, 0.1 * 2**attempt))
        raise LocalCloudError(f"{request.name}: sent {TRIES} times, and the last time it came to: {what}")

    def _try(self, client: Client, request: Request) -> tuple[str, Answer | None]:
        """What one try came to, and the answer if it is for good."""
        try:
            answer = client.once("POST", "/v1/ballots", request.body, request.content_type)
        except NotAnswered:
            return NOT_ANSWERED, None
        if answer.status == 429 or answer.status >= 500:
            return str(answer.status), None
        if answer.status == 202 and any(item["code"] == "queue-unavailable" for item in answer.body["rejected"]):
            return NOT_TAKEN, None
        return str(answer.status), answer
