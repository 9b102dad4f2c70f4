"""The seeded world of harvest: its vendor, its people, its checker.

`run(plan)` plays one history to its end and raises Broken where a promise does not hold.
"""

import json
from collections import Counter
from typing import Any, ClassVar

from harvest import messages, parcels, proof, run_rows
from harvest.proof import Proof
from harvest.vendor import Request
from tools.local_cloud.vendor.settings import Limit, Settings
from tools.local_cloud.vendor.tokens import Tokens
from tools.local_cloud.vendor.vendor import Vendor
from tools.simulation import world
from tools.simulation.broken import Broken
from tools.simulation.faults import Faults
from tools.simulation.harvest import deployed
from tools.simulation.harvest.beside import Actors, Calls
from tools.simulation.harvest.cells import MATRIX
from tools.simulation.harvest.checker import Checker, Doing
from tools.simulation.harvest.deployed import DAY_SECONDS, LIMITS, PACE, RATE, START_US
from tools.simulation.harvest.events import Events
from tools.simulation.harvest.final import check_end
from tools.simulation.harvest.people import People
from tools.simulation.harvest.plan import UNTOLD, WAITS, Plan
from tools.simulation.harvest.standins import TASK, settings_of, this_release
from tools.simulation.lambdas import Invocation
from tools.simulation.surroundings import Release

MS, SECOND = 1_000, 1_000_000
CLIENT_SECRET = "s3cret"
WRONG_CLOCK_US = 5 * SECOND
ENDS_WITHIN = 1200 * SECOND  # runs, once faults are over


class Line(Calls):
    """Calls the vendor, and tells the checker of each."""

    def __init__(self, of: "World") -> None:
        way = lambda: of.rng.uniform(0, PACE["way_ms"] / 1000)  # noqa: E731
        super().__init__(of.stage, of.vendor, PACE["call_ms"] / 1000, way, of.poisons)
        self._of = of

    def arrived(self, request: Request, *, in_time: bool) -> None:
        """A call has reached the vendor."""
        if TASK in request.headers:
            seen = self._of.vendor.log[-1]
            self._of.checker.called(request.headers[TASK], seen.right and in_time, seen.limited)


class World(world.World):
    """One history of harvest."""

    deployed = deployed.DEPLOYED
    matrix = MATRIX
    checks: ClassVar[type[Checker]] = Checker
    plan: Plan
    checker: Checker
    events: Events

    def __init__(self, plan: Plan, trace: bool = False, meddler: type[Faults] = Faults) -> None:
        super().__init__(plan, START_US, trace, meddler)
        said = json.dumps({"client_id": "sluice", "client_secret": CLIENT_SECRET})
        self.cloud.secrets.create(deployed.SECRET, said)
        self.vendor = Vendor(self._vendor_settings(), lambda: self.stage.now / SECOND, CLIENT_SECRET)
        tokens = iter(range(10**9))
        self.vendor.tokens = Tokens(self.vendor.settings, CLIENT_SECRET, lambda: f"token-{next(tokens)}")
        self.befallen: Counter[str] = Counter()
        self.checker = self.checks(self)
        self.events = Events(self, plan.events)
        self.people = People(self)
        self.stage.at(START_US + 20 * SECOND, self._wake)

    def _vendor_settings(self) -> Settings:
        has = self.plan.vendor
        limits = [Limit(RATE, 1.0, "sliding")]
        limits += [Limit(has.budget, DAY_SECONDS, "fixed")] if has.budget else []
        return Settings(
            seed=self.plan.seed % 10**6,
            groups={f"g{number}": hosts for number, hosts in enumerate(has.groups)},
            data_groups=3,
            points=1,
            groups_page=2,
            limits=tuple(limits),
            wait=WAITS[has.wait % len(WAITS)],
            latency=(0.05, 0.6),
            errors=has.errors / 100,
            errors_in_ok=has.errors / 200,
            slow=has.errors / 200,
            slow_seconds=3.0,
            vanish=has.moves / 100,
            appear=has.moves / 100,
            life=8.0,
            token_seconds=float(has.token),
        )

    # --- what the general part asks ---

    def play(self) -> None:
        """The one act, then what must be so in the end."""
        self.act(0)
        check_end(self)

    def begin(self, act: int) -> None:
        """People start and steer."""
        self.people.begin()

    def drain(self, began: int) -> None:
        """Runs end soon; their messages may be on their way for hours. Raises Broken."""
        self.stage.run(self.stage.now + ENDS_WITHIN, self._are_over)
        if not self._are_over():
            raise Broken("ends", f"{ENDS_WITHIN // SECOND} s after faults were over: {self.unfinished()}")
        super().drain(began)

    def _are_over(self) -> bool:
        return all(run.state in run_rows.OVER for run in self.checker.runs.values())

    def waiting(self) -> int:
        """Of people's requests, and runs that are not over."""
        return self.people.waiting + sum(run.state not in run_rows.OVER for run in self.checker.runs.values())

    def unfinished(self) -> str:
        """The runs' states."""
        return f"runs { ({run_id: run.state for run_id, run in self.checker.runs.items()}) }"

    def releases(self) -> tuple[Release, Release]:
        """This one alone: what two of them owe each other is tried elsewhere."""
        return this_release(), this_release()

    def settings(self, model: Any) -> Any:
        """As environments/local has them, with this history's limits and turns."""
        limits = dict(LIMITS)
        if self.plan.vendor.budget:
            day = {"calls": self.plan.vendor.budget, "seconds": DAY_SECONDS, "kind": "budget"}
            limits["limits"] = [*limits["limits"], day]
        pace = {**PACE, "turn_seconds": self.plan.turn}
        return settings_of(model, (("LIMITS", json.dumps(limits)), ("PACE", json.dumps(pace))))

    def clock_error(self, function: str) -> int:
        """Within what is declared, or far beyond."""
        if self.events.wrong_clocks and function == "work":
            return self.rng.choice((-WRONG_CLOCK_US, WRONG_CLOCK_US))
        return int(self.rng.uniform(-1, 1) * PACE["clock_ms"] * MS) if self.plan.skew else 0

    def arguments(self, function: str, event: dict[str, Any], context: Invocation) -> tuple[Any, ...]:
        """As the handlers hand them on."""
        if function == "work":
            self._begins(event, context)
        return (event,) if function in ("start", "runs") else (event, context)

    def sleep(self, seconds: float) -> None:
        """Virtual time passes, and more of it where the process stands still."""
        super().sleep(seconds)
        self.events.stand_still()

    def counts(self) -> dict[str, int]:
        """What the history came to."""
        runs = self.checker.runs.values()
        return {
            "runs": len(runs),
            "complete": sum(run.state == run_rows.COMPLETED for run in runs),
            "complete with failures": sum(run.state == run_rows.WITH_FAILURES for run in runs),
            "tasks settled": sum(len(run.settled) for run in runs),
            "calls": len(self.vendor.log),
            "calls repeated": sum(sum(run.right.values()) - len(run.right) for run in runs),
            "refused by the vendor": sum(seen.limited for seen in self.vendor.log),
            "parcels": len(self.checker.committed),
            "turns": len(self.checker.turns),
            "tokens": self.vendor.tokens.granted,
            **self.traffic(),
            "invocations": self.lambdas.invocations,
            "service calls": self.faults.made.total(),
        }

    def befell(self) -> dict[str, int]:
        """How often each event had an effect."""
        return {**super().befell(), **self.befallen}

    # --- what its own parts ask ---

    def calls(self) -> Calls:
        """For the worker that is being made: its line to the vendor."""
        return Line(self)

    def threads(self) -> Actors:
        """For the worker that is being made: who does things side by side."""
        return Actors(self.stage)

    def poisons(self, path: str) -> bool:
        """Whether a call kills its worker."""
        parts = path.split("/")
        is_poison = (
            bool(self.plan.vendor.poison) and parts[-1] == "data" and parts[3] == "g0" and parts[5].endswith("0")
        )
        if is_poison and self.plan.vendor.poison == 1:
            is_poison = parts[7].startswith(self._poisoned_data(parts[5]))
        self.befallen["poison"] += is_poison
        return is_poison

    def _poisoned_data(self, host: str) -> str:
        return self.vendor.estate.data_groups("g0", host)[0]

    def is_closed(self) -> bool:
        """Whether the vendor refuses all."""
        closes, opens = self.vendor.settings.closed
        return closes <= self.stage.now / SECOND - self.vendor.began < opens

    def waits_until(self) -> int:
        """Until when (µs) whoever is refused now waits at least."""
        opens = int((self.vendor.began + self.vendor.settings.closed[1]) * SECOND)
        short = WAITS[self.plan.vendor.wait % len(WAITS)] in UNTOLD
        return min(opens, self.stage.now + SECOND) if short else opens

    def proof(self, run_id: str) -> Proof:
        """The sum of a run's tree, at this instant."""
        rows = {item: row for (of, item), row in self.table("ledger").items.items() if of == run_id}
        found = [parcels.read(row) for item, row in rows.items() if item.startswith(parcels.PREFIX)]
        return proof.summed(run_rows.read(rows[run_rows.ITEM]), {parcel.id: parcel for parcel in found})

    def led(self, run_id: str, state: str) -> None:
        """A run is in another state now."""
        self.note(f"RUN {run_id} is {state}")
        self.people.led(run_id, state)

    def _begins(self, event: dict[str, Any], context: Invocation) -> None:
        message = messages.decode_parcel(event["Records"][0]["body"])
        self.checker.doing[context] = Doing(message.run_id, message.parcel)
        over = context.over

        def ended(answer: Any, died: BaseException | None) -> None:
            self.checker.ended(context, died)
            over(answer, died)

        context.over = ended

    def _wake(self) -> None:
        """The schedule calls start."""
        self.stage.at(self.stage.now + deployed.WAKE_SECONDS * SECOND, self._wake)
        self.lambdas.invoke("start", {"wake": True}, lambda answer, died: None)
