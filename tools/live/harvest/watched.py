"""The harvest, looked at: its law, its stores, the vendor and what it permits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence

from harvest.run_rows import OVER
from tools.live.harvest import faults, loads
from tools.live.harvest.tasks import FAILED as TASK_FAILED
from tools.live.harvest.tasks import OPEN, TasksOf
from tools.live.law import Balance
from tools.live.local import stores
from tools.live.local.breaking import Breaking
from tools.live.local.faults import Fault
from tools.live.local.loads import Shape
from tools.live.local.messages import Held
from tools.live.local.place import Place
from tools.live.local.watched import DONE, FAILED, NOW, Json, Watched, step
from tools.local_cloud.vendor import stand_in
from tools.local_cloud.vendor.stand_in import StandIn
from tools.operations.harvest.status import pacer
from tools.traffic.harvest.calls import Call

RECENT_SECONDS = 5.0
STORES = ("ledger", "accounts")


class WatchedHarvest(Watched):
    """One harvest; `vendor` is None where none of ours is beside it."""

    called: Sequence[str] = ("runs", "start")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.tasks = TasksOf(place)
        self.vendor: StandIn | None = stand_in.start(place.run) if place.deployment.endpoint else None
        self._calls: deque[Call] = deque(maxlen=5_000)
        self._read_to = 0
        self._silent: float | None = None

    def balance(self, held: Mapping[str, Held]) -> Balance:
        """Where every task is."""
        del held  # a message names a parcel: what it holds stands in the ledger
        self.tasks.read()
        return self.tasks.balance()

    def look(self) -> Json:
        """The stores, and the vendor."""
        nodes = stores.tables(self.place, *STORES) | stores.buckets(self.place, "results")
        now = pacer(self.place.deployment)
        self._silent = None if now.waits else now.silent
        return nodes | {"target/vendor": self._look_at_vendor()}

    def done(self) -> int:
        """Tasks that are settled."""
        return self.tasks.done

    def extra(self) -> list[Json]:
        """Calls a second beside what the vendor permits, and refusals of late."""
        recent = self._recent()
        permitted = round(float(self.place.deployment.outputs["bound"]["permitted"]), 2)
        return [
            {"name": "calls", "value": round(len(recent) / RECENT_SECONDS, 1), "unit": "/s"},
            {"name": "permitted", "value": permitted, "unit": "/s"},
            {"name": "429s", "value": sum(call.limited for call in recent), "unit": f"in {RECENT_SECONDS:.0f} s"},
        ]

    def shapes(self) -> Sequence[Shape]:
        """A run of all that the vendor has."""
        return loads.shapes(self.place, self.vendor, self.tasks.begun, self._began_anew)

    def faults(self, breaking: Breaking) -> Sequence[Fault]:
        """What can be broken of it."""
        return faults.faults(breaking, self.vendor)

    def follow(self, what: str) -> list[Json] | None:
        """The way of a task, by its name (level/group/host/data group)."""
        found = self.tasks.outcome(what)
        if found is None:
            return None
        run, word = found
        begun = step("run", DONE, f"{run.run_id}, {run.state}", run.started)
        if word == OPEN:
            return [begun, step("call", NOW, "released in a parcel, or waits for its slot")]
        state = FAILED if word == TASK_FAILED else DONE
        stored = step("stored", DONE if run.stored or run.state in OVER else NOW, "in the object of its parcel")
        return [begun, step("call", state, word), *([stored] if state == DONE else [])]

    def _began_anew(self) -> None:
        """The vendor's log begins anew."""
        self._read_to = 0

    def _recent(self) -> list[Call]:
        """The vendor's calls of the last seconds."""
        since = time.time() - RECENT_SECONDS
        return [call for call in list(self._calls) if call.at > since]

    def _look_at_vendor(self) -> Json:
        if self.vendor is None:
            return {"latency_ms": None, "rate": None, "connections": None}
        told = self.vendor.ask("log", **{"from": self._read_to})["calls"]
        self._read_to += len(told)
        self._calls.extend(Call(*one) for one in told)
        recent = self._recent()
        limited = sum(call.limited for call in recent)
        said: Json = {"latency_ms": None, "rate": round(len(recent) / RECENT_SECONDS, 1), "connections": None}
        return said | ({"failing": f"429 ×{limited}"} if limited else {})
