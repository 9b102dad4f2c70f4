"""The functions as Lambda runs them: workers that are kept and reused, invocations that end, die,
run out of time or fall asleep.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.simulation.faults import Sdk
from tools.simulation.stage import Actor, TimedOut

if TYPE_CHECKING:
    from tools.simulation.world import World

SECOND = 1_000_000
FOREVER = 10**9 * SECOND

Over = Callable[[Any, BaseException | None], None]


class Worker:
    """One function's process: the handler's object, and how far its clock is off (µs)."""

    def __init__(self, function: str, skew: int) -> None:
        self.function, self.skew = function, skew
        self.handler: Any = None
        self.release = ""


class Invocation:
    """One call of a function: what Lambda hands it as `context`, and whether Lambda still waits for
    it.
    """

    def __init__(self, world: "World", function: str, worker: Worker | None, over: Over, number: int = 0) -> None:
        self.function, self.worker, self.over = function, worker, over
        self.number = number
        self.deadline = world.stage.now + world.deployed.timeouts.get(function, 0) * SECOND
        self.asleep_for = 0  # µs of a sleeper whose own clock stood still
        self.given_up = False
        self.is_over = False
        self.is_hurt = False  # something was broken in it
        self._world = world

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's context says it."""
        left: int = self.deadline + self.asleep_for - self._world.stage.now
        return left // 1000


class Lambdas:
    """All functions of one history."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.invocations = 0
        self.sleepers = 0
        self.building: Worker | None = None  # the worker that is being made
        self.idle: dict[str, list[Worker]] = {}

    def invoke(self, function: str, event: dict[str, Any], over: Over) -> None:
        """Call a function, as Lambda does: `over` gets its answer, or what it died of (also when
        its time is over).
        """
        self.invocations += 1
        worker = self._worker(function)
        invocation = Invocation(self._world, function, worker, over, self.invocations)
        handle, arguments = worker.handler.handle, self._world.arguments(function, event, invocation)
        actor = Actor(f"{function}-{self.invocations}", lambda: handle(*arguments))
        actor.deadline, actor.context = invocation.deadline, invocation
        self._world.note(f"invoke {actor.name} ({worker.release}) {_what(event)}")

        def ended(answer: Any, died: BaseException | None) -> None:
            if died is None:
                self.idle.setdefault(function, []).append(worker)
            if self._world.trace is not None:
                end = "ends" if died is None else f"dies of {type(died).__name__} {died}"
                self._world.note(f"{actor.name} {end} {_answer(answer)}")
            invocation.is_over = True
            self._world.left(invocation, died)
            if not invocation.given_up:
                invocation.over(answer, died)

        self._world.stage.start(actor, ended)

    def operate(self, work: Callable[[Any], Any]) -> None:
        """An operator does something, with an SQS client; what they die of is their own affair."""
        invocation = Invocation(self._world, "operator", None, lambda answer, died: None)
        actor = Actor("operator", lambda: work(Sdk(self._world.cloud.client("sqs", "operator"), self._world)))
        actor.context = invocation
        self._world.stage.start(actor, lambda answer, died: self._world.note(f"operator ends {died or ''}"))

    def _worker(self, function: str) -> Worker:
        release = self._world.events.release()
        idle = [worker for worker in self.idle.get(function, ()) if worker.release == release.name]
        if idle and self._world.rng.random() < 0.8:
            worker = self._world.rng.choice(idle)
            self.idle[function].remove(worker)
            return worker
        skew = self._world.clock_error(function)
        worker = self.building = Worker(function, skew)
        worker.handler, worker.release = release.worker(function), release.name
        return worker

    def pass_time(self) -> None:
        """A request or an answer is on its way: milliseconds, seldom a fraction of a second."""
        self._world.stage.pause(int(2_000 / (1.01 - self._world.rng.random())))

    def hang(self) -> None:
        """Wait for an answer that never comes; Lambda ends it."""
        if self._world.stage.current is not None and self._world.stage.current.deadline is not None:
            self._world.stage.pause(FOREVER)
        self._world.stage.crash()  # a sleeper, whom Lambda gave up long since

    def fall_asleep(self) -> None:
        """The call outlives the function's time and its messages' visibility; Lambda gives it up,
        and it goes on later.
        """
        actor = self._world.stage.current
        if actor is None:
            return
        invocation: Invocation = actor.context
        mappings = self._world.deployed.mappings
        mapping = next((mapping for mapping in mappings if mapping.function == invocation.function), None)
        visibility = (
            mapping.visibility if mapping else max(30, self._world.deployed.timeouts.get(invocation.function, 0) + 5)
        )
        longest = self._world.rng.choice((visibility + 5, visibility + 60, 3_600))
        seconds = self._world.rng.uniform(visibility, max(longest, visibility + 1))
        self.sleepers += 1
        if actor.deadline is not None:
            actor.deadline = None
            self._world.stage.at(invocation.deadline, lambda: self._give_up(invocation))
        began = self._world.stage.now
        self._world.stage.pause(int(seconds * SECOND))
        if self._world.rng.random() < 0.5:
            invocation.asleep_for += self._world.stage.now - began
        self._world.note(f"{actor.name} WAKES after {seconds:.0f} s")

    def _give_up(self, invocation: Invocation) -> None:
        if not invocation.given_up and not invocation.is_over:
            invocation.given_up = True
            self._world.left(invocation, TimedOut())
            invocation.over(None, TimedOut())


def _what(event: dict[str, Any]) -> str:
    if records := event.get("Records"):
        return f"{len(records)} messages: " + "; ".join(record["body"][:300] for record in records)
    return str(event.get("body") or event.get("rawPath") or "by the schedule")


def _answer(answer: Any) -> str:
    if isinstance(answer, dict) and "statusCode" in answer:
        return f"{answer['statusCode']} {answer['body'][:200]}"
    return f"{len(answer['batchItemFailures'])} failed" if answer and "batchItemFailures" in answer else ""
