"""Lambda and CloudWatch Logs as functions see them."""

import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Refused, only
from tools.simulation.faults import READ_TIMEOUT_US, lost

if TYPE_CHECKING:
    from tools.simulation.world import World

Answer = dict[str, Any]
FIRST_LOOK_US = 5_000
PAGES = (0, 5, 50, 50, 50)  # lines of a page: a page may be empty and still have a next one


class Line(NamedTuple):
    """A witness's line in a log: when it was written (µs), and what it says."""

    at: int
    stage: str
    outcome: str
    key: str
    hashes: tuple[str, ...]

    @property
    def event(self) -> Answer:
        """As FilterLogEvents gives it."""
        said = {"witness": self.stage, "outcome": self.outcome, "key": self.key, "hashes": self.hashes}
        return {"timestamp": self.at // 1000, "message": json.dumps({"message": "witness", **said})}


class Functions:
    """Lambda: calls a function as an invocation of its own, and waits as long as a client does."""

    name = "lambda"

    def __init__(self, world: "World") -> None:
        self._world = world
        self.operations: dict[str, Callable[[Call], Answer]] = {
            "Invoke": self._invoke,
            "GetEventSourceMapping": self._mapping,
        }

    def _invoke(self, call: Call) -> Answer:
        only("Invoke", call.params, ("FunctionName", "Payload"))
        function = call.params["FunctionName"].split(":")[6].rsplit("-", 1)[-1]
        came: list[tuple[Any, BaseException | None]] = []

        def over(answer: Any, died: BaseException | None) -> None:
            if died is None:
                self._world.answered(function, answer)
            came.append((answer, died))

        self._world.lambdas.invoke(function, json.loads(call.params["Payload"]), over)
        gives_up, step = self._world.stage.now + READ_TIMEOUT_US, FIRST_LOOK_US
        while not came:
            if self._world.stage.now >= gives_up:
                raise lost(self._world, "after")
            self._world.stage.pause(step)
            step = step * 3 // 2
        answer, died = came[0]
        if died is None:
            return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}
        said = {"errorType": type(died).__name__, "errorMessage": "the function died"}
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}

    def _mapping(self, call: Call) -> Answer:
        only("GetEventSourceMapping", call.params, ("UUID",))
        for poller in self._world.pollers.values():
            if poller.mapping.uuid == call.params["UUID"]:
                return {"UUID": poller.mapping.uuid, "State": "Enabled" if poller.on else "Disabled"}
        raise Refused("ResourceNotFoundException", "there is no such mapping")


class LogGroups:
    """CloudWatch Logs: the witnesses' lines by log group, the oldest first, in pages that end where
    chance says.
    """

    name = "logs"

    def __init__(self, world: "World") -> None:
        self._world = world
        self.lines: dict[str, list[Line]] = {}
        self.operations: dict[str, Callable[[Call], Answer]] = {"FilterLogEvents": self._filter}

    def write(self, function: str, said: Mapping[str, Any]) -> None:
        """A function wrote a witness's line."""
        line = Line(self._world.stage.now, said["witness"], said["outcome"], said["key"], tuple(said["hashes"]))
        self.lines.setdefault(self._world.deployed.log_group(function), []).append(line)

    def _filter(self, call: Call) -> Answer:
        only("FilterLogEvents", call.params, ("logGroupName", "filterPattern", "startTime"), ("nextToken",))
        found = [
            line
            for line in self.lines.get(call.params["logGroupName"], ())
            if line.at // 1000 >= call.params["startTime"]
        ]
        start = int(call.params.get("nextToken", 0))
        end = start + self._world.rng.choice(PAGES)
        page = [line.event for line in found[start:end]]
        return {"events": page, "nextToken": str(end)} if end < len(found) else {"events": page}
