"""Archives: a zip is checked before its directory is read, and each entry as it is taken out.

What is in an archive was written by a stranger. A name is only ever shown; sizes, counts and
offsets are held against the bytes that are there.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from receipts import sniff
from receipts.reasons import Reason
from receipts.settings import MOST_ENTRIES, MOST_FILE_BYTES
from shared.visible import visible

MOST_DIRECTORY_BYTES = 4 * 1024 * 1024  # some 2,000 bytes an entry
MOST_EXPANDED_BYTES = 4_000_000_000  # of all entries together
BOMB_RATIO = 100  # an entry that is too large is called a bomb from here on
RANGE_ENTRIES, RANGE_BYTES = 25, 64 * 1024 * 1024  # that one invocation takes out
LONGEST_NAME = 255
_AES = 99
_ENCRYPTED, _UTF8 = 0x1, 0x800  # of an entry's flags
_LOCAL, _END, _LOCATOR, _END64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_BYTES, _LOCATOR_BYTES, _END64_BYTES, _COMMENT_BYTES = 22, 20, 56, 65_536
_LOCAL_BYTES = 30  # of an entry's own header, without its name
_SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"})
# zipfile says so of a directory that makes no sense, or for a name that is not the UTF-8 it claims
_NO_ZIP = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error)


class Refused(Exception):
    """An archive or an entry that cannot be taken: `reason` (a code), `detail` for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Part(NamedTuple):
    """Entries that are taken out together: those from number `first` on, before number `end`."""

    first: int
    end: int


def opened(file: BinaryIO, size: int) -> zipfile.ZipFile:
    """The archive in a file of `size` bytes, its directory checked.

    Raises Refused, and what reading the file raises.
    """
    count, directory_bytes = _end_record(file, size)
    if count > MOST_ENTRIES:
        raise Refused(
            Reason.TOO_MANY_ENTRIES, f"it has {count:,} entries; at most {MOST_ENTRIES:,}"
        )
    if directory_bytes > size:
        raise _no_directory(file, f"its directory would have {directory_bytes:,} bytes")
    if directory_bytes > MOST_DIRECTORY_BYTES:
        detail = f"the list of them has {directory_bytes:,} bytes; at most {MOST_DIRECTORY_BYTES:,}"
        raise Refused(Reason.TOO_MANY_ENTRIES, detail)
    try:
        archive = zipfile.ZipFile(file)
    except _NO_ZIP as error:
        what = f"its directory cannot be read: {type(error).__name__}"
        raise _no_directory(file, what) from None
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Refused(Reason.TOO_MANY_ENTRIES, f"it has {len(entries):,} entries, and says fewer")
    if not entries:
        raise Refused(Reason.EMPTY, "it holds nothing")
    if min(entry.header_offset for entry in entries) < 0:
        raise _no_directory(file, "its beginning is missing")
    _require_apart(archive.start_dir, entries)
    expanded = sum(entry.file_size for entry in entries)
    if expanded > MOST_EXPANDED_BYTES:
        detail = f"its entries have {expanded:,} bytes in all; at most {MOST_EXPANDED_BYTES:,}"
        raise Refused(Reason.ZIP_BOMB, detail)
    return archive


def _no_directory(file: BinaryIO, detail: str) -> Refused:
    """What an archive without a directory is: one that was cut off, if it begins as one."""
    file.seek(0)
    begins = file.read(4) in (_LOCAL, _END)
    return Refused(Reason.TRUNCATED if begins else Reason.NOT_A_ZIP, detail)


def _end_record(file: BinaryIO, size: int) -> tuple[int, int]:
    """How many entries the end record declares, and the bytes of the directory.

    It is the record that zipfile will find, so that nothing is parsed before this is known.
    """
    tail_bytes = _END_BYTES + _COMMENT_BYTES + _LOCATOR_BYTES + _END64_BYTES
    file.seek(max(0, size - tail_bytes))
    tail = file.read(tail_bytes)
    at = len(tail) - _END_BYTES
    if not (at >= 0 and tail[at:].startswith(_END) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END, max(0, len(tail) - _END_BYTES - _COMMENT_BYTES))
    if at < 0 or len(tail) - at < _END_BYTES:
        raise _no_directory(file, "it has no end record, as if it were cut off")
    _, _, _, count, directory_bytes, _ = struct.unpack("<4H2L", tail[at + 4 : at + 20])
    locator, end64 = at - _LOCATOR_BYTES, at - _LOCATOR_BYTES - _END64_BYTES
    if end64 >= 0 and tail.startswith(_LOCATOR, locator) and tail.startswith(_END64, end64):
        count, directory_bytes = struct.unpack("<2Q", tail[end64 + 32 : end64 + 48])
    return count, directory_bytes


def _require_apart(directory: int, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Raise Refused where two entries share bytes, or one those of the directory."""
    starts = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [_end_of(entry) for entry in starts]
    limits = [*(entry.header_offset for entry in starts[1:]), directory]
    if any(end > limit for end, limit in zip(ends, limits, strict=True)):
        raise Refused(Reason.OVERLAPPING_ENTRIES, "entries of it share bytes, as in a bomb")


def _end_of(entry: zipfile.ZipInfo) -> int:
    """Where an entry ends at the earliest: a local header may hold more than the directory says."""
    name = entry.orig_filename  # of a byte a character, unless it is flagged as UTF-8
    name_bytes = len(name.encode()) if entry.flag_bits & _UTF8 else len(name)
    return entry.header_offset + _LOCAL_BYTES + name_bytes + entry.compress_size


def parts_of(entries: Sequence[zipfile.ZipInfo]) -> list[Part]:
    """All entries, in parts that one invocation takes out: the same each time."""
    return [Part(first, end) for first, end in _bounds(entries)]


def _bounds(entries: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[int, int]]:
    first, size = 0, 0
    for place, entry in enumerate(entries):
        expanded = min(entry.file_size, MOST_FILE_BYTES)
        if place > first and (place - first == RANGE_ENTRIES or size + expanded > RANGE_BYTES):
            yield first, place
            first, size = place, 0
        size += expanded
    if entries:
        yield first, len(entries)


def name_of(entry: zipfile.ZipInfo) -> str:
    """An entry's name as it may be shown: no path, whatever it says."""
    return visible(entry.orig_filename[:LONGEST_NAME])[:LONGEST_NAME]


def left_by_a_system(entry: zipfile.ZipInfo) -> str | None:
    """What an entry is that nobody sent on purpose, by its name; None for others."""
    if entry.filename.endswith("/"):  # its own `is_dir` fails without a name
        return "a folder"
    parts = entry.filename.replace("\\", "/").split("/")
    return "a file of the system's" if _SYSTEM_FILES.intersection(parts) else None


def is_beside_another(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is named as what Apple's systems keep beside a file ("._a.jpg")."""
    return entry.filename.replace("\\", "/").rsplit("/", 1)[-1].startswith("._")


def content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, all of them and no more than it says. Raises Refused.

    Errors of reading the archive itself pass through.
    """
    if entry.flag_bits & _ENCRYPTED or entry.compress_type == _AES:
        raise Refused(Reason.ENCRYPTED, "it is encrypted: send it without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        detail = f"it is packed by method {entry.compress_type}; 0 and 8 are read"
        raise Refused(Reason.UNSUPPORTED_COMPRESSION, detail)
    if entry.file_size > MOST_FILE_BYTES:
        is_bomb = entry.file_size > BOMB_RATIO * max(entry.compress_size, 1)
        reason = Reason.ZIP_BOMB if is_bomb else Reason.TOO_LARGE
        raise Refused(reason, f"it has {entry.file_size:,} bytes; at most {MOST_FILE_BYTES:,}")
    if entry.file_size == 0:
        raise Refused(Reason.EMPTY, "it has no bytes")
    content = _read(archive, entry)
    if len(content) != entry.file_size:
        detail = f"it has {len(content):,} bytes, and says {entry.file_size:,}"
        raise Refused(Reason.BAD_SIZE, detail)
    return content


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            return file.read(entry.file_size + 1)
    except zipfile.BadZipFile as error:
        if "CRC" in str(error):
            raise Refused(Reason.BAD_CHECKSUM, "its bytes are not those it was made of") from None
        raise Refused(Reason.DAMAGED, "its own header does not fit the directory") from None
    except (EOFError, zlib.error):
        raise Refused(Reason.DAMAGED, "its packed bytes make no sense") from None
    except (RuntimeError, NotImplementedError, ValueError, struct.error):
        raise Refused(Reason.DAMAGED, "it cannot be opened") from None


def kind_of(content: bytes) -> str:
    """What kind of picture an entry is, by its bytes. Raises Refused."""
    if content.startswith((_LOCAL, _END)):
        raise Refused(Reason.NESTED_ARCHIVE, "it is an archive in an archive: send what is in it")
    try:
        return sniff.kind_of(content)
    except sniff.ImageRefused as error:
        raise Refused(error.reason, error.detail) from None
