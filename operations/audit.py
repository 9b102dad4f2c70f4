"""Audit lines: what an operator's command changed, a line each, on standard output and kept in the quarantine bucket.

An object a run, `audit/<what>/<UTC time>.jsonl`. It is put before anything is changed (so a command whose audit cannot be kept
changes nothing), again every few seconds, and at the end, also of a run that broke off.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from devcloud.runs import LocalCloudError
from operations.place import Place

PREFIX = "audit/"
KEEP_SECONDS = 5.0  # what a run that is killed may miss in the bucket; standard output has it


class Audit:
    """The audit of one run of a command, `what` in a word ("redrive"). Use it as a context manager, or `close` it."""

    def __init__(self, place: Place, what: str) -> None:
        """Raises LocalCloudError when it cannot be said who runs the command, or the first line cannot be kept."""
        began = datetime.now(UTC)
        self._s3, self._bucket = place.client("s3"), place.outputs["quarantine_bucket"]
        self._what, self._who = what, _who(place)
        self._lines: list[str] = []
        self._kept_lines, self._kept_at = 0, 0.0
        self.run = began.strftime("%Y%m%dT%H%M%S.%fZ")
        self.key = f"{PREFIX}{what}/{self.run}.jsonl"
        self.line(began=True)

    def line(self, **fields: object) -> None:
        """Write down one change: `fields` with who, when (UTC) and what. No voter's id, no body belongs in it."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._lines.append(json.dumps({"at": at, "who": self._who, "audit": self._what} | fields))
        print(self._lines[-1], flush=True)
        if time.monotonic() >= self._kept_at + KEEP_SECONDS:
            self._keep()

    def close(self) -> None:
        """Keep what is not kept yet. Raises LocalCloudError when the bucket does not take it."""
        if self._kept_lines < len(self._lines):
            self._keep()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        try:
            self.line(broke_off=type(error).__name__)
            self.close()
        except LocalCloudError as unkept:  # what broke it off is the news
            print(unkept, file=sys.stderr)

    def _keep(self) -> None:
        body = "".join(line + "\n" for line in self._lines).encode("ascii")
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self.key, Body=body, ContentType="application/x-ndjson")
        except (ClientError, BotoCoreError) as error:
            raise LocalCloudError(
                f"the audit could not be kept as s3://{self._bucket}/{self.key} ({error}): its lines are on standard output; "
                "your credentials need s3:PutObject there. Nothing more was changed"
            ) from error
        self._kept_lines, self._kept_at = len(self._lines), time.monotonic()


def _who(place: Place) -> str:
    if place.endpoint:
        return "local"
    try:
        return str(place.client("sts").get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as error:
        raise LocalCloudError(f"AWS does not say who you are ({error}): an audit needs a name; log in again") from error
