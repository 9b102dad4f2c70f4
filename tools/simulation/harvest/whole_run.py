"""A whole run in virtual time, with the real functions: what it reaches of what is permitted.

`python -m tools.simulation.harvest.whole_run [CALLS] [RATE …]` prints runs at 5, 50 and 500/s.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harvest.parcels import Parcel
from tools.local_cloud.vendor.judge import judge
from tools.local_cloud.vendor.settings import Limit, Settings
from tools.simulation.aws.calls import Call
from tools.simulation.aws.meter import Meter, Touched, charge_reads
from tools.simulation.broken import Broken
from tools.simulation.faults import AnyCall
from tools.simulation.harvest import world
from tools.simulation.harvest.checker import Checker, Known
from tools.simulation.harvest.deployed import PACE, PARCEL
from tools.simulation.harvest.people import LATE, LATE_HOSTS
from tools.simulation.harvest.plan import Asked, Plan, Vendor
from tools.simulation.harvest.standins import installed, settings_of

SECOND = 1_000_000
CALLS, RATES = 65_000, (5, 50, 500)
COMES_AT = 0.4  # of the run: the small group
CALLS_A_HOST = 4.0  # with 1 to 5 data groups: the listing of them, and three on average
SMALL_CALLS = int(LATE_HOSTS * CALLS_A_HOST) + 1
PATIENCE = 2.0  # times what the calls take at the permitted rate
WORKERS = 60  # at once
WRITES = ("UpdateItem", "PutItem", "BatchWriteItem")
# J is 30 ms; what else there is, is as shipped
BOUNDS = {name: PACE[name] for name in ("tolerance_ms", "clock_ms", "way_ms", "call_ms")}
SPREAD_MS = 2 * PACE["clock_ms"] + PACE["way_ms"] + PACE["tolerance_ms"]


@dataclass(frozen=True)
class WholeRun:
    """What a run came to.

    `share` is of the permitted rate over the whole run, `inner` between its first and last hundred
    calls, `bound` what can be. `over`: calls over the limit by the vendor's own
    clock; `lost`: things that were there and were not answered; `small_seconds`: from its coming,
    until the small group was done. Units are those billed, a call.
    """

    rate: int
    calls: int
    seconds: float
    share: float
    inner: float
    bound: float
    over: int
    throttled: int
    lost: int
    repeated: int
    small_seconds: float
    write_units: float
    read_units: float
    state: str

    def line(self) -> str:
        """For a person."""
        part = 100 * self.small_seconds / self.seconds
        return (
            f"{self.rate:4}/s: {self.calls:,} calls in {self.seconds:,.0f} s, share {self.share:.3f} "
            f"(between the first and last hundred {self.inner:.3f}, bound {self.bound:.3f}); over {self.over}, "
            f"429s {self.throttled}, lost {self.lost}, repeated {self.repeated}; "
            f"small group {self.small_seconds:.1f} s ({part:.1f} %); a call {self.write_units:.3f} write units, "
            f"{self.read_units:.2f} read units; {self.state}"
        )


class Metered(AnyCall):
    """Counts billed units; a request and its answer take some milliseconds each."""

    def __init__(self, of: Any, plan: Any) -> None:
        super().__init__(of, plan)
        self.meter = Meter()
        self._of = of

    def before(self, call: Call) -> None:
        """The call is on its way."""
        self._pass_time()
        if call.service == "dynamodb" and call.operation in WRITES:
            known = {name: value for name, value in call.params.items() if name != "ReturnValues"}
            Touched(self._of.cloud.dynamodb, call.operation, known).charge(self.meter)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Its answer is on its way."""
        if call.service == "dynamodb":
            charge_reads(self.meter, call.operation, call.params, answer)
        self._of.checker.effect(call, answer)
        self._pass_time()

    def _pass_time(self) -> None:
        if self._of.stage.current is not None:
            self._of.stage.pause(self._of.rng.randrange(2_000, 8_000))


class Counting(Checker):
    """Knows the runs' states alone; the vendor's log is the judge of the rest."""

    def called(self, task: str, is_right: bool, is_limited: bool) -> None:
        """Nothing."""

    def _slots(self, slots: Sequence[float]) -> None:
        """Nothing."""

    def _commit(self, run_id: str, parcel: Parcel) -> None:
        """Nothing."""

    def _completed(self, run_id: str, run: Known) -> None:
        run.completed += 1


class Large(world.World):
    """A world of one large run, with limits and concurrency as they are shipped."""

    checks = Counting
    faults: Metered

    def __init__(self, rate: int, calls: int, seed: int) -> None:
        self._rate = rate
        self._hosts = max(1, int((calls - SMALL_CALLS) / CALLS_A_HOST))
        late = int(COMES_AT * calls / rate * 1000)
        super().__init__(Plan(Vendor(late=late), (Asked(0, "daily"),), skew=True, seed=seed), meddler=Metered)
        self.pollers[PARCEL].mapping = self.pollers[PARCEL].mapping._replace(concurrency=WORKERS)

    def _vendor_settings(self) -> Settings:
        limit = Limit(self._rate, 1.0, "sliding")
        return Settings(
            seed=self.plan.seed, groups={"big": self._hosts}, points=1, limits=(limit,), latency=(0.05, 0.8)
        )

    def settings(self, model: Any) -> Any:
        """The model's bounds, and one window of a second."""
        limits = {"limits": [{"calls": self._rate, "seconds": 1}]}
        return settings_of(model, (("LIMITS", json.dumps(limits)), ("PACE", json.dumps(BOUNDS))))

    def play(self) -> None:
        """Until the run is over. Raises Broken."""
        self.people.begin()
        self.stage.run(
            self.started + int(PATIENCE * self._hosts * CALLS_A_HOST / self._rate + 120) * SECOND, self._ended
        )
        if not self._ended():
            raise Broken("ends", self.unfinished())

    def _ended(self) -> bool:
        return bool(self.checker.runs) and self._are_over()


def whole_run(rate: int, calls: int = CALLS, seed: int = 1) -> WholeRun:
    """One run at so many calls a second. Raises Broken where it does not come to its end."""
    with installed(small=False):
        made = Large(rate, calls, seed)
        made.run()
        return _measured(made, rate)


def _measured(made: Large, rate: int) -> WholeRun:
    ((run_id, run),) = made.checker.runs.items()
    judged, proof, meter = judge(made.vendor), made.proof(run_id), made.faults.meter
    times = sorted(seen.at for seen in made.vendor.log)
    seconds = times[-1] - made.started / SECOND
    born = made.vendor.began + made.vendor.estate.born[LATE]
    last = max(seen.at for seen in made.vendor.log if f"/{LATE}/" in seen.node)
    edge = min(100, len(times) // 10)
    missing = sum(there - answered for there, answered in judged.complete.values())
    return WholeRun(
        rate=rate,
        calls=len(times),
        seconds=seconds,
        share=len(times) / seconds / rate,
        inner=(len(times) - 2 * edge) / (times[-edge] - times[edge]) / rate,
        bound=1 / (1 + SPREAD_MS / 1000),
        over=judged.over,
        throttled=judged.throttled,
        lost=missing + proof.still_open + len(proof.problems),
        repeated=sum(judged.repeated.values()),
        small_seconds=last - born,
        write_units=meter.total("write_units") / len(times),
        read_units=meter.total("read_units") / len(times),
        state=run.state,
    )


def main(arguments: Sequence[str]) -> int:
    """Print whole runs: [CALLS] [RATE …]."""
    calls, *rates = [int(one) for one in arguments] or [CALLS]
    for rate in rates or RATES:
        print(whole_run(rate, calls).line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
