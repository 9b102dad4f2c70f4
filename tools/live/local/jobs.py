"""What takes a while and shows how far it is: redrives. One after another, in a thread."""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tools.live.source import Json

RUNNING, DONE, FAILED = "running", "done", "failed"
MOST_SHOWN = 10
ENDS_SECONDS = 5.0


@dataclass
class Job:
    """One of them; `text` says what, or at its end what came of it."""

    id: str
    text: str
    of: int
    moved: int = 0
    state: str = RUNNING

    def plain(self) -> Json:
        """As a snapshot has it."""
        return {"id": self.id, "text": self.text, "moved": self.moved, "of": self.of, "state": self.state}


Work = Callable[[Job], str]  # does it, and says what came of it


class Jobs:
    """Those of one pipeline, newest last."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._shown: deque[Job] = deque(maxlen=MOST_SHOWN)
        self._waiting: queue.SimpleQueue[tuple[Job, Work] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, text: str, of: int, work: Work) -> Job:
        """Begin one, when those before it are done."""
        job = Job(str(next(self._numbers)), text, of)
        self._shown.append(job)
        self._waiting.put((job, work))
        return job

    def plain(self) -> list[Json]:
        """As a snapshot has them."""
        return [job.plain() for job in list(self._shown)]

    def close(self) -> None:
        """Begin none any more; one that is under way has a while to end."""
        self._waiting.put(None)
        self._thread.join(ENDS_SECONDS)

    def _run(self) -> None:
        while (one := self._waiting.get()) is not None:
            job, work = one
            try:
                job.text, job.state = work(job), DONE
            except Exception as error:  # told to whoever looks
                job.text, job.state = f"{job.text}: {error}"[:500], FAILED
