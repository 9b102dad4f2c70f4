"""Lambda and CloudWatch Logs as the probe and the conservation check see them: the world's own functions, mappings and lines."""

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.faults import deployed
from tests.faults.faults import READ_TIMEOUT_US, lost
from tests.support.aws.calls import Call
from tests.support.aws.errors import Refused, only

if TYPE_CHECKING:
    from tests.faults.world import World

Answer = dict[str, Any]
FIRST_LOOK_US = 5_000
PAGES = (0, 5, 50, 50, 50)  # lines of a page: a page may be empty and still have a next one


class Line(NamedTuple):
    """A witness's line in a log: when it was written (µs), and what it says."""

    at: int
    stage: str
    outcome: str
    hashes: tuple[str, ...]

    @property
    def event(self) -> Answer:
        """As FilterLogEvents gives it."""
        said = {"message": "witness", "witness": self.stage, "outcome": self.outcome, "hashes": self.hashes}
        return {"timestamp": self.at // 1000, "message": json.dumps(said)}


class Functions:
    """Lambda: calls receive as an invocation of its own, and waits for it as long as a client does."""

    name = "lambda"

    def __init__(self, world: "World") -> None:
        self._world = world
        self.operations: dict[str, Callable[[Call], Answer]] = {"Invoke": self._invoke, "GetEventSourceMapping": self._mapping}

    def _invoke(self, call: Call) -> Answer:
        only("Invoke", call.params, ("FunctionName", "Payload"))
        function = call.params["FunctionName"].split(":")[6].rsplit("-", 1)[-1]
        came: list[tuple[Any, BaseException | None]] = []

        def over(answer: Any, died: BaseException | None) -> None:
            if died is None and answer["statusCode"] == 202:
                self._world.checker.accept([one["ballot_id"] for one in json.loads(answer["body"])["accepted"]])
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
    """CloudWatch Logs: the witnesses' lines by log group, the oldest first, in pages that end where chance says."""

    name = "logs"

    def __init__(self, world: "World") -> None:
        self._world = world
        self.lines: dict[str, list[Line]] = {}
        self.operations: dict[str, Callable[[Call], Answer]] = {"FilterLogEvents": self._filter}

    def write(self, function: str, stage: str, outcome: str, hashes: Any) -> None:
        """A function wrote a witness's line."""
        self.lines.setdefault(deployed.log_group(function), []).append(Line(self._world.stage.now, stage, outcome, tuple(hashes)))

    def _filter(self, call: Call) -> Answer:
        only("FilterLogEvents", call.params, ("logGroupName", "filterPattern", "startTime"), ("nextToken",))
        found = [line for line in self.lines.get(call.params["logGroupName"], ()) if line.at // 1000 >= call.params["startTime"]]
        start = int(call.params.get("nextToken", 0))
        end = start + self._world.rng.choice(PAGES)
        page = [line.event for line in found[start:end]]
        return {"events": page, "nextToken": str(end)} if end < len(found) else {"events": page}
