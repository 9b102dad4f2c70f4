"""The local cloud as a source: everything can be looked at, and broken."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tools.live.flow import Flow
from tools.live.local.breaking import Breaking, Calls
from tools.live.local.faults import SECONDS, Faults
from tools.live.local.messages import Peek
from tools.live.local.one import One
from tools.live.local.place import Place
from tools.live.local.rounds import Rounds
from tools.live.pipeline import Pipeline
from tools.live.source import ACTIONS, BREAK, CURE, FOLLOW, LOAD, PEEK, About, Json, NotFound, Refused, Source
from tools.local_cloud.fault_proxy import Proxy

STEP_SECONDS, LAW_SECONDS = 0.5, 1.0
LAW_SHARE = 0.3  # of the time that judging may take, on a machine that is slow
HEAL = "heal"


class LocalSource(Source):
    """The pipelines of a run that is up; `proxy` is before its emulator, if one is."""

    def __init__(self, places: Sequence[Place], known: dict[str, Pipeline], proxy: Proxy | None) -> None:
        self.about = About("local", None, (*ACTIONS, PEEK, FOLLOW), STEP_SECONDS)
        self._peek = Peek(places)
        self._ones = {place.pipeline: One(place, known[place.pipeline]) for place in places}
        calls = Calls(proxy) if proxy else None
        offered = [one.watched.faults(Breaking(one.place, calls)) for one in self._ones.values()]
        self.faults = Faults(fault for some in offered for fault in some)
        self.faults.mend()
        self._laws = Rounds(self._judge, LAW_SECONDS, LAW_SHARE)

    def flows(self) -> Sequence[Flow]:
        """The pipelines as they are drawn."""
        return [one.flow for one in self._ones.values()]

    def sample(self) -> Json:
        """How all of it is now."""
        trouble = self._laws.ask()
        queues, now = self._peek.look(), time.time()
        pipelines = {name: one.sample(queues, trouble) for name, one in self._ones.items()}
        self.faults.see({name: self._ones[name].reading(said) for name, said in pipelines.items()})
        return {"as_of": round(now * 1000), "pipelines": pipelines, "faults": self.faults.plain(), "cost": None}

    def peek(self, pipeline: str, queue: str) -> Json:
        """A queue's messages. Raises NotFound."""
        return self._one(pipeline).peek(queue)

    def follow(self, pipeline: str, what: str) -> Json:
        """The steps of an item. Raises NotFound."""
        steps = self._one(pipeline).watched.follow(what)
        if steps is None:
            raise NotFound(f"nothing is known of {what!r}: it is in no queue and no store")
        return {"id": what, "steps": steps}

    def letters(self, pipeline: str) -> list[Json]:
        """Dead letters, then quarantine, in groups with samples. Raises NotFound."""
        one = self._one(pipeline)
        return [*one.letters.with_samples(), *one.set_aside.with_samples()]

    def do(self, what: str, on: Sequence[str], asked: Json) -> Json:
        """What a button asks. Raises Refused, NotFound."""
        if what == BREAK:
            return self._break(on, asked)
        if what == LOAD:
            one, rate = self._one(on[0]), _number(asked, "rate")
            one.loads.start(str(asked.get("shape", "")), rate)
            return one.loads.plain()
        if what == CURE:
            begun = (one.cure(on[0]) for one in self._ones.values())
            job = next((job for job in begun if job), None)
            if job is None:
                raise NotFound("that finding is gone, and its cure with it")
            return job
        return self._redrive(self._one(on[0]), on[1], asked)

    def close(self) -> None:
        """Mend what is broken, end what looks and sends."""
        try:
            self.faults.heal_all()
        finally:
            self._laws.close()
            for one in self._ones.values():
                one.close()

    def _judge(self) -> None:
        """The laws that are due: who is accepted, then all queues at one instant, then the rest."""
        now = time.monotonic()
        due = [one for one in self._ones.values() if one.is_due(now)]
        for one in due:
            one.before()
        queues = self._peek.look() if due else {}
        for one in due:
            one.judge(queues)

    def _break(self, on: Sequence[str], asked: Json) -> Json:
        if list(on) == [HEAL]:
            self.faults.heal_all()
        elif on[-1] == HEAL:
            self.faults.heal(on[0])
        else:
            seconds = _number(asked, "seconds")
            self.faults.start(on[0], SECONDS if seconds is None else seconds)
        return {"faults": self.faults.plain()}

    def _redrive(self, one: One, what: str, asked: Json) -> Json:
        group, message = str(asked.get("group", "")), str(asked.get("message", ""))
        aside = one.set_aside.has(group)
        if what == "park":
            (one.set_aside if aside else one.letters).park(group)
            return {}
        return (one.set_aside.redrive(group) if aside else one.letters.redrive(group, message)).plain()

    def _one(self, pipeline: str) -> One:
        if pipeline not in self._ones:
            raise NotFound(f"there is no pipeline {pipeline!r} here: {', '.join(self._ones)}")
        return self._ones[pipeline]


def _number(asked: Json, name: str) -> float | None:
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{name} is a number, not {value!r}")
    return float(value)
