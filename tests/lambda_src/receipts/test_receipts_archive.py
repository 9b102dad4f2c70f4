"""Archives: what a stranger may write into one, and what comes of it in the account."""

import io
import tracemalloc
import zipfile

import pytest

from receipts.ids import file_id_of
from receipts.rows import Outcome
from receipts.settings import MOST_FILE_BYTES
from tests.lambda_src.receipts import hostile_zips
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.hostile_zips import CRC, FLAGS, METHOD, PACKED, SIZE, changed, declaring
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped

A, B = jpeg("a" * 100), jpeg("b" * 100)
TWO = {"a.jpg": A, "b.jpg": B}
STORED = zipped(TWO)
DEFLATED = zipped(TWO, zipfile.ZIP_DEFLATED)


def _large() -> bytes:
    """An archive whose entries say that they would be 6 GB."""
    made = zipped({f"{n}.jpg": A for n in range(200)}, zipfile.ZIP_DEFLATED)
    for n in range(200):
        made = changed(made, n, SIZE, MOST_FILE_BYTES)
    return made


WHOLE: dict[str, tuple[bytes, str]] = {
    "no zip": (b"\xff\xd8\xff\xe0 no zip", "not-a-zip"),
    "one byte": (b"P", "not-a-zip"),
    "nothing in it": (zipped({}), "empty"),
    "cut off": (STORED[:-30], "truncated"),
    "cut off in the middle": (STORED[: len(STORED) // 2], "truncated"),
    "without its beginning": (STORED[40:], "not-a-zip"),
    "a million entries in the end record": (declaring(STORED, 1_000_000), "too-many-entries"),
    "2,001 entries in the end record": (declaring(STORED, 2_001), "too-many-entries"),
    "2,001 entries, and says 5": (declaring(zipped({f"{n}": b"" for n in range(2_001)}), 5), "too-many-entries"),
    "a list of 5 MB": (hostile_zips.with_a_long_list(), "too-many-entries"),
    "a list longer than the archive": (STORED[:-10] + b"\xff" * 4 + STORED[-6:], "truncated"),
    "overlapping entries": (hostile_zips.over_the_same_bytes(STORED), "overlapping-entries"),
    "an entry in another": (hostile_zips.quoted(), "overlapping-entries"),
    "an entry over the directory": (changed(STORED, 1, PACKED, 100_000, everywhere=False), "overlapping-entries"),
    "6 GB in all": (_large(), "zip-bomb"),
    "a name that is no UTF-8": (zipped({"é.jpg": A}).replace("é".encode(), b"\xff\xff"), "truncated"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_an_archive_that_cannot_be_taken_says_why(receiving: Receiving, time: Clock, name: str) -> None:
    content, reason = WHOLE[name]
    batch_id = receiving.archived(content)
    assert receiving.run(time.later) == 1
    (outcome,) = receiving.outcomes(batch_id)
    assert (outcome.name, outcome.reason) == ("archive.zip", reason)
    (line,) = receiving.quarantined()
    assert (line["reason"], line["batch_id"], line["key"]) == (reason, batch_id, f"in/{batch_id}/archive.zip")
    assert receiving.images() == []
    assert receiving.cloud.s3.buckets["documents"] == {}


ENTRIES: dict[str, tuple[bytes, str]] = {
    "encrypted": (changed(STORED, 0, FLAGS, 1), "encrypted"),
    "encrypted with AES": (changed(STORED, 0, METHOD, 99), "encrypted"),
    "packed by bzip2": (changed(STORED, 0, METHOD, 12), "unsupported-compression"),
    "of another checksum": (changed(STORED, 0, CRC, 7), "bad-checksum"),
    "says fewer bytes": (changed(DEFLATED, 0, SIZE, 10), "bad-checksum"),
    "says more bytes": (changed(DEFLATED, 0, SIZE, 999), "bad-size"),
    "says fewer packed bytes": (changed(DEFLATED, 0, PACKED, 5), "bad-checksum"),
    "whose packed bytes are none": (zipped(TWO).replace(b"a" * 100, b"\xff" * 100), "bad-checksum"),
    "packed by nothing": (changed(STORED, 0, METHOD, 8), "damaged"),
    "of another name within": (STORED.replace(b"a.jpg", b"x.jpg", 1), "damaged"),
    "a bomb": (changed(DEFLATED, 0, SIZE, 1_000_000_000), "zip-bomb"),
    "too large": (changed(zipped({"a.jpg": bytes(400_000), "b.jpg": B}), 0, SIZE, MOST_FILE_BYTES + 1), "too-large"),
    "nested": (zipped({"a.zip": STORED, "b.jpg": B}), "nested-archive"),
    "empty": (zipped({"a.jpg": b"", "b.jpg": B}), "empty"),
    "a text": (zipped({"a.jpg": b"hello", "b.jpg": B}), "not-an-image"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_cannot_be_taken_is_refused_alone(receiving: Receiving, time: Clock, name: str) -> None:
    content, reason = ENTRIES[name]
    batch_id = receiving.archived(content)
    receiving.run(time.later)
    refused, taken = receiving.outcomes(batch_id)
    assert (refused.reason, taken) == (reason, Outcome(1, "b.jpg", file_id=file_id_of(B)))
    assert [line["place"] for line in receiving.quarantined()] == [0]
    assert [one.file_id for one in receiving.images()] == [file_id_of(B)]


def test_a_bomb_is_never_unpacked(receiving: Receiving, time: Clock) -> None:
    zeros = zipped({"bomb.png": b"\x89PNG\r\n\x1a\n" + bytes(60_000_000)}, zipfile.ZIP_DEFLATED)
    batch_id = receiving.archived(changed(zeros, 0, SIZE, 1_000))
    tracemalloc.start()
    receiving.run(time.later)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
    assert receiving.reasons(batch_id) == {"bomb.png": "bad-checksum"}


NAMES = {
    "../../etc/passwd": "../../etc/passwd",
    "/etc/a.jpg": "/etc/a.jpg",
    "C:\\x\\a.jpg": "C:\\x\\a.jpg",
    "a\u202egpj.exe": "a\\u202egpj.exe",
    "a\x07\x1b[31mb\n.jpg": "a\\x07\\x1b[31mb\\n.jpg",
    "a\x7f.jpg": "a\\x00.jpg",  # made a NUL below: zipfile writes none
    "<script>x</script>'; DROP TABLE a; --.jpg": "<script>x</script>'; DROP TABLE a; --.jpg",
    "Quittung für Größe ✓.jpg": "Quittung für Größe ✓.jpg",
    "x" * 300: "x" * 255,
    "\U000e0001" * 255: ("\\U000e0001" * 255)[:255],
    "a/b/c/d/e/f.jpg": "a/b/c/d/e/f.jpg",
    "no extension": "no extension",
}


def test_a_name_is_shown_and_never_a_path(receiving: Receiving, time: Clock) -> None:
    content = zipped({name: jpeg(f"{n}") for n, name in enumerate(NAMES)}).replace(b"a\x7f.jpg", b"a\x00.jpg")
    batch_id = receiving.archived(content)
    receiving.run(time.later)
    assert [one.name for one in receiving.outcomes(batch_id)] == list(NAMES.values())
    assert receiving.reasons(batch_id) == {}
    keys = {f"images/{batch_id}/{file_id_of(jpeg(f'{n}'))}" for n in range(len(NAMES))}
    assert set(receiving.cloud.s3.buckets["documents"]) == keys


def test_an_entry_without_a_name_is_an_entry(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.archived(STORED.replace(b"a.jpg", b"\x00.jpg"))
    receiving.run(time.later)
    assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(A), file_id_of(B)]
    assert {one.name for one in receiving.images()} == {"\\x00.jpg", "b.jpg"}


def test_what_a_system_leaves_is_told_apart(receiving: Receiving, time: Clock) -> None:
    beside = b"\x00\x05\x16\x07" + bytes(20)
    content = zipped(
        {
            "photos/": b"",
            "photos/.DS_Store": b"\x00\x00\x00\x01Bud1",
            "__MACOSX/photos/._a.jpg": beside,
            "photos/._a.jpg": beside,
            "photos/._really.jpg": A,
            "Thumbs.db": b"\xd0\xcf\x11\xe0",
            "photos/a.jpg": B,
        }
    )
    batch_id = receiving.archived(content)
    receiving.run(time.later)
    ignored = {one.name for one in receiving.outcomes(batch_id) if one.ignored}
    assert ignored == set(NAMES_IGNORED)
    assert {one.name for one in receiving.outcomes(batch_id) if one.file_id} == {"photos/._really.jpg", "photos/a.jpg"}
    assert receiving.quarantined() == []
    assert receiving.tables.used()["files"] == 3, "what is named as a system's is not charged"


NAMES_IGNORED = ("photos/", "photos/.DS_Store", "__MACOSX/photos/._a.jpg", "photos/._a.jpg", "Thumbs.db")


def test_a_name_twice_is_two_files(receiving: Receiving, time: Clock) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([("a.jpg", A), ("a.jpg", B)])
    batch_id = receiving.archived(content)
    receiving.run(time.later)
    assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(A), file_id_of(B)]


HONEST: dict[str, bytes] = {
    "deflated": DEFLATED,
    "zip64": hostile_zips.in_zip64(TWO),
    "behind something else": b"#!/bin/sh\n" + STORED,
}


@pytest.mark.parametrize("name", HONEST)
def test_an_unusual_archive_is_taken(receiving: Receiving, time: Clock, name: str) -> None:
    batch_id = receiving.archived(HONEST[name])
    receiving.run(time.later)
    assert [one.file_id for one in receiving.outcomes(batch_id)] == [file_id_of(A), file_id_of(B)]


def test_an_archive_with_a_comment_is_taken(receiving: Receiving, time: Clock) -> None:
    file = io.BytesIO(STORED)
    with zipfile.ZipFile(file, "a") as made:
        made.comment = b"of my trip " * 5_000
    batch_id = receiving.archived(file.getvalue())
    receiving.run(time.later)
    assert receiving.reasons(batch_id) == {}
