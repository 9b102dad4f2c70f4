"""Dead letters in groups by cause, looked at without touching them, and their way back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tools.live.local.causes import Heard
from tools.live.local.jobs import Job, Jobs
from tools.live.local.messages import Held, Message
from tools.live.local.place import Place
from tools.live.source import Json, NotFound
from tools.operations import redrive
from tools.operations.audit import Audit
from tools.operations.dead_letters import NO_LINE

DEAD, QUARANTINE = "dead", "quarantine"  # kinds of failures
SAMPLES, MOST_BODY = 20, 4_096
MOST_KEPT = 20_000  # messages of which it is known how often they went back


class Group(NamedTuple):
    """Dead letters of one queue that failed of one cause."""

    id: str
    cause: str
    where: str
    queue: str
    messages: Sequence[Message]
    first: int
    last: int


class Letters:
    """The dead letters of one pipeline."""

    def __init__(self, place: Place, heard: Heard, jobs: Jobs) -> None:
        self._place, self._heard, self._jobs = place, heard, jobs
        self._again: dict[str, int] = {}  # message id → how often it went back
        self._parked: set[str] = set()
        self._groups: list[Group] = []

    def see(self, held: Mapping[str, Held]) -> None:
        """Take in what the dead-letter queues hold; `held` by queue, "ingest-dead"."""
        groups: dict[tuple[str, str, str], list[Message]] = defaultdict(list)
        for queue in self._place.queues:
            for message in held[f"{queue}-dead"].messages or ():
                cause = self._heard.of(message.named)
                named = (cause.kind, cause.where) if cause else (NO_LINE, "")
                groups[(queue, *named)].append(message)
        self._groups = [self._group(*named, some) for named, some in groups.items()]
        self._parked &= {group.id for group in self._groups}

    def failures(self) -> list[Json]:
        """The groups, newest first."""
        return [self._plain(one) for one in sorted(self._groups, key=lambda one: -one.last)]

    @property
    def named(self) -> set[str]:
        """The ids under which failures name all dead letters."""
        return {message.named for group in self._groups for message in group.messages}

    def with_samples(self) -> list[Json]:
        """The same, each with some of its messages."""
        groups = sorted(self._groups, key=lambda one: -one.last)
        return [self._plain(one) | {"samples": list(map(self._sample, one.messages[:SAMPLES]))} for one in groups]

    def redrive(self, group_id: str = "", message_id: str = "") -> Job:
        """Send a group back, or one message. Raises NotFound."""
        group = self._named(group_id) if group_id else self._holding(message_id)
        ids = {message_id} if message_id else {one.id for one in group.messages}
        what = f"{len(ids)} of {group.queue} ({group.cause})" if not message_id else f"one of {group.queue}"
        self._parked.discard(group.id)
        return self._jobs.add(f"redrive {what}", len(ids), lambda job: self._move(job, group, ids))

    def park(self, group_id: str) -> None:
        """Leave a group lie: it needs a change of the code first. Raises NotFound."""
        self._parked.add(self._named(group_id).id)

    def _move(self, job: Job, group: Group, ids: set[str]) -> str:
        queue, sqs = self._place.queues[group.queue], self._place.client("sqs")
        with Audit(self._place.deployment, "redrive") as audit:

            def moved(message: Mapping[str, Any], new_id: str) -> None:
                job.moved += 1
                self._again[new_id] = self._again.pop(message["MessageId"], 0) + 1
                audit.line(message=new_id, queue=group.queue, cause=group.cause, dead_letter=message["MessageId"])

            count = redrive.move(
                sqs,
                queue["dead_letter_url"],
                queue["url"],
                most=len(ids),
                on_moved=moved,
                chosen=lambda message: message["MessageId"] in ids,
            )
        for one in list(self._again)[: max(0, len(self._again) - MOST_KEPT)]:
            del self._again[one]
        return f"{count} of {len(ids)} went back to {group.queue}"

    def _group(self, queue: str, cause: str, where: str, messages: list[Message]) -> Group:
        known = [found for one in messages if (found := self._heard.of(one.named))]
        sent = [round(one.sent_at * 1000) for one in messages]
        first = min([one.first for one in known] or sent)
        last = max([one.last for one in known] or sent)
        name = hashlib.sha256(f"{queue} {cause} {where}".encode()).hexdigest()[:12]
        return Group(name, cause, where, queue, messages, first, last)

    def _plain(self, group: Group) -> Json:
        return {
            "id": group.id,
            "cause": group.cause,
            "where": group.where,
            "count": len(group.messages),
            "first": group.first,
            "last": group.last,
            "queue": group.queue,
            "kind": DEAD,
            "parked": group.id in self._parked,
            "again": max(self._again.get(one.id, 0) for one in group.messages),
        }

    def _sample(self, message: Message) -> Json:
        at = round(message.sent_at * 1000)
        return {"id": message.id, "body": message.body[:MOST_BODY], "at": at, "receives": message.receives}

    def _named(self, group_id: str) -> Group:
        return _only((one for one in self._groups if one.id == group_id), f"group {group_id!r}")

    def _holding(self, message_id: str) -> Group:
        holding = (group for group in self._groups if any(one.id == message_id for one in group.messages))
        return _only(holding, f"dead letter {message_id!r}")


def _only(found: Iterable[Group], what: str) -> Group:
    group = next(iter(found), None)
    if group is None:
        raise NotFound(f"there is no {what} any more")
    return group
