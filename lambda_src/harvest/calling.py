"""A parcel's calls, each at its slot or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from harvest.messages import ParcelMessage
from harvest.parcels import Parcel, Task
from harvest.settings import Pacing
from harvest.threads import Beside, Flight
from harvest.token import Token, Tokens
from harvest.vendor import Answer, Calls, Request, Vendor, Verdict
from harvest.watch import Watch, now_ms
from shared import clock, logs

NAP_SECONDS = 0.25  # until a slot: so soon a stop is noticed


class Called(NamedTuple):
    """A task, and what its call came to: no verdict where it was not called.

    `at_ms` is when it was called, 0 where it was not.
    """

    task: Task
    verdict: Verdict | None = None
    body: bytes = b""
    at_ms: int = 0


class Made(NamedTuple):
    """What a parcel's calls came to, in the order of its tasks, and the token they were made with:
    none where nothing was called. `refresh` may still be under way.
    """

    called: list[Called]
    token: Token | None = None
    refresh: Flight[None] | None = None

    def answers(self, *kinds: str) -> bool:
        """Whether any answer is of these kinds."""
        return any(one.verdict and one.verdict.kind in kinds for one in self.called)


@dataclass(frozen=True)
class Calling:
    """Calls one vendor. `window_seconds`: how long a throttle lasts that does not say so."""

    vendor: Vendor
    calls: Calls
    tokens: Tokens
    beside: Beside
    pace: Pacing
    window_seconds: float

    def at_slots(
        self, parcel: Parcel, message: ParcelMessage, watch: Watch, since_ms: int | None
    ) -> Made:
        """Call each task of a parcel at its slot, in their order; those without one are not called.

        Raises NoToken, TokenRefused and the clients' errors, all of them before any call.
        """
        watch.look()
        if watch.is_stopped:
            return Made([Called(task) for task in parcel.tasks])
        token = self.tokens.current(watch.token)
        if now_ms() >= watch.next_look_ms():  # a token may have taken its time
            watch.look()
        acts = [
            self._act(task, slot, watch, token, since_ms)
            for task, slot in zip(parcel.tasks, message.slots, strict=False)
        ]
        flights = [self.beside.begin(act) for act in acts]
        refresh = self.beside.begin(lambda: self._refresh(watch))
        while waiting := [one for one in flights if not one.done()]:
            if now_ms() >= watch.next_look_ms():
                watch.look_again()
            self.beside.wait(waiting, max(0.001, (watch.next_look_ms() - now_ms()) / 1000))
        called = [one.result() for one in flights]
        called += [Called(task) for task in parcel.tasks[len(called) :]]
        return Made(called, token, refresh)

    def finish(self, made: Made) -> None:
        """Wait until nothing is under way any more: a vendor that gives a token slowly must not
        hold up a commit, and a worker that is done is frozen.
        """
        while made.refresh is not None and not made.refresh.done():
            self.beside.wait([made.refresh], NAP_SECONDS)

    def _act(
        self, task: Task, slot: float, watch: Watch, token: Token, since_ms: int | None
    ) -> Callable[[], Called]:
        request = self.vendor.authorised(self.vendor.request(task, since_ms), token.value)
        return lambda: self._at_slot(task, request, slot, watch)

    def _at_slot(self, task: Task, request: Request, slot: float, watch: Watch) -> Called:
        """Wait for the slot; call, unless it is too late, or somebody asks to stop."""
        while (left_ms := slot - now_ms()) > 0:
            if watch.is_stopped:
                return Called(task)
            clock.sleep(min(max(left_ms, 1) / 1000, NAP_SECONDS))
        at_ms = now_ms()
        if at_ms > slot + self.pace.tolerance_ms or not watch.may_call(at_ms):
            return Called(task)
        answer = self.calls.call(request)
        verdict = self._judged(task, answer)
        if verdict.kind == "throttled":
            watch.refused(verdict.wait_seconds)
        elif verdict.kind == "unauthorised":
            watch.stop()
        return Called(task, verdict, answer.body, at_ms)

    def _judged(self, task: Task, answer: Answer) -> Verdict:
        """The vendor file's verdict; an answer that it stumbles over fails its own task alone."""
        try:
            now_seconds = clock.now_us() / 1_000_000
            return self.vendor.judge(task, answer, now_seconds, self.window_seconds)
        except Exception as error:
            logs.failed("judge", logs.kind_of(error), task.level, 1, **logs.cause_of(error))
            return Verdict("failed", "unforeseen")

    def _refresh(self, watch: Watch) -> None:
        """Have the token made anew in time; where that fails the one that is held goes on."""
        try:
            self.tokens.refresh_in_time(watch.token)
        except (ClientError, BotoCoreError) as error:
            cause = {"place": "token", "kind": logs.kind_of(error), **logs.cause_of(error)}
            logs.logger().warning("token not refreshed", extra=cause)
