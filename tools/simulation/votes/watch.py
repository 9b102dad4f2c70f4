"""The two functions that watch the others, probe and conservation: called by their schedules, and
what they say held to what is so.
"""

from typing import TYPE_CHECKING, Any

from tools.simulation.broken import Broken
from tools.simulation.votes import deployed
from votes import reserved

if TYPE_CHECKING:
    from tools.simulation.votes.world import World

SECOND = 1_000_000
ROUNDS, LEAST_ROUNDS = 14, 3  # in an act; the least of them even if everything is counted before
ANSWERS_WITHIN = 120 * SECOND
LATENCY, LOOK_BACK = (
    int(deployed.ENVIRONMENTS["conservation"][name]) * SECOND for name in ("LATENCY_SECONDS", "LOOK_BACK_SECONDS")
)
# so long before it was last told as accepted, a ballot may have been settled (see conservation)
EARLIER = 600 * SECOND


class Watch:
    """Calls both in a history whose plan says so, and conservation at the end of every one."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def begin(self) -> None:
        """An act begins: the schedules call."""
        if self._world.plan.watched:
            self._world.lasts_until(self._world.stage.now + LEAST_ROUNDS * deployed.WATCH_SECONDS * SECOND)
            self._round(ROUNDS)

    def _round(self, left: int) -> None:
        if left and not self._world.calm:
            self._world.stage.at(self._world.stage.now + deployed.WATCH_SECONDS * SECOND, lambda: self._round(left - 1))
            self._call("probe", [])
            self._call("conservation", [])

    def _call(self, function: str, answers: list[Any]) -> None:
        began = self._world.stage.now

        def over(answer: Any, died: BaseException | None) -> None:
            answers.append(answer)
            if died is not None and self._world.plan.calm:
                self._broken(function, f"it died of {type(died).__name__} {died} though nothing went wrong")
            if died is None:
                self._probed(answer) if function == "probe" else self._looked(answer, began)

        self._world.lambdas.invoke(function, {"source": "schedule"}, over)

    def ask(self, function: str) -> Any:
        """Call one now; its answer. Raises Broken where none comes."""
        answers: list[Any] = []
        self._call(function, answers)
        self._world.stage.run(self._world.stage.now + ANSWERS_WITHIN, lambda: bool(answers))
        if not answers or answers[0] is None:
            self._broken(function, "it gives no answer in the end")
        return answers[0]

    def end_of_probe(self) -> None:
        """All is counted and repaired: the probe must find its last ballot so; it casts another
        one.
        """
        if not self._world.plan.watched:
            return
        voted = any(voter == reserved.VOTER for voter, _ in self._world.checker.rows)
        answer = self.ask("probe")
        if answer["cast"] is not True or (voted and (answer["counted"], answer["wrong"]) != (True, False)):
            self._broken("probe", f"everything is counted in the end, and it says {answer}")

    def end_of_conservation(self) -> None:
        """Everything is settled: nothing may be missing, but what was told as accepted long after
        it was settled, or was settled before there was a key and then sent again.
        """
        # for what the last request brought
        self._world.stage.run(self._world.stage.now + LATENCY + SECOND)
        answer = self.ask("conservation")
        accepted = self._world.checker.witnesses["accepted"]
        unsettled = [
            one
            for one in answer["hashes"]
            if one in accepted and self._last("accepted", one) - self._last("settled", one) <= EARLIER
        ]
        if unsettled or answer["mappings_off"]:
            self._broken("conservation", f"everything is settled in the end, and it says {answer}")

    def heard(self, message: str) -> None:
        """A line of the log; also of a probe that was given up, whose answer nobody gets."""
        if message == "probe counted wrongly":
            self._wrong(f"it logs {message!r}")

    def _wrong(self, said: str) -> None:
        """A tally lacks an entry that was moved away, until it is repaired; nothing else may be
        counted wrongly.
        """
        if not self._world.events.fired["mended by hand"]:
            self._broken("probe", said)

    def _probed(self, answer: Any) -> None:
        if answer["wrong"]:
            self._wrong(f"it says {answer}")
        if answer["cast"] is (answer["counted"] is False):
            self._broken("probe", f"it casts a ballot when the one before is counted, and then only; it says {answer}")
        if self._world.plan.calm and answer["counted"] is False:
            self._broken("probe", f"its ballot of a minute ago is not counted though nothing went wrong: {answer}")

    def _looked(self, answer: Any, began: int) -> None:
        """It must name what was missing all the time that it looked, and nothing that was not."""
        named, ended = set(answer["hashes"]), self._world.stage.now
        if named and self._world.plan.calm:
            self._broken("conservation", f"it names {sorted(named)} though nothing went wrong")
        if self._world.plan.skew:
            return  # it may look at a time up to five minutes off
        settled = self._hashes("settled", 0, ended)
        missing = self._hashes("accepted", ended - LATENCY - LOOK_BACK, began - LATENCY) - settled
        if missing - named:
            self._broken("conservation", f"it does not name {sorted(missing - named)}, accepted and not settled")
        seen = self._hashes("settled", ended - LATENCY - LOOK_BACK - EARLIER, began)
        may = self._hashes("accepted", began - LATENCY - LOOK_BACK - SECOND, ended - LATENCY) - seen
        if named - may:
            self._broken(
                "conservation", f"it names {sorted(named - may)}, which are settled or were not accepted so long ago"
            )
        off = set(answer["mappings_off"])
        on = {poller.mapping.function: poller.was_on(began, ended) for poller in self._world.pollers.values()}
        if wrong := {name for name, states in on.items() if (name not in off) not in states}:
            self._broken("conservation", f"it says {sorted(off)} are off, which is wrong of {sorted(wrong)}")

    def _hashes(self, stage: str, since: int, until: int) -> set[str]:
        lines = [line for group in self._world.logs.lines.values() for line in group if line.stage == stage]
        return {one for line in lines if since <= line.at < until for one in line.hashes}

    def _last(self, stage: str, one: str) -> int:
        lines = [
            line
            for group in self._world.logs.lines.values()
            for line in group
            if line.stage == stage and one in line.hashes
        ]
        return max((line.at for line in lines), default=self._world.stage.now)

    def _broken(self, check: str, detail: str) -> None:
        self._world.stage.stop(Broken(check, detail))
