"""What is large is in one zip alone, and works from it: read's decoders, deliver's driver."""

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
DRIVER = ("psycopg", "psycopg_binary")
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
@pytest.mark.parametrize(("function", "parts"), [("receipts-read", DECODERS), ("receipts-deliver", DRIVER)])
def test_only_one_zip_holds_what_is_large(
    packages: Packages, target: str, function: str, parts: tuple[str, ...]
) -> None:
    _, manifest = packages(target)
    held = {
        name: {path.split("/")[0].split(".")[0] for path in package["files"]}
        for name, package in manifest["packages"].items()
    }
    assert {name for name, tops in held.items() if tops & {part.split(".")[0] for part in parts}} == {function}
    assert function in functions(ROOT / "lambda_src")
    assert manifest["packages"][function]["unpacked_size"] < MOST_UNPACKED


@pytest.mark.parametrize("target", TARGETS)
def test_the_zips_hold_the_libraries_that_are_loaded_by_path(packages: Packages, target: str) -> None:
    _, manifest = packages(target)
    assert "pypdfium2_raw/libpdfium.so" in manifest["packages"]["receipts-read"]["files"]
    libraries = [path for path in manifest["packages"]["receipts-deliver"]["files"] if ".libs/" in path]
    assert any("/libpq" in path for path in libraries)
    assert any("/libssl" in path for path in libraries)


CONNECT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from receipts.delivery import credentials, port, postgres
login = credentials.Login.model_validate_json(sys.stdin.read())
try:
    postgres.connect(login, "lambda-0", "receipts")
except port.Away as away:
    print(json.dumps([away.reason, postgres.psycopg.pq.__impl__]))
"""


def test_the_driver_works_from_the_zip(packages: Packages, tmp_path: Path) -> None:
    folder, _ = packages("local")
    with zipfile.ZipFile(folder / "receipts-deliver.zip") as archive:
        archive.extractall(tmp_path)
    login = {"host": "127.0.0.1", "port": 1, "dbname": "d", "username": "u", "password": "p"}
    asked = json.dumps(login | {"ca": "-----BEGIN CERTIFICATE-----"})
    command = [sys.executable, "-I", "-B", "-c", CONNECT, str(tmp_path)]
    done = subprocess.run(command, input=asked, env={}, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["unreachable", "binary"]
