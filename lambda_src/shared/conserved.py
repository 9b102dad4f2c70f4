"""What the lines of witnesses say: who was accepted and is not settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from shared import clock, logs

EVENTS_A_PAGE = 10_000  # the most that the service gives
# Of the 5 that an account may ask for a second (AWS: "CloudWatch Logs quotas", FilterLogEvents;
# nobody can have more): what one reader takes, so that three pipelines and a person have theirs.
PAGES_A_SECOND = 1.0
ARRIVES_WITHIN_MS = 300_000  # a line may be found so long after it was written
PATTERN = '"witness"'  # the service looks for the word, `Witnesses.add` at the line's fields
MOST_KEPT = 300_000  # hashes; some 50 MB
# For so long after the last line by another key, somebody may settle by that one: the workers of a
# release before. Longer than any function may run.
HANDOVER_MS = 900_000


@dataclass
class Witnesses:
    """What the lines say. Reading a line twice, or in any order, changes nothing.

    `accepted`: hash → when its first line was written (ms since the epoch).
    `settled`: outcome → hash → when its last line was written.
    `one_in`: beyond MOST_KEPT hashes only one witness in so many is kept, the same ones of both.
    """

    accepted: dict[str, int] = field(default_factory=dict)
    settled: dict[str, dict[str, int]] = field(default_factory=dict)
    one_in: int = 1
    _accepted_last: dict[str, int] = field(default_factory=dict)  # key → ms
    _settled_last: dict[str, int] = field(default_factory=dict)  # key → ms

    def add(self, fields: Mapping[str, Any], at_ms: int) -> None:
        """Take in a line of the log, parsed; one that is no witness line says nothing.

        Of one without a key, which clients could choose, only the time is taken in.
        """
        stage, key, hashes = fields.get("witness"), str(fields.get("key", "")), fields.get("hashes")
        if not isinstance(hashes, list | tuple) or not all(isinstance(one, str) for one in hashes):
            return  # nothing of ours: it must not keep the others from being looked at
        if stage == "accepted" and key:
            self._accepted_last[key] = max(at_ms, self._accepted_last.get(key, at_ms))
            for one in filter(self._is_kept, hashes):
                self.accepted[one] = min(at_ms, self.accepted.get(one, at_ms))
        elif stage == "settled":
            self._settled_last[key] = max(at_ms, self._settled_last.get(key, at_ms))
            if key:
                last = self.settled.setdefault(str(fields.get("outcome")), {})
                for one in filter(self._is_kept, hashes):
                    last[one] = max(at_ms, last.get(one, at_ms))
        while self.kept > MOST_KEPT:
            self.one_in *= 2
            self._keep(float("-inf"), float("-inf"))

    @property
    def kept(self) -> int:
        """How many hashes it holds."""
        return len(self.accepted) + sum(map(len, self.settled.values()))

    def forget(self, *, accepted_ms: int, settled_ms: int) -> None:
        """Drop what was accepted, or settled, before then; keys of before then, too."""
        self._keep(accepted_ms, settled_ms)
        self._accepted_last = {k: at for k, at in self._accepted_last.items() if at >= accepted_ms}
        self._settled_last = {k: at for k, at in self._settled_last.items() if at >= settled_ms}

    def late(self, before_ms: float) -> dict[str, int]:
        """Accepted before then and not settled: hash → when it was accepted (ms), oldest first.

        Those that cannot be judged are left out.
        """
        settled, from_ms = set[str]().union(*self.settled.values()), self.judged_from_ms
        late = {
            one: at
            for one, at in self.accepted.items()
            if from_ms < at < before_ms and one not in settled
        }
        return dict(sorted(late.items(), key=lambda item: item[1]))

    @property
    def missing(self) -> set[str]:
        """Accepted, however lately, and not settled."""
        return set(self.late(float("inf")))

    @property
    def not_judged(self) -> int:
        """How many were accepted while some were settled by another key, as in an upgrade.

        Theirs may be among those, under names that nobody can compare.
        """
        from_ms = self.judged_from_ms
        return sum(at <= from_ms for at in self.accepted.values())

    @property
    def judged_from_ms(self) -> float:
        """What was accepted later can be judged: -inf where there is one key only."""
        newest = max(self._accepted_last, key=lambda key: self._accepted_last[key], default=None)
        others = [at + HANDOVER_MS for key, at in self._settled_last.items() if key != newest]
        return max(others, default=float("-inf"))

    def _keep(self, accepted_ms: float, settled_ms: float) -> None:
        def kept(hashes: dict[str, int], since_ms: float) -> dict[str, int]:
            return {one: at for one, at in hashes.items() if at >= since_ms and self._is_kept(one)}

        self.accepted = kept(self.accepted, accepted_ms)
        self.settled = {outcome: kept(had, settled_ms) for outcome, had in self.settled.items()}

    def _is_kept(self, one: str) -> bool:
        return self.one_in == 1 or crc32(one.encode()) % self.one_in == 0


class NotAllRead(Exception):
    """There are more lines than could be read in time: what was read proves nothing."""


class Reader:
    """Reads the witness lines of a log group, each time from where it was last.

    `client` is one of CloudWatch Logs.
    """

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._group = client, group
        self._read_to_ms: int | None = None
        self._asked: dict[str, Any] = {}  # of a scan that is not over: its start, its page

    def read(self, seen: Witnesses, *, since_ms: int, now_ms: int, until: float) -> None:
        """Add the lines written since then, or since the last time, to `seen`.

        `until`: when to give up, by clock.monotonic(). Raises NotAllRead, and goes on the next time
        where it was; or the client's errors.
        """
        if not self._asked:
            start_ms = since_ms
            if self._read_to_ms is not None:
                start_ms = max(since_ms, self._read_to_ms - ARRIVES_WITHIN_MS)
            self._asked = {"startTime": start_ms}
        while self._asked:
            events = self._page(seen)
            if not self._asked:
                break
            if clock.monotonic() + 1 / PAGES_A_SECOND > until:
                since_ms = self._asked["startTime"]
                raise NotAllRead(
                    f"{self._group} holds more witness lines since {since_ms} ms than could be "
                    f"read in time, after a page of {events}"
                )
            clock.sleep(1 / PAGES_A_SECOND)
        self._read_to_ms = now_ms

    def _page(self, seen: Witnesses) -> int:
        """Take in one page: how many events it had. Afterwards `_asked` is for the next, or empty.

        A token goes with the start time of its own scan alone. Raises the client's errors; then the
        scan begins anew, since a token may have expired.
        """
        asked, self._asked = self._asked, {}
        answer = self._client.filter_log_events(
            logGroupName=self._group, filterPattern=PATTERN, **asked
        )
        events = answer["events"]
        for event in events:
            seen.add(logs.parsed(event["message"]), event["timestamp"])
        asked.pop("nextToken", None)
        if token := answer.get("nextToken"):
            self._asked = asked | {"nextToken": token}
        elif len(events) >= EVENTS_A_PAGE and events[-1]["timestamp"] > asked["startTime"]:
            # a full page without a token is not to be trusted
            self._asked = asked | {"startTime": events[-1]["timestamp"]}
        return len(events)


def read(client: Any, group: str, seen: Witnesses, *, since_ms: int, until: float) -> None:
    """Add all witness lines of a log group written since then to `seen`, as `Reader.read` does."""
    Reader(client, group).read(seen, since_ms=since_ms, now_ms=since_ms, until=until)
