"""A release: refused where tag and changelog disagree, else whole.

It is enough for a team without build tools.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.deploy.plans_world import GIT
from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tests.support.plan import plan, resources, workspace
from tests.support.project_copy import copy_project, make
from tests.terraform.hcl import examples
from tools.common.paths import ROOT
from tools.deploy.github import bundle, upload
from tools.deploy.github.bundle import ReleaseError
from tools.deploy.github.github import GitHub
from tools.environment import terraform

CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-11-21\n\n### Added\n- Much.\n\n## 1.1.0 - 2026-10-01\n\n- Less.\n"
)
PYPROJECT = '[project]\nname = "sluice"\nversion = "1.2.0"\n'


def _project(folder: Path, changelog: str = CHANGELOG, pyproject: str = PYPROJECT) -> Path:
    (folder / "CHANGELOG.md").write_text(changelog)
    (folder / "pyproject.toml").write_text(pyproject)
    return folder


@pytest.mark.parametrize("tag", ["v1.2.0", "1.2.0"])
def test_a_tag_is_the_changelogs_newest_version(tag: str, tmp_path: Path) -> None:
    assert bundle.version_and_notes(tag, _project(tmp_path)) == ("1.2.0", "### Added\n- Much.")


@pytest.mark.parametrize(
    ("tag", "changelog", "pyproject", "said"),
    [
        ("v1.1.0", CHANGELOG, PYPROJECT, r"newest version is 1\.2\.0, not 1\.1\.0"),
        ("v1.3.0", CHANGELOG, PYPROJECT, r"newest version is 1\.2\.0, not 1\.3\.0"),
        ("latest", CHANGELOG, PYPROJECT, "VERSION=latest is no version"),
        ("", CHANGELOG, PYPROJECT, "VERSION=… is no version"),
        (
            "v1.2.0",
            CHANGELOG.replace("Unreleased\n", "Unreleased\n- Late.\n"),
            PYPROJECT,
            "still has entries under Unreleased",
        ),
        ("v1.2.0", CHANGELOG.replace("### Added\n- Much.\n", ""), PYPROJECT, "says nothing about 1.2.0"),
        ("v1.2.0", CHANGELOG, PYPROJECT.replace("1.2.0", "1.1.9"), r"pyproject\.toml says version 1\.1\.9"),
    ],
)
def test_anything_else_is_refused(tag: str, changelog: str, pyproject: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=said):
        bundle.version_and_notes(tag, _project(tmp_path, changelog, pyproject))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make release` leaves of this project's own zips; only the changelog is made up."""
    folder = _project(copy_project(tmp_path_factory.mktemp("project")))
    page = folder / "docs/receipts/agent.md"  # a part of what a site installs
    page.parent.mkdir(parents=True)
    shutil.copy(ROOT / "docs/receipts/agent.md", page)
    (folder / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True, env={**os.environ, **GIT}, timeout=60)
    done = make(folder, "package", "release", "VERSION=v1.2.0")
    assert done.returncode == 0, done.stderr
    return folder / "build" / "release"


def test_it_holds_zips_manifest_sums_and_notes(released: Path) -> None:
    manifest = json.loads((released / "manifest.json").read_text())
    assert manifest["version"] == "1.2.0"
    zips = {package["file"] for package in manifest["packages"].values()}
    agents = {
        f"sluice-agent-1.2.0-manylinux2014_{machine}-python{python}.tar"
        for machine in ("x86_64", "aarch64")
        for python in ("3.11", "3.12", "3.13")
    }
    assert {path.name for path in released.iterdir()} == {*zips, *agents, "manifest.json", "SHA256SUMS", "notes.md"}
    sums = {line.split("  ")[1]: line.split("  ")[0] for line in (released / "SHA256SUMS").read_text().splitlines()}
    assert sums == {
        name: hashlib.sha256((released / name).read_bytes()).hexdigest() for name in {*zips, *agents, "manifest.json"}
    }
    for package in manifest["packages"].values():
        assert package["sha256"] == sums[package["file"]]
        with zipfile.ZipFile(released / package["file"]) as archive:
            assert package["handler"].replace(".", "/").removesuffix("/handler") + ".py" in archive.namelist()
    assert (released / "notes.md").read_text() == "### Added\n- Much.\n"


def test_what_main_does_not_have_is_not_released(released: Path) -> None:
    folder = released.parents[1]
    (folder / "lambda_src" / "late.py").write_text("")
    done = make(folder, "release", "VERSION=v1.2.0")
    (folder / "lambda_src" / "late.py").unlink()
    assert done.returncode != 0
    assert "release: 1 files are not as committed (lambda_src/late.py)" in done.stderr


def test_a_zip_that_is_not_what_was_built_is_not_released(released: Path, tmp_path: Path) -> None:
    built = tmp_path / "lambda"
    shutil.copytree(released.parent / "packages" / "lambda", built)
    (built / "votes-write.zip").write_bytes(b"other")
    with pytest.raises(ReleaseError, match=r"votes-write\.zip is not what its manifest says"):
        bundle.write("1.2.0", "- Much.", built, (), tmp_path / "out")


def test_a_team_plans_the_pipeline_with_the_released_manifest(released: Path) -> None:
    """The example of docs/how-to/releases.md, with nothing but Terraform and the manifest.

    Only its source is made local.
    """
    (example,) = examples(ROOT / "docs" / "how-to" / "releases.md")
    folder = workspace() / "examples" / "released"
    folder.mkdir(parents=True)
    text, replaced = re.subn(r'"git::https://[^"]*?//(terraform/[^"?]*)\?ref=vX\.Y\.Z"', r'"../../\1"', example)
    assert replaced == 1
    (folder / "main.tf").write_text(text)
    (folder / "provider.tf").write_text('provider "aws" {\n  region = "us-east-1"\n}\n')
    shutil.copy(released / "manifest.json", folder)
    formatted = terraform.run(["fmt", "-check", "-diff", "main.tf"], folder, check=False)
    assert formatted.returncode == 0, f"not as terraform fmt has it:\n{formatted.stdout}"
    packages = json.loads((released / "manifest.json").read_text())["packages"]
    functions = resources(plan(folder), "aws_lambda_function")
    planned = {
        (function["s3_bucket"], function["s3_key"], function["source_code_hash"], function["handler"])
        for function in functions.values()
    }
    assert planned == {
        ("acme-releases", f"sluice/v1.2.0/{package['file']}", package["hash"], package["handler"])
        for name, package in packages.items()
        if name.startswith("votes-")  # the example's own pipeline
    }
    assert planned


STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$1 $2" in
  "release download") cp -rl "$RELEASED" "$7" ;;
  "attestation verify") test "$3" != "$FORGED" ;;
esac
"""


@pytest.mark.parametrize("forged", ["", "votes-write.zip", "manifest.json"])
def test_what_is_not_attested_is_not_put_into_the_bucket(forged: str, released: Path, tmp_path: Path) -> None:
    """The commands of docs/how-to/releases.md, with stand-ins for gh and aws."""
    page = (ROOT / "docs" / "how-to" / "releases.md").read_text()
    (command,) = re.findall(r"^```\n(sh -eu .*?)^```", page, re.MULTILINE | re.DOTALL)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gh", "aws"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "CALLS": str(tmp_path / "calls"),
        "RELEASED": str(released),
        "FORGED": forged,
    }
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    calls = (tmp_path / "calls").read_text()
    assert (done.returncode != 0, "aws " in calls) == ((True, False) if forged else (False, True)), done.stderr
    if not forged:
        verified = set(re.findall(r"^gh attestation verify (\S+)", calls, re.MULTILINE))
        assert verified == {path.name for path in released.iterdir() if path.suffix in (".zip", ".tar", ".json")}
        assert "aws s3 cp . s3://acme-releases/sluice/vX.Y.Z/ --recursive" in calls


def _folder(path: Path) -> Path:
    for name, content in {"votes-receive.zip": "a zip\n", "manifest.json": "{}\n", "SHA256SUMS": "sums\n"}.items():
        (path / name).write_text(content)
    (path / "notes.md").write_text("### Added\n- Much.\n")
    return path


@pytest.mark.parametrize("recorded", ["new", "broken_off"])
def test_the_release_is_out_when_every_file_is_there(recorded: str, tmp_path: Path) -> None:
    with replayed(f"release_{recorded}") as replay:
        address = upload.upload(GitHub(REPOSITORY, TOKEN, replay.api), "1.2.0", _folder(tmp_path))
    assert address == "https://github.com/acme/sluice/releases/tag/v1.2.0"
    assert replay.bodies[-4:-1] == ["sums\n", {}, "a zip\n"]
    assert replay.bodies[-1] == {"draft": False}


def test_a_release_that_is_out_is_not_changed(tmp_path: Path) -> None:
    with replayed("release_out") as replay, pytest.raises(ReleaseError, match="is out already"):
        upload.upload(GitHub(REPOSITORY, TOKEN, replay.api), "1.2.0", _folder(tmp_path))


def test_nothing_is_uploaded_before_it_was_built(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"run `make release VERSION=1\.2\.0` first"):
        upload.upload(GitHub(REPOSITORY, TOKEN), "1.2.0", tmp_path)
