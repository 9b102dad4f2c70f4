"""Whatever bytes an archive has: it is taken, or refused with a reason, and that is all."""

import io
import random
import zipfile

import pytest

from receipts import archive
from receipts.ids import file_id_of
from tests.lambda_src.receipts import hostile_zips
from tests.lambda_src.receipts.receiving import jpeg, zipped

TIMES = 1_500
FILES = {f"{n}é.jpg": jpeg(f"{n}" * (100 * n + 1)) for n in range(4)}
HONEST = {
    "stored": zipped(FILES),
    "deflated": zipped(FILES, zipfile.ZIP_DEFLATED),
    "zip64": hostile_zips.in_zip64(FILES),
}


def _spoiled(content: bytes, rng: random.Random) -> bytes:
    """The archive with some of its bytes changed, moved, left out or doubled."""
    made = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(made)), rng.randint(1, 40)
        match rng.randrange(5):
            case 0:
                made[at] = rng.randrange(256)
            case 1:
                made[at : at + 4] = rng.choice([b"\0" * 4, b"\xff" * 4, b"PK\x01\x02", b"PK\x05\x06", b"\x01\0\x20\0"])
            case 2:
                del made[at : at + length]
            case 3:
                made[at:at] = made[at : at + length]
            case _:
                del made[rng.randrange(len(made)) :]
        if not made:
            break
    return bytes(made)


def _taken(content: bytes) -> list[str]:
    """What comes of an archive: ids of files, and reasons."""
    try:
        opened = archive.opened(io.BytesIO(content), len(content))
    except archive.Refused as error:
        return [error.reason]
    found = []
    for part in archive.parts_of(opened.infolist()):
        for entry in opened.infolist()[part.first : part.end]:
            assert archive.name_of(entry).isprintable()
            archive.left_by_a_system(entry)
            try:
                taken = archive.content_of(opened, entry)
                archive.kind_of(taken)
            except archive.Refused as error:
                found.append(error.reason)
            else:
                found.append(file_id_of(taken))
    return found


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", HONEST)
def test_a_spoiled_archive_is_taken_or_refused(name: str) -> None:
    rng = random.Random(f"spoiled {name}")
    good = {file_id_of(one) for one in FILES.values()}
    outcomes: set[str] = set()
    for _ in range(TIMES):
        outcomes.update(_taken(_spoiled(HONEST[name], rng)))
    assert {one for one in outcomes if len(one) == 32} <= good, "no file is taken with other bytes than were put in"
    assert {"bad-checksum", "truncated", "not-a-zip", "overlapping-entries"} <= outcomes
