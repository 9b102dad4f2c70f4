"""Audit lines: what an operator's command changed, on standard output and in the quarantine bucket.

An object a run, `audit/<what>/<UTC time>.jsonl`; a file of that name in `build/` for a pipeline
that has no quarantine. It is put before anything is changed (so a command
whose audit cannot be kept changes nothing), again every few seconds, and at the end, also of a run
that broke off.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import BUILD
from tools.operations.deployment import Deployment

PREFIX = "audit/"
KEEP_SECONDS = 5.0  # what a run that is killed may miss in the bucket; standard output has it


class Audit:
    """The audit of one run of a command, `what` in a word ("redrive").

    Use it as a context manager, or `close` it.
    """

    def __init__(self, deployment: Deployment, what: str) -> None:
        """Write the first line.

        Raises CommandError when nobody knows who runs the command, or the line cannot be kept.
        """
        began = datetime.now(UTC)
        self._s3, self._bucket = deployment.client("s3"), deployment.outputs.get("quarantine_bucket", "")
        self._what, self._who = what, _who(deployment)
        self._lines: list[str] = []
        self._kept_lines, self._kept_at = 0, 0.0
        self.run = began.strftime("%Y%m%dT%H%M%S.%fZ")
        self.key = f"{PREFIX}{what}/{self.run}.jsonl"
        if not self._bucket:
            self.key = str(BUILD / self.key)
        self.line(began=True)

    def line(self, **fields: object) -> None:
        """Write down one change: `fields` with who, when (UTC) and what.

        No person's id, no body belongs in it.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._lines.append(json.dumps({"at": at, "who": self._who, "audit": self._what} | fields))
        print(self._lines[-1], flush=True)
        if time.monotonic() >= self._kept_at + KEEP_SECONDS:
            self._keep()

    def close(self) -> None:
        """Keep what is not kept yet. Raises CommandError when the bucket does not take it."""
        if self._kept_lines < len(self._lines):
            self._keep()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        try:
            self.line(broke_off=type(error).__name__)
            self.close()
        except CommandError as unkept:  # what broke it off is the news
            print(unkept, file=sys.stderr)

    def _keep(self) -> None:
        text = "".join(line + "\n" for line in self._lines)
        try:
            if self._bucket:
                body = text.encode("ascii")
                self._s3.put_object(Bucket=self._bucket, Key=self.key, Body=body, ContentType="application/x-ndjson")
            else:
                private.folder(Path(self.key).parent)
                private.write(Path(self.key), text)
        except (ClientError, BotoCoreError, OSError) as error:
            place = f"s3://{self._bucket}/{self.key}" if self._bucket else self.key
            right = "; your credentials need s3:PutObject there" if self._bucket else ""
            raise CommandError(
                f"the audit could not be kept as {place} ({error}): its lines are on standard output{right}. "
                "Nothing more was changed"
            ) from error
        self._kept_lines, self._kept_at = len(self._lines), time.monotonic()


def kept(deployment: Deployment, what: str) -> Iterator[str]:
    """The text of every audit of that command which was kept: lines of JSON."""
    bucket, prefix = deployment.outputs.get("quarantine_bucket", ""), f"{PREFIX}{what}/"
    if not bucket:
        yield from (path.read_text() for path in sorted((BUILD / prefix).glob("*.jsonl")))
        return
    s3 = deployment.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read().decode()


def _who(deployment: Deployment) -> str:
    if deployment.endpoint:
        return "local"
    try:
        return str(deployment.client("sts").get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"AWS does not say who you are ({error}): an audit needs a name; log in again") from error
