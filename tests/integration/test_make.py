"""The make targets, in a copy of the project beside the session's local cloud.

Two copies run at once and leave nothing. A proxy that nobody runs is set all the while: what is on
this machine is reached without it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.left import processes_in
from tests.support.makefile import TARGETS
from tests.support.project_copy import SET_UP, copy_parts
from tools.common.paths import BUILD
from tools.environment import zips
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, ballots_request


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project without its git metadata, its build and its home folder.

    The virtual environments and the zips are lent.
    """
    folder = tmp_path_factory.mktemp("copy")
    copy_parts(folder)
    zips.package("local", pipelines=["votes"])
    shutil.copytree(BUILD / "packages" / "votes", folder / "build" / "packages" / "votes")
    try:
        yield folder
    finally:
        _make(folder, "down")


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "http_proxy": "http://127.0.0.1:1",
    }


def _make(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *SET_UP, *arguments],
        cwd=folder,
        env=_environment(folder) | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_make_alone_lists_the_targets_in_groups(copy: Path) -> None:
    said = _make(copy).stdout.splitlines()
    assert [line.split(" (")[0] for line in said[1:] if line[:1].isalpha()] == [
        "Run it",
        "Look after it",
        "Deploy it",
        "What the workflows run",
        "Prove it",
    ]
    names = """
        accuracy bench capacity live screenshots
        demo chaos rehearse rehearse-peak test faults mutants contracts iam up agent try env
        status logs redrive catalogue recount mend erase import conservation batch review runs proof smoke soak
        rollback preflight mapping down package agent-wheelhouse account plan apply
        check fmt lock clean propose policies promote drift drift-issue comment
        release release-upload dependencies github-check audit audit-issue deploy-tools policies-tools
    """
    assert {line.split()[0] for line in said if line.startswith("  ")} == set(names.split()) == set(TARGETS)
    assert [line for line in said if len(line) > 78] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status"], "make up"),
        (["redrive", "QUEUE=ingest"], "make up"),
        (["catalogue"], "make up"),
        (["smoke"], "make up"),
        (["batch", "BATCH=a"], "make up"),
        (["review"], "make up"),
        (["agent"], "agent: nothing is up: run `make up PIPELINE=receipts` first"),
        (["review", "PIPELINE=votes"], "this is of receipts alone"),
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
        (["status", "ENV=$(shell touch made)"], "ENV is one of"),
        (["logs", "SINCE=soon"], "logs: SINCE='soon': a number is needed"),
        (["demo", "BALLOTS=$(shell touch made)"], "demo: BALLOTS='$(shell touch made)': a whole number is needed"),
        (["demo", "PIPELINE=receipts", "BY=nobody"], "demo: BY is lanes or agent, not 'nobody'"),
        (["rehearse-peak", "YEAR=2027"], "rehearse-peak: YEAR='2027': YEAR=yes or YEAR=no is needed"),
        (["rehearse-peak", "ROWS=few"], "rehearse-peak: ROWS='few': a whole number is needed"),
        (["up", "PIPELINE=shop"], "up: there is no pipeline 'shop': PIPELINE is one of votes"),
        (["demo", "PIPELINE=shop"], "demo: no pipeline 'shop' has this command: PIPELINE is one of votes"),
        (["bench", "PIPELINE=$(shell touch made)"], "bench: no pipeline '$(shell touch made)' has this command"),
        (["rollback", "DRY_RUN=maybe"], "rollback: DRY_RUN='maybe': DRY_RUN=yes or DRY_RUN=no is needed"),
    ],
)
def test_a_target_that_cannot_work_says_why_and_what_to_do(copy: Path, arguments: list[str], said: str) -> None:
    done = _make(copy, *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# what a person may have set for AWS, for Terraform or for their other Pythons
SET_FOR_ELSEWHERE = {
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
    "AWS_PROFILE": "nowhere",
    "AWS_CONFIG_FILE": "Makefile",
    "AWS_SHARED_CREDENTIALS_FILE": "Makefile",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "of-a-real-account",
    "AWS_SESSION_TOKEN": "of-a-real-account",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_RETRY_MODE": "nonsense",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1",
    "TF_CLI_ARGS": "-bogus",
    "TF_DATA_DIR": "/nowhere",
    "TF_WORKSPACE": "other",
    "TF_LOG": "trace",
    "TF_REATTACH_PROVIDERS": "nonsense",
    "PYTHONHOME": "/nowhere",
    "PYTHONPATH": "/nowhere",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "LC_ALL": "C",
}


def test_what_is_set_for_elsewhere_steers_nothing_here(copy: Path) -> None:
    begun = time.monotonic()
    for target in (["up", "PIPELINE=votes"], ["status"], ["logs", "FUNCTION=receive"], ["conservation"], ["plan"]):
        done = _make(copy, *target, **SET_FOR_ELSEWHERE)
        assert done.returncode == 0, f"{target}: {done.stderr}"
    assert time.monotonic() - begun < 60
    assert "stopped" in _make(copy, "down", **SET_FOR_ELSEWHERE).stdout


def test_an_address_that_another_answers_at_is_not_taken_for_ours(copy: Path, run: Run) -> None:
    port = run.state()["port"]
    up = _make(copy, "up", "PIPELINE=votes", f"PORT={port}")
    assert up.returncode != 0
    assert f"nothing can listen on port {port}" in up.stderr
    assert not (copy / "build" / "local" / "outputs.json").exists()
    keys = {"AWS_ENDPOINT_URL": run.state()["endpoint"], "AWS_ACCESS_KEY_ID": "1" * 12, "AWS_SECRET_ACCESS_KEY": "test"}
    for target in (["account", "ENV=dev", "CONFIRM=yes"], ["promote", "ENV=dev"]):
        done = _make(copy, *target, **keys)
        assert done.returncode != 0
        assert "is no local cloud of this project" in done.stderr or "git" in done.stderr, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_leaves_nothing_and_says_so(copy: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        ["make", *SET_UP, "up", "PIPELINE=votes"], cwd=copy, env=_environment(copy), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as up:  # fmt: skip
        assert up.stdout
        for line in up.stdout:
            if line.startswith("terraform apply"):
                os.killpg(up.pid, number)
                break
        said = up.stdout.read()
        assert up.wait(60) != 0
    if number == signal.SIGINT:  # make itself ends at the other
        assert "up: interrupted; what it started is stopped" in said
    deadline = time.monotonic() + 20
    while processes_in(copy) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_in(copy) == []


def test_up_use_down(copy: Path, deployment: Deployment, tmp_path: Path) -> None:
    up = _make(copy, "up", "PIPELINE=votes")
    assert up.returncode == 0, up.stderr
    outputs = json.loads((copy / "build" / "local" / "outputs.json").read_text())
    url = outputs["votes_api_url"]["value"]
    assert url != deployment.outputs["api_url"]
    client = Client(url)
    assert api.post(client, ballots_request([GOOD])).status == 202
    client.close()

    (tmp_path / "titles.csv").write_text("title_id,closes\nmv1,2026-01-01T00:00:00Z\n")
    loaded = _make(copy, "catalogue", f"FILE={tmp_path / 'titles.csv'}")
    assert "1 rows were written to the catalogue of local" in loaded.stdout, loaded.stderr
    assert "FILE is missing" in _make(copy, "catalogue").stderr
    queue = outputs["votes"]["value"]["queues"]["ingest"]
    Deployment.local(Run(copy / "build" / "local")).client("sqs").send_message(
        QueueUrl=queue["dead_letter_url"], MessageBody=json.dumps(GOOD)
    )
    listed = _make(copy, "redrive")
    assert listed.returncode != 0
    assert "ingest: 1 dead letter\n" in listed.stdout
    assert (
        "nothing was changed: `make redrive ENV=local QUEUE=ingest CONFIRM=yes`"
        in _make(copy, "redrive", "QUEUE=ingest").stdout
    )
    assert "it was a dry run" in _make(copy, "redrive", "QUEUE=ingest", "CONFIRM=yes", "DRY_RUN=yes").stdout
    assert "1 moved back to ingest, 0 left" in _make(copy, "redrive", "QUEUE=ingest", "CONFIRM=yes").stdout
    assert "dead letters" in _make(copy, "status").stdout
    stranger = '--confirm"; touch made; $(shell touch made)'
    assert f"VOTER {stranger!r} is no voter's id" in _make(copy, "erase", f"VOTER={stranger}").stderr
    assert not (copy / "made").exists()
    assert "receive  received, accepted 1" in _make(copy, "logs", "FUNCTION=receive").stdout

    down = _make(copy, "down")
    assert "stopped" in down.stdout, down.stderr
    assert processes_in(copy) == []
    assert not (copy / "build" / "local" / "outputs.json").exists()
    assert "nothing was up" in _make(copy, "down").stdout
    assert deployment.client("sqs").list_queues()["QueueUrls"], "the other local cloud is still there"
