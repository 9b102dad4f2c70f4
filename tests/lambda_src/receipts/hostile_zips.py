"""Archives that no honest program writes: made honestly, then changed in a byte or two."""

import io
import struct
import zipfile

from tests.lambda_src.receipts.receiving import jpeg, zipped

DIRECTORY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
# where a field stands: in an entry of the directory, and in the entry's own header
FLAGS, METHOD, CRC, PACKED, SIZE = (8, 6), (10, 8), (16, 14), (20, 18), (24, 22)
OFFSET = 42  # in the directory alone


def changed(archive: bytes, entry: int, field: tuple[int, int], value: int, *, everywhere: bool = True) -> bytes:
    """Give a field of an entry another value: in the directory, and in its own header."""
    made = bytearray(archive)
    width = "<H" if field in (FLAGS, METHOD) else "<L"
    for mark, place in ((DIRECTORY, field[0]), (LOCAL, field[1])) if everywhere else ((DIRECTORY, field[0]),):
        struct.pack_into(width, made, _nth(archive, mark, entry) + place, value)
    return bytes(made)


def _nth(archive: bytes, mark: bytes, n: int) -> int:
    at = -1
    for _ in range(n + 1):
        at = archive.index(mark, at + 1)
    return at


def over_the_same_bytes(archive: bytes) -> bytes:
    """Let the second entry of the directory be the first one's bytes."""
    made = bytearray(archive)
    struct.pack_into("<L", made, _nth(archive, DIRECTORY, 1) + OFFSET, 0)
    return bytes(made)


def quoted() -> bytes:
    """An entry whose packed bytes hold the whole of the next one, as in the best known bombs."""
    archive = zipped({"a.jpg": jpeg("a"), "b.jpg": jpeg("b")})
    first, second = _nth(archive, LOCAL, 0), _nth(archive, LOCAL, 1)
    length = second - first + len(jpeg("a"))
    return changed(changed(archive, 0, PACKED, length), 0, SIZE, length)


def declaring(archive: bytes, entries: int) -> bytes:
    """Declare so many entries in the end record: in that of zip64 where it must be there."""
    at = archive.rindex(END)
    made = bytearray(archive)
    struct.pack_into("<2H", made, at + 8, min(entries, 0xFFFF), min(entries, 0xFFFF))
    if entries < 0xFFFF:
        return bytes(made)
    _, _, _, _, size, offset, _ = struct.unpack("<4H2LH", archive[at + 4 : at + 22])
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    return bytes(made[:at]) + end + locator + bytes(made[at:])


def with_a_long_list() -> bytes:
    """Few entries, whose list has 5 MB of comments."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(80):
            entry = zipfile.ZipInfo(f"{n}.jpg")
            entry.comment = b"x" * 65_000
            archive.writestr(entry, jpeg(f"{n}"))
    return file.getvalue()


def in_zip64(entries: dict[str, bytes]) -> bytes:
    """An honest archive that uses the long headers where it need not."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                entry.write(content)
    return declaring(file.getvalue(), 0xFFFF).replace(
        struct.pack("<2Q", 0xFFFF, 0xFFFF), struct.pack("<2Q", len(entries), len(entries))
    )
