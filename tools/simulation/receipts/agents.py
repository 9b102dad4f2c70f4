"""The agents on the premises: each is one process, one lane; killed, and started again."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tools.simulation.broken import Broken
from tools.simulation.lambdas import Invocation, Worker
from tools.simulation.receipts import deployed
from tools.simulation.receipts.site import secret_of
from tools.simulation.stage import Actor, Crash

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

SECOND = 1_000_000
STARTED_AGAIN = (1.0, 20.0)  # seconds after it was killed


class Agents:
    """The agents of one history."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._running: dict[str, Actor] = {}
        self.starts = 0

    def begin(self) -> None:
        """Start them, where this history has them."""
        if self._world.plan.by_agent:
            for name in deployed.AGENTS:
                self._start(name)

    def kill(self) -> int:
        """Kill them all: how many. They are started again."""
        for actor in list(self._running.values()):
            self._world.stage.kill(actor.context)
        return len(self._running)

    def _start(self, name: str) -> None:
        world = self._world
        self.starts += 1
        release = world.events.release()
        worker = world.lambdas.building = Worker("agent", world.clock_error("agent"))
        context = Invocation(world, "agent", worker, lambda answer, died: None, number=self.starts)
        actor = Actor(f"agent-{self.starts}", _agent(world, release.modules, name).run)
        actor.context, actor.stays = context, True
        self._running[name] = actor
        world.note(f"{name} starts ({release.name})")
        world.stage.start(actor, lambda answer, died: self._ended(name, context, died))

    def _ended(self, name: str, context: Any, died: BaseException | None) -> None:
        world = self._world
        world.note(f"{name} ends: {type(died).__name__} {died}")
        if not isinstance(died, Crash):
            world.stage.stop(Broken("agent", f"{name} ends by itself: {type(died).__name__} {died}"))
        context.is_over = True
        world.checker.lanes.left(context, died)
        for session in [one for one in world.server.sessions if one.context is context]:
            world.server.end(session)  # its machine says so for it
        del self._running[name]
        world.stage.at(world.stage.now + int(world.rng.uniform(*STARTED_AGAIN) * SECOND), lambda: self._start(name))


def _agent(world: "World", modules: Any, name: str) -> Any:
    """The agent's work, with a configuration of this site's."""
    login = modules["delivery.credentials"].Login
    database = SimpleNamespace(
        table="receipts", login=lambda: login.model_validate_json(secret_of(world.site.password))
    )
    aws = SimpleNamespace(
        delivery_queue_url=world.deployed.url(deployed.DELIVERY.name),
        delivered_queue_url=world.deployed.url(deployed.DELIVERED.name),
        documents_bucket=deployed.DOCUMENTS,
        poll_seconds=20,
    )
    pace = modules["delivery.pace"].Budget(**deployed.PACE)
    config = SimpleNamespace(pace=pace, lane=name, database=database, aws=aws)
    return modules["agent.process"].agent_of(config, SimpleNamespace(client=world.client))
