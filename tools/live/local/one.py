"""One pipeline of the local cloud, put together from what looks at it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from tools.live.flow import FUNCTION, QUEUE
from tools.live.local.messages import Held, Message, peeked_at
from tools.live.local.place import Place
from tools.live.local.switches import Switches
from tools.live.local.tails import Tail
from tools.live.local.verdicts import Verdicts
from tools.live.pipeline import Pipeline
from tools.live.source import Json, NotFound
from tools.operations import status

MOST_SHOWN, MOST_BODY = 200, 4_096  # messages of a queue that are shown, characters of each
DEAD = "-dead"  # ends the name that a dead-letter queue is asked for by


class One:
    """What a snapshot says of one pipeline, and what is done to it."""

    def __init__(self, place: Place, ours: Pipeline) -> None:
        self.place, self.ours = place, ours
        began_ms = round(time.time() * 1000)
        functions = place.functions.items()
        self.tails = {name: Tail(name, function["log_group"], began_ms) for name, function in functions}
        self._switches = Switches(place)
        self._verdicts = Verdicts(partial(status.health, place.deployment, place.ours), lambda _: None)

    def sample(self, queues: Mapping[str, Held]) -> Json:
        """A pipeline's part of a snapshot."""
        self._read_logs()
        if self._switches.look():
            self._verdicts.again()
        nodes: Json = {}
        for name, queue in self.place.queues.items():
            nodes[f"{QUEUE}/{name}"] = _queue(queues[queue["name"]], queues[queue["dead_letter_name"]])
        now = time.time()
        for name, tail in self.tails.items():
            nodes[f"{FUNCTION}/{name}"] = self._function(name, tail, now, queues)
        return {
            "verdict": self._verdicts.now(),
            "law": None,
            "nodes": nodes,
            "edges": {},
            "failures": [],
            "jobs": [],
            "changes": [],
            "extra": [],
            "cost": None,
            "load": None,
        }

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

    def close(self) -> None:
        """Look no more."""
        self._verdicts.close()

    def _read_logs(self) -> None:
        now = time.monotonic()
        for tail in self.tails.values():
            if tail.due(now):
                tail.read(self.place.client("logs"), ())

    def _function(self, name: str, tail: Tail, now: float, queues: Mapping[str, Held]) -> Json:
        taken = [queue for queue, function in self.place.ours.consumers.items() if function == name]
        works = any(queues[self.place.queues[queue]["name"]].in_flight for queue in taken)
        errors = tail.errors(now)
        said = {
            "rate": tail.rate(now),
            "busy": max(tail.busy(now), float(works)),
            "errors": errors,
            "mapping": self._switches.of(name),
        }
        return said | ({"failing": f"{tail.last_error} ×{errors}"} if errors else {})


def _queue(live: Held, dead: Held) -> Json:
    return {
        "waiting": live.waiting,
        "in_flight": live.in_flight,
        "delayed": live.delayed,
        "dead": dead.total,
        "oldest_seconds": None if live.oldest_seconds is None else round(live.oldest_seconds, 1),
    }


def _shown(message: Message, now: float) -> Json:
    return {
        "id": message.id,
        "body": message.body[:MOST_BODY],
        "age_seconds": round(max(0.0, now - message.sent_at), 1),
        "receives": message.receives,
        "in_flight": message.in_flight,
    }
