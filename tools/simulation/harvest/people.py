"""Who starts runs and steers them: people over HTTP, who ask again until they are answered."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harvest import parcels, run_rows
from harvest.parcels import Task, parcel_of
from harvest.run_ledger import RunLedger
from tools.simulation.broken import Broken
from tools.simulation.harvest.deployed import DEPLOYED
from tools.simulation.harvest.plan import STEPS, Asked, Step

if TYPE_CHECKING:
    from tools.simulation.harvest.world import World

MS, SECOND = 1_000, 1_000_000
LATE = "late"  # a group that is added
LATE_HOSTS = 3
TRIES = 200
RESUMED_AFTER, FORGOTTEN_AFTER = 20 * SECOND, 120 * SECOND

Json = dict[str, Any]


class People:
    """All of one history. `waiting` counts requests that are still to come, or to be answered."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.waiting = 0
        self._added = False
        self.added_to: set[str] = set()  # runs that were given the late group

    def begin(self) -> None:
        """All that they will ask for."""
        plan = self._world.plan
        for asked in plan.runs:
            self._later(asked.at * MS, lambda asked=asked: self._start(asked))  # type: ignore[misc]
        for step in plan.steps:
            self._later(step.at * MS, lambda step=step: self._step(step, 30))  # type: ignore[misc]
        if plan.vendor.late > 0:
            self._later(plan.vendor.late * MS, self._add)

    def led(self, run_id: str, state: str) -> None:
        """A run is in another state now: one that was stopped goes on when somebody has looked."""
        world = self._world
        if state == run_rows.STOPPED:
            if world.plan.calm:
                world.stage.stop(Broken("stopped", f"run {run_id} was stopped though nothing went wrong"))
            world.befallen["stopped"] += 1
            self._later(RESUMED_AFTER, lambda: self._resume(run_id, state))
        elif state == run_rows.PAUSED:  # by a request that nobody answered, perhaps after the resume
            self._later(FORGOTTEN_AFTER, lambda: self._resume(run_id, state))

    def instant(self) -> None:
        """A run is about to be complete: at this moment a group is added to it."""
        if self._world.plan.vendor.late != -1 or self._added:
            return
        stage = self._world.stage
        actor, stage.current = stage.current, None
        group = self._appears()
        runs = RunLedger(self._world.cloud.client("dynamodb"), DEPLOYED.table("ledger"))
        first = next(iter(self._world.checker.runs))
        if runs.add_groups(first, "in-the-instant", [group]):
            self._world.befallen["added in the instant"] += 1
            self.added_to.add(first)
        stage.current = actor

    def _appears(self) -> parcels.Parcel:
        """The vendor has a group more."""
        self._added = True
        self._world.vendor.estate.add(LATE, LATE_HOSTS, self._world.stage.now / SECOND - self._world.vendor.began)
        return parcel_of(parcels.group_id(LATE), [Task("hosts", (LATE,))])

    def _add(self) -> None:
        if not self._added:
            self._appears()
        body = {"name": "daily", "groups": [LATE], "if_running": "add"}
        self._post("start", "/v1/runs", body, then=lambda said: self.added_to.add(said["run_id"]))

    def _start(self, asked: Asked) -> None:
        names = [f"g{number}" for number in range(len(self._world.plan.vendor.groups))]
        some = [name for number, name in enumerate(names) if asked.groups >> number & 1]
        self._post("start", "/v1/runs", {"name": asked.name, **({"groups": some} if some else {})})

    def _step(self, step: Step, tries: int) -> None:
        runs, what = list(self._world.checker.runs), STEPS[step.what % len(STEPS)]
        if not runs:
            if tries:
                self._later(SECOND, lambda: self._step(step, tries - 1))
            return
        run_id = runs[step.run % len(runs)]
        path = f"/v1/runs/{run_id}"
        match what:
            case "pause":
                self._world.befallen["paused"] += 1
                self._post("runs", f"{path}/pause", {})
                self._later(step.lasts * MS, lambda: self._post("runs", f"{path}/resume", {}))
            case "slower":
                self._world.befallen["slower"] += 1
                self._post("runs", f"{path}/rate", {"rate": 3.0})
                self._later(step.lasts * MS, lambda: self._post("runs", f"{path}/rate", {"rate": None}))
            case "cancel":
                self._post("runs", f"{path}/cancel", {})
            case "start again":
                self._post("start", "/v1/runs", {"name": "daily", "if_running": "another", "groups": ["g0"]})
            case "look":
                self._post("runs", path, None)

    def _resume(self, run_id: str, state: str) -> None:
        if self._world.checker.runs[run_id].state != state:
            return
        self._world.befallen["resumed by hand"] += 1
        self._post("runs", f"/v1/runs/{run_id}/resume", {})

    def _post(
        self,
        function: str,
        path: str,
        body: Json | None,
        tries: int = TRIES,
        then: Callable[[Json], None] = lambda said: None,
    ) -> None:
        """Ask, and again after a while where there is no answer; `then` takes one that is well."""
        self.waiting += 1

        def over(answer: Any, died: BaseException | None) -> None:
            self.waiting -= 1
            if tries and (died is not None or answer["statusCode"] >= 500):
                self._later(2 * SECOND, lambda: self._post(function, path, body, tries - 1, then))
            elif answer["statusCode"] == 200:
                then(json.loads(answer["body"]))

        parts = path.split("/")
        event: Json = {
            "requestContext": {"http": {"method": "GET" if body is None else "POST"}},
            "rawPath": path,
            "headers": {"content-type": "application/json"},
            "pathParameters": {"run_id": parts[3]} if len(parts) > 3 else {},
            "body": None if body is None else json.dumps(body),
        }
        self._world.lambdas.invoke(function, event, over)

    def _later(self, us: int, ask: Callable[[], None]) -> None:
        self.waiting += 1

        def now() -> None:
            self.waiting -= 1
            ask()

        self._world.stage.at(self._world.stage.now + us, now)
