"""docs/receipts/README.md, followed to the letter: a pile of receipts sent by hand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_start import shell
from tests.support.project_copy import copy_parts
from tools.common.paths import BUILD, ROOT
from tools.environment import zips

PAGE = ROOT / "docs/receipts/README.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """The project as a checkout of its own; virtual environments and zips are lent."""
    folder = tmp_path / "sluice"
    folder.mkdir()
    copy_parts(folder)
    zips.package("local", pipelines=["receipts"])
    shutil.copytree(BUILD / "packages/receipts", folder / "build/packages/receipts")
    try:
        yield folder
    finally:
        shell(folder, "make down")


@pytest.mark.slow
def test_every_command_of_the_page(clone: Path) -> None:
    """In one shell, as a person has; it waits for the account as the page says, before the last."""
    sent, uploaded, asked = BLOCKS
    named, rest = asked.split("\n", 1)
    wait = "for _ in $(seq 120); do make batch BATCH=$BATCH | grep '; closed' && break; sleep 1; done"
    said = shell(clone, "\n".join([sent, uploaded, named, wait, rest]))
    assert re.search(r"= \d+ files; closed", said)
    assert re.search(r"\d files for review in batch [a-z2-7]{26}", said)
    assert '"open":false' in said.replace(" ", "")
    assert "waits: batches open for their uploads" in said
