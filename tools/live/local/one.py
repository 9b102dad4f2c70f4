"""One pipeline of the local cloud, put together from what looks at it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from functools import partial

from tools.live.flow import FUNCTION, QUEUE, flow_of
from tools.live.law import HOLDS, Law
from tools.live.local import costs, cures, nodes
from tools.live.local.causes import Heard
from tools.live.local.changes import Changes
from tools.live.local.faults import Reading
from tools.live.local.jobs import Jobs
from tools.live.local.letters import Letters
from tools.live.local.loads import Loads
from tools.live.local.messages import Held, Message, peeked_at
from tools.live.local.place import Place
from tools.live.local.rounds import Rounds
from tools.live.local.set_aside import SetAside
from tools.live.local.switches import Switches
from tools.live.local.tails import Tail
from tools.live.local.verdicts import Verdicts, with_law
from tools.live.pipeline import Pipeline
from tools.live.source import Json, NotFound
from tools.operations import status

MOST_SHOWN, MOST_BODY = 200, 4_096  # messages of a queue that are shown, characters of each
MOST_FAILURES = 20
DEAD = "-dead"  # ends the name that a dead-letter queue is asked for by
LOGS_SECONDS, STORES_SECONDS = 1.0, 3.0
LOGS_SHARE = 0.3  # of the time that reading logs may take, on a machine that is slow
REST_SECONDS = 15.0  # between two judgements while nothing is on its way: each reads logs and stores


class One:
    """What a snapshot says of one pipeline, and what is done to it."""

    def __init__(self, place: Place, ours: Pipeline) -> None:
        self.place = place
        self.flow = flow_of(place.pipeline, ours.drawing, place.ours.consumers)
        self.watched = ours.watch(place)
        self.law = Law(self.watched.grace_seconds)
        self.jobs = Jobs()
        self._heard = Heard()
        self.letters = Letters(place, self._heard, self.jobs)
        self.set_aside = SetAside(place, self.jobs)
        self.loads = Loads(self.watched.shapes())
        self._listeners = (self._heard.hear, self.watched.hear)
        began_ms = round(time.time() * 1000)
        told = {*self.watched.first, *self.watched.last, *place.ours.consumers.values()}  # whose past matters too
        self._tails = {
            name: Tail(name, function["log_group"], 0 if name in told else began_ms, began_ms)
            for name, function in place.functions.items()
        }
        self._switches, self._changes = Switches(place), Changes(place)
        self._verdicts = Verdicts(partial(status.health, place.deployment, place.ours), partial(cures.offer, place))
        self._stores: Json = {}
        self._stores_rounds = Rounds(self._look, STORES_SECONDS)
        self._rounds = (self._stores_rounds, Rounds(self._hear, LOGS_SECONDS, LOGS_SHARE))
        self._said_law: Json | None = None
        self._at_rest, self._judged_at = False, float("-inf")
        self._wrong: set[str] = set()  # nodes that looked wrong in the last sample
        self._done_before: int | None = None  # what was settled before the page costs it nothing

    def is_due(self, now: float) -> bool:
        """Whether the law is to be judged: always while something moves, else now and then."""
        return not self._at_rest or now - self._judged_at >= REST_SECONDS

    def before(self) -> None:
        """Read what is accepted: the queues are looked at next, then the law is judged."""
        self._read_logs(self.watched.first)
        self.watched.before()

    def judge(self, queues: Mapping[str, Held]) -> None:
        """Judge the law by what the queues held, by name, `before` which accepted was read."""
        self._read_logs(self.watched.last)
        held = self._own(queues)
        balance = self.watched.balance(held)
        if self._done_before is None:
            self._done_before = self.watched.done()
        self._said_law = None if balance is None else self.law.judge(balance)
        self._judged_at = time.monotonic()
        self._at_rest = not self._is_moving(held) and (self._said_law is None or self._said_law["state"] == HOLDS)

    def sample(self, queues: Mapping[str, Held], trouble: str = "") -> Json:
        """A pipeline's part of a snapshot; what the queues hold is of now, by name. `trouble`: why
        the law cannot be judged.
        """
        held = self._own(queues)
        self._at_rest = self._at_rest and not self._is_moving(held)
        self._verdicts.rest(self._at_rest)
        self._stores_rounds.rest(self._at_rest)
        troubles = [trouble, *(rounds.ask() for rounds in self._rounds)]
        self.letters.see(held)
        found = self._nodes(held)
        self._notice(found)
        retried = self._heard.retried(self.letters.named)
        failures = [*self.letters.failures(), *self.set_aside.failures(), *retried]
        return {
            "verdict": with_law(self._verdicts.now(troubles), self._said_law, self.law.lost),
            "law": self._said_law,
            "nodes": found,
            "edges": nodes.edges(self.flow, found),
            "failures": sorted(failures, key=lambda one: -one["last"])[:MOST_FAILURES],
            "jobs": self.jobs.plain(),
            "changes": self._changes.plain(),
            "extra": self.watched.extra(),
            "cost": self._cost(),
            "load": self.loads.plain(),
        }

    def reading(self, said: Json) -> Reading:
        """How the pipeline is, by its part of a snapshot: for what is observed of faults."""
        live = [node for name, node in said["nodes"].items() if name.startswith(QUEUE)]
        messages = sum(node["waiting"] + node["in_flight"] for node in live)
        return Reading(messages, self.law.lost)

    def peek(self, queue: str) -> Json:
        """The messages of a queue by its name or node, or of its dead letters ("ingest-dead").

        Raises NotFound.
        """
        queue = queue.removeprefix(f"{QUEUE}/")
        name, key = (queue.removesuffix(DEAD), "dead_letter_url") if queue.endswith(DEAD) else (queue, "url")
        if name not in self.place.queues:
            raise NotFound(f"there is no queue {queue!r}: {', '.join(self.place.queues)}, each with {DEAD} too")
        (found,) = peeked_at(self.place.deployment, self.place.queues[name][key]).values()
        now = time.time()
        return {"messages": [_shown(one, now) for one in found[:MOST_SHOWN]], "of": len(found)}

    def cure(self, cure_id: str) -> Json | None:
        """Begin the cure of that id; None where no finding has it."""
        offered = self._verdicts.cure(cure_id)
        if offered is None:
            return None

        def cured(_: object) -> str:
            said = offered.do()
            self._verdicts.again()
            return said

        return self.jobs.add(offered.label, 1, cured).plain()

    def close(self) -> None:
        """End what looks and what sends."""
        for one in (self.loads, self.jobs, self._verdicts, *self._rounds, self.watched):
            one.close()

    def _own(self, queues: Mapping[str, Held]) -> dict[str, Held]:
        """The pipeline's queues by their short names, dead-letter queues as "ingest-dead"."""
        own = self.place.queues.items()
        live = {name: queues[queue["name"]] for name, queue in own}
        return live | {f"{name}{DEAD}": queues[queue["dead_letter_name"]] for name, queue in own}

    def _is_moving(self, held: Mapping[str, Held]) -> bool:
        """Whether a queue holds anything, dead letters aside."""
        return any(held[name].total for name in self.place.queues)

    def _read_logs(self, functions: Iterable[str]) -> None:
        for name in functions:
            self._tails[name].read(self.place.client("logs"), self._listeners)

    def _nodes(self, held: Mapping[str, Held]) -> Json:
        found: Json = {f"{QUEUE}/{name}": nodes.queue(held[name], held[f"{name}{DEAD}"]) for name in self.place.queues}
        now = time.time()
        for name, tail in self._tails.items():
            taken = [queue for queue, function in self.place.ours.consumers.items() if function == name]
            works = any(held[queue].in_flight for queue in taken)
            found[f"{FUNCTION}/{name}"] = nodes.function(tail, self._switches.of(name), now, works=works)
        aside = {"bin/quarantine": {"count": self.set_aside.objects, "rate": None}}
        return found | aside | self._stores

    def _cost(self) -> Json:
        watched = self.watched
        units = costs.billed(self._tails.values(), self.place.ours.consumers.values(), watched.called)
        for name, number in watched.units().items():
            units[name] = units.get(name, 0.0) + number
        return costs.told(units, watched.done() - (self._done_before or 0), watched.compared)

    def _notice(self, found: Json) -> None:
        """Have it looked at anew how the pipeline is, when it begins or ceases to look wrong."""
        limit = self.place.deployment.outputs.get("settings", {}).get("latency_seconds", math.inf)
        wrong = {name for name, node in found.items() if "failing" in node}
        wrong |= {name for name, node in found.items() if (node.get("oldest_seconds") or 0) > limit}
        if wrong != self._wrong:
            self._wrong = wrong
            self._verdicts.again()

    def _hear(self) -> None:
        """The logs that are due, and the mappings."""
        now = time.monotonic()
        self._read_logs(name for name, tail in self._tails.items() if tail.due(now))
        if self._switches.look():
            self._verdicts.again()

    def _look(self) -> None:
        """What takes longer and changes less often."""
        self._stores = self.watched.look()
        self.set_aside.look()
        self._changes.look()


def _shown(message: Message, now: float) -> Json:
    return {
        "id": message.id,
        "body": message.body[:MOST_BODY],
        "age_seconds": round(max(0.0, now - message.sent_at), 1),
        "receives": message.receives,
        "in_flight": message.in_flight,
    }
