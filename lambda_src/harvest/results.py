"""The bucket of results: how its objects are named, and what their lines say.

    parcels/run=R/group=G/P-C.jsonl.gz           the answers of a parcel P, under the claim C
    data/run=R/group=G/level=L/part-00000.jsonl.gz   a finished group, merged
    manifests/run=R/group=G.json                 what a merged group holds: written last, and once
    runs/run=R.json                              the same of a whole run
    shapes/account=A.json                        what each level's answers looked like last

G is the group's name as in a path of a URL, "-" for what has none.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

from harvest.parcels import Task

MOST_NAME = 150  # characters of a name in a key, beyond that its digest stands there
NO_GROUP = "-"
TYPE = "application/gzip"


class Line(NamedTuple):
    """An answer to keep: its task, when it was called (ms since the epoch), and the body as it
    came.
    """

    task: Task
    called_ms: int
    body: bytes


def parcel_key(run_id: str, group: str, parcel: str, claim: int) -> str:
    """Where the answers of a parcel are that were got under this claim."""
    return f"parcels/run={run_id}/group={safe(group)}/{parcel}-{claim}.jsonl.gz"


def part_key(run_id: str, group: str, level: str, part: int) -> str:
    """Where part number `part` of a merged group's level is."""
    folder = f"data/run={run_id}/group={safe(group)}/level={safe(level)}"
    return f"{folder}/part-{part:05}.jsonl.gz"


def manifest_key(run_id: str, group: str) -> str:
    """Where it stands what a merged group holds."""
    return f"manifests/run={run_id}/group={safe(group)}.json"


def run_key(run_id: str) -> str:
    """Where it stands what a whole run holds."""
    return f"runs/run={run_id}.json"


def shapes_key(account: str) -> str:
    """Where it stands what answers looked like in the last run."""
    return f"shapes/account={safe(account)}.json"


def safe(name: str) -> str:
    """A vendor's name as part of a key."""
    if not name:
        return NO_GROUP
    text = quote(name, safe="").replace("~", "%7E")  # a digest is told by it
    if text == NO_GROUP or len(text) > MOST_NAME:
        digest = blake2b(name.encode(), digest_size=8).hexdigest()
        return f"{text[:MOST_NAME]}~{digest}"
    return text


def packed(lines: Iterable[Line]) -> bytes:
    """Answers as an object holds them, a line each; the same ones are the same bytes."""
    return gzip.compress(b"".join(map(_line, lines)), compresslevel=6, mtime=0)


def unpacked(body: bytes, most_bytes: int) -> Iterator[bytes]:
    """The lines of such an object. Raises ValueError where it is none of ours, or too large."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = inflate.decompress(body, most_bytes)
    except zlib.error as error:
        raise ValueError(f"an object of answers cannot be read: {error}") from error
    if not inflate.eof:
        raise ValueError(f"an object of answers has more than {most_bytes} bytes, or ends too soon")
    yield from text.splitlines(keepends=True)


def _line(line: Line) -> bytes:
    """The answer stands in it as it came, but for line ends, which are blanks in JSON."""
    about: dict[str, Any] = {
        "level": line.task.level,
        "path": line.task.path,
        "page": line.task.page,
        "called_ms": line.called_ms,
    }
    text = json.dumps(about, separators=(",", ":")).encode()
    answer = line.body.strip().replace(b"\r", b" ").replace(b"\n", b" ")
    return text[:-1] + b',"answer":' + answer + b"}\n"
