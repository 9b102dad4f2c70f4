"""A stranger's file: what becomes of it, and that nothing large is decoded to find out."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image, ImageFile, ImageStat

from receipts import image, pdf, pdf_drawing, picture, sniff
from receipts.image import ImageRefused, prepare
from tests.house.sources import imports
from tests.lambda_src.receipts.pictures import GOOD, ROWS, SHEET, difference, page_of, refusal, saved
from tools.traffic.receipts import broken, collection, drawing, encoding, spoiling
from tools.traffic.receipts.broken import Broken


@pytest.mark.parametrize("bad", broken.broken(GOOD), ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_its_reason(bad: Broken) -> None:
    refused = refusal(bad.content)
    assert refused.reason == bad.reason
    assert refused.detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (broken.png(30_000, 30_000), "too-many-pixels"),
        (broken.png(2000, 2), "bad-ratio"),
        (broken.png(1, 1), "too-small"),
        (broken.png(picture.MOST_PIXELS // 5000 + 1, 5000), "too-many-pixels"),
        (b"\xff\xd8\xff" + b"\x00" * (image.MOST_BYTES), "too-large"),
    ],
)
def test_what_is_too_much_is_refused_before_a_pixel_is_decoded(
    content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*args: object, **more: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    assert refusal(content).reason == reason


PEAK = """
import resource, sys
from receipts import image
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    image.prepare(content)
except image.ImageRefused as refused:
    print(refused.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_picture_of_900_million_pixels_takes_no_memory(tmp_path: object) -> None:
    file = f"{tmp_path}/huge.png"
    with open(file, "wb") as opened:
        opened.write(broken.png(30_000, 30_000))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, file], env={"PYTHONPATH": "lambda_src"}, capture_output=True, text=True, check=True
    )
    reason, grown = done.stdout.split()
    assert reason == "too-many-pixels"
    scale = 1024 if sys.platform == "linux" else 1
    assert int(grown) * scale < 50_000_000
    assert resource.getpagesize()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_exif_orientation_comes_out_upright_and_without_a_tag(orientation: int) -> None:
    page = page_of(encoding.jpeg(SHEET, 95, orientation))
    assert page.size == SHEET.size
    assert difference(page, SHEET.picture) < 2
    assert dict(page.getexif()) == {}


@pytest.mark.parametrize("mode", ["CMYK", "RGBA", "L"])
@pytest.mark.parametrize("most", [picture.SENT_PIXELS, 60_000])
def test_every_kind_of_pixel_is_turned_upright(mode: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "SENT_PIXELS", most)
    exif = Image.Exif()
    exif[spoiling.ORIENTATION] = 6
    lying = SHEET.picture.convert(mode).transpose(spoiling.SAVED_AS[6])
    page = page_of(saved(lying, "JPEG" if mode == "CMYK" else "PNG", exif=exif.tobytes()))
    assert difference(page, SHEET.picture.resize(page.size, Image.Resampling.BOX)) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_photo_is_made_smaller_and_upright(orientation: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "SENT_PIXELS", 60_000)
    page = page_of(encoding.jpeg(SHEET, 95, orientation))
    assert 50_000 < page.width * page.height <= 61_000
    assert page.width / page.height == pytest.approx(SHEET.size[0] / SHEET.size[1], rel=0.02)
    assert difference(page, SHEET.picture.resize(page.size, Image.Resampling.BOX)) < 6


def test_nothing_but_pixels_goes_on() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    content = saved(SHEET.picture, "JPEG", exif=exif.tobytes(), comment=b"secret", icc_profile=b"profile" * 20)
    (page,) = prepare(content + b"<script>").pages
    assert not [word for word in (b"home", b"secret", b"profile", b"script") if word in page.content]


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
def test_a_file_is_what_its_bytes_say(kind: str) -> None:
    """Names and types are not even asked for."""
    assert difference(page_of(saved(SHEET.picture, kind)), SHEET.picture) < 2


MODES: dict[str, Callable[[Image.Image], bytes]] = {
    "CMYK JPEG": lambda made: saved(made.convert("CMYK"), "JPEG", quality=95),
    "CMYK TIFF": lambda made: saved(made.convert("CMYK"), "TIFF"),
    "16 bit PNG": lambda made: saved(made.convert("I").point(lambda v: v * 257).convert("I;16"), "PNG"),
    "16 bit TIFF": lambda made: saved(made.convert("I").point(lambda v: v * 257).convert("I;16"), "TIFF"),
    "32 bit TIFF": lambda made: saved(made.convert("F").point(lambda v: v * (1 / 255)), "TIFF"),
    "palette": lambda made: saved(made.convert("P"), "PNG"),
    "LAB TIFF": lambda made: saved(made.convert("RGB").convert("YCbCr"), "TIFF"),
    "grey with alpha": lambda made: saved(made.convert("LA"), "PNG"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("most", [picture.SENT_PIXELS, 100_000])
def test_every_kind_of_pixel_becomes_shades_of_eight_bits(
    mode: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "SENT_PIXELS", most)
    page = page_of(MODES[mode](SHEET.picture))
    assert page.mode in ("L", "RGB")
    expected = SHEET.picture.resize(page.size, Image.Resampling.BOX)
    assert difference(page, expected) < 8


def test_one_bit_stays_readable() -> None:
    page = page_of(saved(SHEET.picture.convert("1"), "TIFF", compression="group4"))
    assert difference(page, SHEET.picture) < 12


def test_ink_on_see_through_paper_lies_on_white() -> None:
    ink = Image.new("RGBA", SHEET.size, (0, 0, 0, 0))
    ink.putalpha(SHEET.picture.point(lambda shade: 255 - shade))
    page = page_of(saved(ink, "PNG"))
    assert ImageStat.Stat(page.convert("L")).mean[0] > 200
    assert difference(page, SHEET.picture) < 8


def test_of_an_animation_the_first_picture_is_read_and_that_is_said() -> None:
    other = Image.new("L", SHEET.size, 0)
    animated = prepare(saved(SHEET.picture, "PNG", save_all=True, append_images=[other, other], duration=100))
    assert animated.notes == ("animated",)
    (page,) = animated.pages
    assert difference(Image.open(io.BytesIO(page.content)), SHEET.picture) < 2


def test_polyglots_are_read_as_the_picture_they_are_and_that_is_said() -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("run.sh", "echo")
    assert prepare(GOOD + zipped.getvalue()).notes == ("also-zip", "trailing-data")
    png = encoding.png(SHEET)
    assert prepare(png + b"#!/bin/sh\n").notes == ("trailing-data",)
    assert prepare(saved(SHEET.picture, "JPEG", comment=b"%PDF-1.4 and so on")).notes == ("also-pdf",)
    assert prepare(GOOD).notes == prepare(png).notes == ()
    assert prepare(GOOD + b"\x00" * 64).notes == (), "cameras pad"
    assert prepare(GOOD + GOOD).notes == (), "phones put a second picture behind the first"
    assert len(prepare(GOOD + zipped.getvalue()).pages) == 1


def test_a_progressive_jpeg_has_its_end_found() -> None:
    progressive = saved(SHEET.picture.convert("RGB"), "JPEG", progressive=True)
    assert prepare(progressive).notes == ()
    assert prepare(progressive + b"tail").notes == ("trailing-data",)


def test_a_jpeg_of_endless_passes_is_refused_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = GOOD[:-2] + b"\xff\xda\x00\x02" * sniff.MOST_SCANS
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)
    assert refusal(passes + b"\xff\xd9").reason == "unreadable"


def test_a_heic_is_read() -> None:
    drawn = collection.heic()
    prepared = prepare(drawn.content)
    assert prepared.kind == sniff.HEIC
    (page,) = prepared.pages
    assert difference(Image.open(io.BytesIO(page.content)), drawn.sheets[0].picture) < 4
    assert refusal(drawn.content[: len(drawn.content) // 2]).reason in ("truncated", "unreadable")


def test_what_is_sent_is_small_enough_whatever_is_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    grain = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(900 * 900 * 3))
    content = saved(grain, "PNG")
    (best,) = prepare(content).pages
    monkeypatch.setattr(picture, "SENT_BYTES", len(best.content) - 1)
    (smaller,) = prepare(content).pages
    assert len(smaller.content) < len(best.content)
    monkeypatch.setattr(picture, "SENT_BYTES", 1000)
    assert refusal(content).reason == "too-large"
    monkeypatch.setattr(image, "MOST_SENT_BYTES", 1000)
    monkeypatch.undo()
    monkeypatch.setattr(image, "MOST_SENT_BYTES", len(best.content) - 1)
    assert refusal(content).reason == "too-large"


def test_cut_or_changed_anywhere_a_file_is_read_or_refused_and_never_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other error gets out of the decoders."""
    monkeypatch.setattr(pdf, "pages", pdf_drawing.pages)
    rng = random.Random(20)
    small = spoiling.turned(drawing.draw(ROWS[:4], drawing.Print(letter=8, width=200), 1), 1)
    files = [encoding.jpeg(small), encoding.png(small), encoding.tiff([small, small]), encoding.pdf([small])]
    files.append(collection.heic().content)
    seen = set()
    for content in files:
        for _ in range(25):
            changed = bytearray(content[: rng.randrange(len(content))] if rng.random() < 0.4 else content)
            for _ in range(rng.randrange(6)):
                if changed:
                    changed[rng.randrange(len(changed))] = rng.randrange(256)
            try:
                seen.add(prepare(bytes(changed)).kind)
            except ImageRefused as refused:
                seen.add(refused.reason)
    assert {"truncated", "unreadable", "jpeg", "pdf"} <= seen


def test_sniffing_loads_no_decoder() -> None:
    """`split` sorts files, and its zip holds no decoder."""
    assert {module.split(".")[0] for module in imports("lambda_src/receipts/sniff.py")} == {"re"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x00\x00\x00\x1cftypavif", "an AVIF"),
        (b"\x00\x00\x00\x1cftypisom", "a film"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP"),
        (b"PK\x03\x04", "a zip archive"),
    ],
)
def test_other_kinds_are_named(content: bytes, what: str) -> None:
    refused = refusal(content)
    assert refused.reason == "unsupported-type"
    assert what in refused.detail
