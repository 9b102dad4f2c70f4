"""The plainer designs: tasks in a line, workers that take them, and whatever slows them.

The vendor's answers are read by the harvest's own vendor file, so all of them ask the same.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from harvest.parcels import Task
from harvest.vendor import Answer
from harvest.vendors.monitor import Monitor
from tools.bench.harvest.loop import VirtualLoop
from tools.bench.harvest.trial import SECRET, SMALL, WAY, Came, Misfortunes, Terms, chance, judged
from tools.local_cloud.vendor.tokens import CLIENT_ID

NEVER = float("inf")
MINUTE = 60.0
QUEUE_MEMORY_GB = 0.25
IDLE_SECONDS = 0.03  # between two looks of a worker that has nothing to do


@dataclass(frozen=True)
class Design:
    """A plainer design.

    `workers`: calls under way at most. `limiter`: what lets a call out, by the rate. `a_minute`:
    once a minute as many tasks are let out as are permitted in one. `remembers`: what a kill leaves
    is known (a ledger, or a queue). `back_seconds`: until something runs again after a kill, and
    what was under way is tried again. `wait_seconds`: after a 429; None: as the vendor asks.
    `receives`: after so many 429s a task is a dead letter, which nobody looks at.
    """

    name: str
    workers: int
    limiter: Callable[[int], AsyncLimiter] | None = None
    a_minute: bool = False
    remembers: bool = True
    back_seconds: float = 30.0
    wait_seconds: float | None = None
    receives: float = NEVER

    @property
    def is_process(self) -> bool:
        """Whether one process does it all, on Fargate; else a queue and functions."""
        return self.limiter is not None


DESIGNS: tuple[Design, ...] = (
    Design("one process, aiolimiter as usual", 100, lambda rate: AsyncLimiter(rate, 1), remembers=False),
    Design("one process, aiolimiter with care", 100, lambda rate: AsyncLimiter(1, 1 / rate), remembers=False),
    Design("one process, with a ledger", 100, lambda rate: AsyncLimiter(1, 1 / rate)),
    Design("a queue, concurrency for the mean", 21, back_seconds=30.0, wait_seconds=30.0, receives=5),
    Design("a queue, concurrency for zero 429", 7, back_seconds=30.0, wait_seconds=30.0, receives=5),
    Design("a schedule each minute", 100, a_minute=True, wait_seconds=60.0, receives=5),
)


class Crawl:
    """A design at work, from the first task to the last."""

    def __init__(self, design: Design, terms: Terms) -> None:
        self._design, self._terms, self._rng = design, terms, chance(terms)
        self._loop = VirtualLoop(self._rng)
        self._vendor = terms.vendor(lambda: self._loop.wall)
        self._monitor = Monitor()
        self._line: deque[tuple[Task, int]] = deque()
        self._under_way: dict[Task, int] = {}
        self._waits = 0  # tasks that come back later
        self._allowed = NEVER  # tasks that may be taken before the next minute
        self._misfortunes = Misfortunes(terms, self._vendor, self._add_small, self._kill)
        self._is_killed = False
        self._answered_seconds = 0.0
        self.attempts = self.refused = 0

    def run(self) -> Came:
        """Until nothing is left to do."""
        self._token = self._authorised()
        self._line.extend((task, 0) for task in self._monitor.roots())
        try:
            while self._line or self._under_way:
                self._loop.run_until_complete(self._lived())
                if self._is_killed:
                    self._loop.run_until_complete(self._back())
        finally:
            self._loop.close()
        return judged(self._terms, self._vendor, self._misfortunes.times, self._units())

    async def _lived(self) -> None:
        """One life: workers, until all is done or somebody kills it."""
        limiter = self._design.limiter(self._terms.rate) if self._design.limiter else None
        workers = [asyncio.ensure_future(self._worker(limiter)) for _ in range(self._design.workers)]
        minute = asyncio.ensure_future(self._minutes()) if self._design.a_minute else None
        while not self._is_killed and (self._line or self._under_way or self._waits):
            await asyncio.sleep(0.05)
        every = [*workers, *([minute] if minute else [])]
        for one in every:
            one.cancel()
        await asyncio.gather(*every, return_exceptions=True)

    async def _back(self) -> None:
        """What is known after a kill, once something runs again."""
        self._is_killed = False
        design = self._design
        await asyncio.sleep(design.back_seconds)
        left, self._under_way = dict(self._under_way), {}
        if design.remembers:
            self._line.extendleft((task, tries) for task, tries in left.items())
        else:
            self._line = deque((task, 0) for task in self._monitor.roots())

    async def _minutes(self) -> None:
        """Let out once a minute what is permitted in one."""
        while True:
            self._allowed = self._terms.rate * MINUTE
            await asyncio.sleep(MINUTE)

    async def _worker(self, limiter: AsyncLimiter | None) -> None:
        while True:
            if not self._line or self._allowed < 1:
                await asyncio.sleep(IDLE_SECONDS if self._allowed >= 1 else 1.0)
                continue
            task, tries = self._line.popleft()
            self._under_way[task] = tries
            self._allowed -= 1
            if limiter is not None:
                await limiter.acquire()
            await self._call(task, tries)

    async def _call(self, task: Task, tries: int) -> None:
        self.attempts += 1
        await asyncio.sleep(self._rng.uniform(0, WAY))
        request = self._monitor.authorised(self._monitor.request(task, None), self._token)
        headers = {name.lower(): value for name, value in request.headers.items()}
        told = self._vendor.answer("GET", request.target, headers)
        self._misfortunes.look(self._loop.wall)
        await asyncio.sleep(told.latency)
        self._answered_seconds += told.latency + WAY / 2
        answer = Answer(told.status, told.headers, told.body)
        verdict = self._monitor.judge(task, answer, self._loop.wall, self._terms.window)
        if verdict.kind == "throttled":
            await self._throttled(task, tries + 1, verdict.wait_seconds)
            return
        if verdict.kind == "ok" and (found := self._monitor.listed(task, verdict.body)):
            self._line.extend((one, 0) for one in [*found.tasks, *([found.more] if found.more else [])])
        self._under_way.pop(task, None)

    async def _throttled(self, task: Task, tries: int, asked_seconds: float) -> None:
        """The worker waits itself, or leaves the task to the queue for a while."""
        self.refused += 1
        if tries >= self._design.receives:
            self._under_way.pop(task, None)
            return
        self._under_way[task] = tries
        if self._design.wait_seconds is None:
            await asyncio.sleep(asked_seconds)
            await self._call(task, tries)
            return
        self._waits += 1
        self._loop.call_later(self._design.wait_seconds, self._comes_back, task, tries)

    def _comes_back(self, task: Task, tries: int) -> None:
        self._waits -= 1
        if self._under_way.pop(task, None) is not None:
            self._line.append((task, tries))

    def _add_small(self) -> None:
        self._line.append((self._monitor.group(SMALL), 0))

    def _kill(self) -> None:
        self._is_killed = True

    def _authorised(self) -> str:
        """A token of the vendor's."""
        secret = {"client_id": CLIENT_ID, "client_secret": SECRET}
        asked = self._monitor.grant_request(secret, "")
        told = self._vendor.answer("POST", asked.target, asked.headers, asked.body)
        given = self._monitor.grant(Answer(told.status, told.headers, told.body))
        if given is None:
            raise RuntimeError("the vendor gives no token")
        return given.access_token

    def _units(self) -> dict[str, float]:
        """A process by its time; a queue by messages, a function, a row and an object a call."""
        if self._design.is_process:
            seconds = self._vendor.log[-1].at - self._vendor.log[0].at
            return {"fargate_vcpu_seconds": 0.25 * seconds, "fargate_gb_seconds": 0.5 * seconds}
        slept = self._answered_seconds * QUEUE_MEMORY_GB
        done = self.attempts - self.refused
        units = {"sqs_requests": 1.0 * done + 2 * self.attempts, "lambda_requests": self.attempts}
        return units | {"lambda_gb_seconds": slept, "write_units": done, "s3_puts": done}
