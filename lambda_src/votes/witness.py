"""Witnesses: one ballot in so many leaves a line when accepted and one when settled, by its hashed id; and the two sets compared."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal
from zlib import crc32

from shared import clock, logs

HASHES_A_LINE = 1000
EVENTS_A_PAGE = 10_000  # the most that the service gives
PAUSE_SECONDS = 0.2  # between pages: an account may ask for 5 of them a second in the smaller regions
PATTERN = '"witness"'  # the service looks for the word, `Witnesses.read` at the line's fields


def hashes(ballot_ids: Iterable[str], share: int) -> list[str]:
    """The hashed ids (16 hex digits) of the witnesses among `ballot_ids`: one in `share`, chosen by a checksum of the id."""
    found = []
    for ballot_id in ballot_ids:
        encoded = ballot_id.encode("utf-8", "surrogatepass")
        if crc32(encoded) % share == 0:
            found.append(blake2b(encoded, digest_size=8).hexdigest())
    return found


def line(logger: Any, stage: Literal["accepted", "settled"], outcome: str, found: Sequence[str]) -> None:
    """Write `found` to the log, 1,000 hashes a line; nothing if there are none.

    `outcome` says how (accepted; counted, superseded or quarantined). Written whatever the logger's level: the
    conservation check is not a matter of verbosity.
    """
    for start in range(0, len(found), HASHES_A_LINE):
        extra = {"witness": stage, "outcome": outcome, "hashes": list(found[start : start + HASHES_A_LINE])}
        logger.handle(logger.makeRecord(logger.name, logging.INFO, __file__, 0, "witness", (), None, "line", extra))


@dataclass
class Witnesses:
    """What the lines say. Reading a line twice, or in any order, changes nothing.

    `accepted`: hashed id → when its first line was written (ms since the epoch); `settled`: outcome → hashed ids.
    """

    accepted: dict[str, int] = field(default_factory=dict)
    settled: dict[str, set[str]] = field(default_factory=dict)

    def add(self, said: Mapping[str, Any], at_ms: int) -> None:
        """Take in a line of the log, parsed; one that is no witness line says nothing."""
        if said.get("witness") == "accepted":
            for one in said["hashes"]:
                self.accepted[one] = min(at_ms, self.accepted.get(one, at_ms))
        elif said.get("witness") == "settled":
            self.settled.setdefault(said["outcome"], set()).update(said["hashes"])

    def late(self, before_ms: float) -> dict[str, int]:
        """Accepted before then and not settled: hashed id → when it was accepted (ms), the oldest first."""
        settled = set[str]().union(*self.settled.values())
        found = {one: at for one, at in self.accepted.items() if at < before_ms and one not in settled}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @property
    def missing(self) -> set[str]:
        """Accepted, however lately, and not settled."""
        return set(self.late(float("inf")))


class NotAllRead(Exception):
    """There are more lines than could be read in the time there was: what was read proves nothing."""


def read(client: Any, group: str, seen: Witnesses, *, since_ms: int, until: float) -> None:
    """Add the witness lines of a log group, written since then, to `seen`.

    `client` is one of CloudWatch Logs; `until`: when to give up, by clock.monotonic(). Raises NotAllRead, or the client's errors.
    """
    asked: dict[str, Any] = {"logGroupName": group, "filterPattern": PATTERN, "startTime": since_ms}
    while True:
        answer = client.filter_log_events(**asked)
        for event in answer["events"]:
            seen.add(logs.parsed(event["message"]), event["timestamp"])
        if token := answer.get("nextToken"):
            asked["nextToken"] = token
        elif len(answer["events"]) >= EVENTS_A_PAGE and answer["events"][-1]["timestamp"] > asked["startTime"]:
            asked["startTime"] = answer["events"][-1]["timestamp"]  # a full page without a token is not to be trusted
        else:
            return
        if clock.monotonic() + PAUSE_SECONDS > until:
            raise NotAllRead(f"{group} holds more witness lines since {since_ms} ms than could be read in time")
        clock.sleep(PAUSE_SECONDS)
