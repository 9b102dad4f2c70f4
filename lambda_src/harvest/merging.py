"""A finished group's answers, merged: few objects of a useful size, a level a folder."""

import gzip
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harvest import results
from harvest.parcels import Parcel
from harvest.shape import Shape
from shared import fanout

PART_BYTES = 32 * 1024 * 1024  # compressed; a part ends with the answer that makes it so large
OBJECTS_AT_ONCE = 32  # read side by side, and held
MOST_OBJECT_BYTES = 250_000_000  # of one parcel's answers, uncompressed: 50 of 4 MB, and some
OUTCOMES = ("expected", "ok", "gone", "failed")


class NotAllStored(Exception):
    """An object that a commit names is not there, or lacks answers."""


@dataclass
class Merged:
    """What was merged: counts and shapes by level, and the objects that were written."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)  # ids of the parcels of groups that it names

    def count(self, parcel: Parcel) -> None:
        """Take in a settled parcel's outcomes."""
        if parcel.tasks:
            counts = self.counts.setdefault(parcel.level, dict.fromkeys(OUTCOMES, 0))
            counts["expected"] += len(parcel.tasks) if parcel.new else 0
            for outcome in parcel.outcomes:
                counts[outcome] = counts.get(outcome, 0) + (outcome != "again")
            counts.pop("again", None)


class _Part:
    """An object that is being written."""

    def __init__(self) -> None:
        self.lines, self._body = 0, io.BytesIO()
        self._zip = gzip.GzipFile(fileobj=self._body, mode="wb", compresslevel=6, mtime=0)

    def add(self, line: bytes) -> int:
        """Add an answer: how many bytes there are by now, at least."""
        self._zip.write(line)
        self.lines += 1
        return self._body.tell()

    def end(self) -> bytes:
        """The whole of it."""
        self._zip.close()
        return self._body.getvalue()


class Merger:
    """Merges the answers of parcels into the bucket of results. `s3` is a client."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def merge(
        self, run_id: str, group: str, parcels: Sequence[Parcel], check: Callable[[], None]
    ) -> Merged:
        """Write the answers of settled parcels, in the order in which they were claimed.

        The same parcels are the same objects, whoever merges them. `check` is called now and then,
        and may raise. Raises NotAllStored.
        """
        merged = Merged()
        for parcel in parcels:
            merged.count(parcel)
            merged.groups += parcel.named
        levels = dict.fromkeys(parcel.level for parcel in parcels if parcel.object)
        for level in levels:
            of_level = [one for one in parcels if one.object and one.level == level]
            of_level.sort(key=lambda one: (one.claim, one.id))
            self._merge_level(run_id, group, level, of_level, merged, check)
        return merged

    def _merge_level(
        self,
        run_id: str,
        group: str,
        level: str,
        parcels: Sequence[Parcel],
        merged: Merged,
        check: Callable[[], None],
    ) -> None:
        shape = merged.shapes[level] = Shape()
        part, number = _Part(), 0
        for line in self._lines(parcels, check):
            shape.add(json.loads(line)["answer"])
            if part.add(line) >= PART_BYTES:
                merged.objects.append(self._put(run_id, group, level, number, part))
                part, number = _Part(), number + 1
        if part.lines:
            merged.objects.append(self._put(run_id, group, level, number, part))

    def _lines(self, parcels: Sequence[Parcel], check: Callable[[], None]) -> Iterator[bytes]:
        for start in range(0, len(parcels), OBJECTS_AT_ONCE):
            check()
            some = parcels[start : start + OBJECTS_AT_ONCE]
            for parcel, body in zip(some, fanout.each(self._read, some), strict=True):
                found = list(results.unpacked(body, MOST_OBJECT_BYTES))
                if len(found) != parcel.outcomes.count("ok"):
                    raise NotAllStored(f"{parcel.object} has {len(found)} answers, not those of ok")
                yield from found

    def _read(self, parcel: Parcel) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=parcel.object)["Body"].read()
        return body

    def _put(self, run_id: str, group: str, level: str, number: int, part: _Part) -> dict[str, Any]:
        key, body = results.part_key(run_id, group, level, number), part.end()
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=results.TYPE)
        return {"key": key, "level": level, "lines": part.lines, "bytes": len(body)}
