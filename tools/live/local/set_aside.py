"""What lies in quarantine, by reason, and its way back to be judged again."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from rich.console import Console

from tools.live.local.jobs import Job, Jobs
from tools.live.local.letters import MOST_BODY, QUARANTINE, SAMPLES
from tools.live.local.place import Place
from tools.live.source import Json, NotFound
from tools.operations import quarantine, redrive_command, redrive_quarantine

PREFIX = "quarantine-"  # of a group's id
MOST_OBJECTS = 5_000


class Reason(NamedTuple):
    """The objects of one reason: names, and when the first and the last came (ms since 1970)."""

    keys: Sequence[str]
    first: int
    last: int


class SetAside:
    """The quarantine of one pipeline."""

    def __init__(self, place: Place, jobs: Jobs) -> None:
        self._place, self._jobs = place, jobs
        self._bucket = str(place.deployment.outputs.get("quarantine_bucket", ""))
        self._reasons: dict[str, Reason] = {}
        self._parked: set[str] = set()

    @property
    def objects(self) -> int:
        """How many objects there are."""
        return sum(len(one.keys) for one in self._reasons.values())

    def look(self) -> None:
        """List what there is."""
        if not self._bucket:
            return
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for one in islice(quarantine.objects(self._place.deployment, self._place.client("s3")), MOST_OBJECTS):
            at = round(one["LastModified"].timestamp() * 1000)
            found[quarantine.reason_of(one["Key"])].append((one["Key"], at))
        self._reasons = {
            name: Reason([key for key, _ in some], min(at for _, at in some), max(at for _, at in some))
            for name, some in found.items()
        }

    def failures(self) -> list[Json]:
        """A group a reason."""
        return [self._plain(name, one) for name, one in self._reasons.items()]

    def with_samples(self) -> list[Json]:
        """The same, each with the text of some objects."""
        return [self._plain(name, one) | {"samples": self._samples(one)} for name, one in self._reasons.items()]

    def has(self, group_id: str) -> bool:
        """Whether that group is one of these."""
        return group_id.startswith(PREFIX)

    def redrive(self, group_id: str) -> Job:
        """Send a reason's objects back, as `make redrive` does. Raises NotFound."""
        reason, one = self._named(group_id)
        self._parked.discard(reason)
        return self._jobs.add(f"redrive {len(one.keys)} set aside for {reason}", len(one.keys), self._sender(reason))

    def park(self, group_id: str) -> None:
        """Leave a reason's objects lie. Raises NotFound."""
        self._parked.add(self._named(group_id)[0])

    def _sender(self, reason: str) -> Any:
        def send(job: Job) -> str:
            said = io.StringIO()
            options = redrive_command.Options("quarantine", reason=reason, confirm=True)
            redrive_command.run(self._place.deployment, Console(file=said, width=200), options, self._place.ours)
            job.moved = job.of
            lines = [line for line in said.getvalue().splitlines() if line.strip()]
            return lines[-1] if lines else f"nothing was left of {reason}"

        return send

    def _samples(self, one: Reason) -> list[Json]:
        s3 = self._place.client("s3")
        read = redrive_quarantine.read(self._place.deployment, s3, list(one.keys)[-SAMPLES:])
        return [{"id": found.key, "body": found.text[:MOST_BODY], "at": None, "receives": 0} for found in read]

    def _plain(self, name: str, one: Reason) -> Json:
        return {
            "id": f"{PREFIX}{name}",
            "cause": name,
            "where": "",
            "count": len(one.keys),
            "first": one.first,
            "last": one.last,
            "queue": "",
            "kind": QUARANTINE,
            "parked": name in self._parked,
            "again": 0,
        }

    def _named(self, group_id: str) -> tuple[str, Reason]:
        reason = group_id.removeprefix(PREFIX)
        if reason not in self._reasons:
            raise NotFound(f"nothing is set aside for {reason!r} any more")
        return reason, self._reasons[reason]
