"""Read's zip decodes what it is sent with boto3 alone beside it; no other holds a decoder."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.common.paths import ROOT
from tools.packager.build import functions
from tools.packager.target import TARGETS
from tools.traffic.receipts import collection, drawing, encoding, layouts

MOST_UNPACKED = 100_000_000  # Lambda's limit is 250 MB
DECODERS = ("PIL", "pillow.libs", "pi_heif", "_pi_heif", "pypdfium2", "pypdfium2_raw")
Packages = Callable[[str], tuple[Path, dict[str, Any]]]

DECODE = """
import json, sys
folder, files = json.loads(sys.stdin.read())
sys.path.insert(0, folder)
from receipts import image
late = [name for name in ("pypdfium2", "pi_heif") if name in sys.modules]
print(json.dumps([late, [len(image.prepare(open(file, "rb").read()).pages) for file in files]]))
"""


def test_every_kind_of_file_is_decoded_from_the_zip(packages: Packages, tmp_path: Path) -> None:
    sheet = drawing.draw(layouts.receipt(1, 1)[0], drawing.Print(), 1)
    contents = [encoding.jpeg(sheet), encoding.png(sheet), encoding.tiff([sheet] * 2), encoding.pdf([sheet] * 3)]
    contents.append(collection.heic().content)
    files = [tmp_path / f"{number}" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    folder, _ = packages("local")
    with zipfile.ZipFile(folder / "receipts-read.zip") as archive:
        archive.extractall(tmp_path / "zip")
    request = json.dumps([str(tmp_path / "zip"), list(map(str, files))])
    command = [sys.executable, "-I", "-S", "-B", "-c", DECODE]
    done = subprocess.run(command, input=request, env={}, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], [1, 1, 2, 3, 1]], "what few files need is loaded when one comes"


@pytest.mark.parametrize("target", TARGETS)
def test_only_reads_zip_holds_decoders(packages: Packages, target: str) -> None:
    _, manifest = packages(target)
    held = {
        name: {path.split("/")[0].split(".")[0] for path in package["files"]}
        for name, package in manifest["packages"].items()
    }
    assert {name for name, tops in held.items() if tops & {part.split(".")[0] for part in DECODERS}} == {
        "receipts-read"
    }
    assert "pypdfium2_raw/libpdfium.so" in manifest["packages"]["receipts-read"]["files"]
    assert "receipts-read" in functions(ROOT / "lambda_src")
    assert manifest["packages"]["receipts-read"]["unpacked_size"] < MOST_UNPACKED
