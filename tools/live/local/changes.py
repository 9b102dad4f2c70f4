"""What changed last: the audits that commands leave, and when what is up was applied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from tools.live.local.place import Place
from tools.live.source import Json
from tools.operations.audit import PREFIX

MOST_SHOWN = 5
KEY = re.compile(rf"^{PREFIX}(?P<what>[^/]+)/(?P<at>\d{{8}}T\d{{6}}\.\d+Z)\.jsonl$")


class Changes:
    """Those of one pipeline."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._bucket = str(place.deployment.outputs.get("quarantine_bucket", ""))
        self._texts: dict[tuple[str, str], str] = {}
        self._found: list[Json] = []

    def look(self) -> None:
        """Read the newest audits, each as it is now."""
        listed = sorted(self._listed(), key=lambda one: -one["at"])[:MOST_SHOWN]
        self._found = [{"at": one["at"], "text": self._text(one)} for one in listed]

    def plain(self) -> list[Json]:
        """The newest first."""
        applied = self._place.run.outputs_file
        at = round(applied.stat().st_mtime * 1000) if applied.exists() else None
        release = [{"at": at, "text": f"applied, by {self._place.deployment.brought_up_by}"}] if at else []
        return sorted([*self._found, *release], key=lambda one: -one["at"])[:MOST_SHOWN]

    def _listed(self) -> Iterator[Json]:
        if not self._bucket:
            return
        pages = self._place.client("s3").get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=PREFIX):
            for one in page.get("Contents", ()):
                if found := KEY.match(one["Key"]):
                    at = datetime.strptime(found["at"], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
                    yield {
                        "at": round(at.timestamp() * 1000),
                        "key": one["Key"],
                        "etag": one["ETag"],
                        "what": found["what"],
                    }

    def _text(self, one: Mapping[str, str]) -> str:
        named = (one["key"], one["etag"])
        if named not in self._texts:
            body = self._place.client("s3").get_object(Bucket=self._bucket, Key=one["key"])["Body"].read()
            lines = [json.loads(line) for line in body.decode().splitlines()]
            self._texts[named] = told(one["what"], lines)
        return self._texts[named]


def told(what: str, lines: list[Json]) -> str:
    """An audit in a few words."""
    done = [line for line in lines if not line.get("began")]
    who = str(lines[0].get("who", "somebody")) if lines else "somebody"
    if what == "mapping" and done and "on" in done[0]:
        return f"mapping of {done[0].get('function')} {'on' if done[0]['on'] else 'off'}, by {who}"
    moved = sum("message" in line for line in done)
    queues = ", ".join(sorted({str(line["queue"]) for line in done if "queue" in line}))
    if what == "redrive":
        return f"{moved} messages redriven{f' from {queues}' if queues else ''}, by {who}"
    return f"{what}, {len(done)} changes, by {who}"
