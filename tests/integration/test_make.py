"""The make targets, in a copy of the project beside the session's local cloud: two copies run at once and leave nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bad_input import GOOD, ballots_request
from demo.send import Client
from devcloud import stack
from devcloud.runs import BUILD, ROOT, Run
from operations.place import Place
from tests.integration.conftest import processes_in

PARTS = ("Makefile", "devcloud", "environments", "lambda_src", "operations", "packager", "requirements", "terraform")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project without its git metadata, its build and its home folder; the virtual environment and the zips are lent."""
    folder = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        path = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", ".terraform")
        shutil.copytree(path, folder / part, ignore=ignored) if path.is_dir() else shutil.copy2(path, folder)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    stack.package("local")
    shutil.copytree(BUILD / "packages" / "local", folder / "build" / "packages" / "local")
    try:
        yield folder
    finally:
        _make(folder, "down")


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "AWS_EC2_METADATA_DISABLED": "true"}
    lent = ["-o", ".venv/.devcloud", "-o", ".venv/.dev"]  # set up already
    return subprocess.run(
        ["make", *lent, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_make_alone_lists_the_targets(copy: Path) -> None:
    said = _make(copy).stdout
    targets = {line.split()[0] for line in said.splitlines()[1:]}
    names = """
        bench capacity demo chaos rehearse test faults mutants iam up status logs redrive catalogue
        recount mend erase conservation smoke soak rollback preflight down package account plan apply check fmt lock clean
        publish propose policies promote drift drift-issue comment release release-upload dependencies
    """
    assert targets == set(names.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status"], "make up"),
        (["redrive", "QUEUE=ingest"], "make up"),
        (["catalogue"], "make up"),
        (["smoke"], "make up"),
        (["soak", "MINUTES=1"], "make up"),
        (["rollback", "DRY_RUN=yes"], "make up"),
        (["preflight", "ENV=nowhere"], "ENV=dev|local|prod|staging"),
        (["preflight", "ENV=local"], "has no account"),
        (["plan", "ENV=nowhere"], "ENV=dev|local|prod|staging"),
        (["apply", "ENV=local"], "make up"),
        (["apply", "ENV=prod"], "no AWS credentials"),
        (["apply", "ENV=prod/account"], "make account ENV=prod"),
        (["account", "ENV=prod"], "no AWS credentials"),
        (["account"], "ENV is one of dev, prod, staging"),
        (["status", "ENV=prod"], "whose these credentials are"),
        (["status", "ENV=nowhere"], "ENV is one of"),
    ],
)
def test_a_target_that_cannot_work_says_why_and_what_to_do(copy: Path, arguments: list[str], said: str) -> None:
    done = _make(copy, *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_up_use_down(copy: Path, place: Place, tmp_path: Path) -> None:
    up = _make(copy, "up")
    assert up.returncode == 0, up.stderr
    outputs = json.loads((copy / "build" / "local" / "outputs.json").read_text())
    url = outputs["votes_api_url"]["value"]
    assert url != place.outputs["votes_api_url"]
    client = Client(url)
    assert client.post(ballots_request([GOOD])).status == 202
    client.close()

    (tmp_path / "titles.csv").write_text("title_id,closes\nmv1,2026-01-01T00:00:00Z\n")
    loaded = _make(copy, "catalogue", f"FILE={tmp_path / 'titles.csv'}")
    assert "1 titles are in the catalogue" in loaded.stdout, loaded.stderr
    assert "FILE is missing" in _make(copy, "catalogue").stderr
    queue = outputs["queues"]["value"]["ingest"]
    Place.local(Run(copy / "build" / "local")).client("sqs").send_message(QueueUrl=queue["dead_letter_url"], MessageBody=json.dumps(GOOD))
    listed = _make(copy, "redrive")
    assert listed.returncode != 0
    assert "ingest: 1 dead letters" in listed.stdout
    assert "nothing was changed: `make redrive QUEUE=ingest CONFIRM=yes`" in _make(copy, "redrive", "QUEUE=ingest").stdout
    assert "it was a dry run" in _make(copy, "redrive", "QUEUE=ingest", "CONFIRM=yes", "DRY_RUN=yes").stdout
    assert "1 moved back to ingest, 0 left" in _make(copy, "redrive", "QUEUE=ingest", "CONFIRM=yes").stdout
    assert "dead letters" in _make(copy, "status").stdout
    assert "votes-receive" in _make(copy, "logs", "FUNCTION=receive").stdout

    down = _make(copy, "down")
    assert "stopped" in down.stdout, down.stderr
    assert processes_in(copy) == []
    assert not (copy / "build" / "local" / "outputs.json").exists()
    assert "nothing was up" in _make(copy, "down").stdout
    assert place.client("sqs").list_queues()["QueueUrls"], "the other local cloud is still there"
