"""Messages that nobody can read, set aside in the last hour: no client of an API sends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from tools.common.text import counted
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant

HOUR = timedelta(hours=1)
REASONS = ("not-a-message", "not-json")  # of a whole message: what an API takes is a message
MOST = 1000  # of a page


class Garbage(Invariant):
    """Nobody puts on a queue what no function can read. It is set aside, and harms nothing."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def wrong(self) -> Iterator[Finding]:
        """What came in the last hour, by reason; where quarantine may not be listed, that."""
        if not self._deployment.outputs.get("quarantine_bucket"):
            return
        s3, since = self._deployment.client("s3"), datetime.now(UTC) - HOUR
        try:
            for reason in REASONS:
                if times := sorted(quarantine.times(self._deployment, s3, reason, since)):
                    more = " and more" if len(times) >= MOST else ""
                    are = "was" if len(times) == 1 else "were"
                    cause = f"{counted(len(times), 'message')}{more} that nobody can read {are} set aside ({reason})"
                    command = f"make redrive {self._deployment.words} QUEUE=quarantine REASON={reason}"
                    yield Finding(cause, command, since=times[0].timestamp())
        except (ClientError, BotoCoreError) as error:
            yield Finding(f"nobody knows what is set aside, for quarantine cannot be listed ({error})")

    def look(self) -> Iterator[str]:
        """Nothing: what is set aside is settled."""
        return iter(())
