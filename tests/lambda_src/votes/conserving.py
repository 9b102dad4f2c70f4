"""The conservation check as deployed, with logs and mappings that a test writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared import conservation
from tests.lambda_src.fakes import refusal
from tests.lambda_src.stack import NOW_US, Context, Json, Stack, metrics

NOW_MS = NOW_US // 1000
LATENCY_MS, LOOK_BACK_MS = 10_000, 600_000  # of environments/local
RECEIVE, PROCESS, WRITE = (f"/aws/lambda/sluice-local-votes-{function}" for function in ("receive", "process", "write"))
ACCEPTED_MS = NOW_MS - 60_000
KEY = "k"  # what lines call the key


class Logs:
    """CloudWatch Logs with these lines; pages of `page` of them, each after an empty one, as the
    service may give.
    """

    def __init__(self, page: int = 1000, tokens: bool = True) -> None:
        self._page, self._tokens = page, tokens
        self.lines: dict[str, list[Json]] = {RECEIVE: [], PROCESS: [], WRITE: []}
        self.asked: list[tuple[str, int, str]] = []  # group, start, token
        self._starts: dict[str, int] = {}  # of each token
        self.error: Exception | None = None

    def say(self, group: str, at_ms: int, line: object) -> None:
        """Write a line."""
        self.lines[group].append({"timestamp": at_ms, "message": line if isinstance(line, str) else json.dumps(line)})

    def filter_log_events(
        self,
        *,
        logGroupName: str,
        filterPattern: str,
        startTime: int,
        nextToken: str = "",
    ) -> Json:
        """The next page."""
        self.asked.append((logGroupName, startTime, nextToken))
        if self.error:
            raise self.error
        assert self._starts.setdefault(nextToken, startTime) == startTime or not nextToken, "a token of another start"
        assert filterPattern == '"witness"'
        found = [line for line in self.lines[logGroupName] if line["timestamp"] >= startTime]
        if not self._tokens:
            return {"events": sorted(found, key=lambda line: int(line["timestamp"]))[: self._page]}
        if not nextToken:
            return {"events": [], "nextToken": f"{len(self._starts)}/0"}
        scan, _, place = nextToken.partition("/")
        start = int(place)
        more = {"nextToken": f"{scan}/{start + self._page}"} if start + self._page < len(found) else {}
        return {"events": found[start : start + self._page], **more}


class Mappings:
    """Lambda's mappings, by UUID: the state of each."""

    def __init__(self, states: Mapping[str, str]) -> None:
        self.states = dict(states)

    def get_event_source_mapping(self, *, UUID: str) -> Json:
        """The mapping, if there is one."""
        if UUID not in self.states:
            raise refusal("GetEventSourceMapping", "ResourceNotFoundException")
        return {"UUID": UUID, "State": self.states[UUID]}


class Rig:
    """The deployed check, with what it looks at."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.logs = stack, Logs()
        self.mappings = Mappings({"u-process": "Enabled", "u-write": "Updating", "u-tally": "Enabled"})
        self.use(self.logs)
        stack.replace_client("lambda", self.mappings)
        uuids = {"process": "u-process", "write": "u-write", "tally": "u-tally"}
        stack.setenv(MAPPINGS=json.dumps(uuids))

    def use(self, logs: Logs) -> None:
        """Look at these logs."""
        self.logs = logs
        self.stack.replace_client("logs", logs)
        conservation.worker.cache_clear()

    def accept(self, *hashes: str, at_ms: int = ACCEPTED_MS) -> None:
        self.logs.say(RECEIVE, at_ms, {"witness": "accepted", "outcome": "accepted", "key": KEY, "hashes": hashes})

    def settle(
        self, *hashes: str, outcome: str = "counted", group: str = WRITE, at_ms: int = ACCEPTED_MS + 1000
    ) -> None:
        self.logs.say(group, at_ms, {"witness": "settled", "outcome": outcome, "key": KEY, "hashes": hashes})

    def look(self, context: Any = None) -> tuple[Json, Json, list[Json]]:
        """What the check answers, its metrics, and its error lines."""
        answer = conservation.handle({}, context or Context())
        lines = self.stack.logged()
        return answer, metrics(lines), [line for line in lines if line.get("level") == "ERROR"]
