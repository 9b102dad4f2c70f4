"""What works on an account is a program that the repository lists, by its bytes."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.environment import official, reach, terraform

STUB = '#!/bin/sh\necho "$0 $*"\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH, with a list that has a stub of each program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    lines = []
    for number, name in enumerate(official.PROGRAMS):
        text = f"{STUB}# {name}\n"
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
        lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name} 1.1{number}.0 linux_amd64\n")
    listed = tmp_path / "terraform.sha256"
    listed.write_text("# a comment\n" + "".join(lines))
    monkeypatch.setattr(official, "LIST", listed)
    monkeypatch.setattr(official, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TERRAFORM", raising=False)
    official._digest.cache_clear()
    return folder


def test_a_listed_program_works_on_an_account(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert official.program() == str(path / "terraform")
    done = terraform.run(["init"], path)
    assert done.stdout == f"{path}/terraform init -no-color\n"
    monkeypatch.setenv("TERRAFORM", "tofu")
    assert terraform.run(["init"], path).stdout == f"{path}/tofu init -no-color\n"


def test_one_byte_more_is_refused_before_it_runs(path: Path) -> None:
    with (path / "terraform").open("a") as file:
        file.write("\n")
    digest = hashlib.sha256((path / "terraform").read_bytes()).hexdigest()
    with pytest.raises(CommandError, match=rf"not a program that the repository lists \(its SHA-256 is {digest}\)"):
        terraform.run(["apply"], path)


def test_the_core_from_the_package_index_never_does(path: Path) -> None:
    """Where there is none on the PATH, laptops and tests go on, and no account is touched."""
    for name in official.PROGRAMS:
        (path / name).unlink()
    with pytest.raises(
        CommandError, match=r"no terraform on the PATH .* install one of terraform 1\.10\.0 linux_amd64"
    ):
        terraform.run(["plan"], path)
    assert terraform._executable.__wrapped__("terraform").endswith("build/bin/terraform")


def test_offline_work_asks_for_no_listed_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "LIST", path / "nothing")
    monkeypatch.setattr(terraform, "executable", lambda: str(path / "terraform"))
    assert "fmt" in terraform.run(["fmt"], path).stdout
    assert "plan" in terraform.run(["plan"], path, {"aws": {}}).stdout


def test_why_a_plan_is_offline_says_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path / "terraform").write_text("#!/bin/sh\n")
    monkeypatch.setattr(reach, "_credentials", lambda: True)
    monkeypatch.setattr(reach, "_registry", lambda: pytest.fail("an unlisted program was started"))
    assert "because" in reach.why_offline("dev")
    assert "is not a program that the repository lists" in reach.why_offline("dev")


def test_terraform_by_its_command_line_is_no_way_round(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(f"{program} {arguments[1]}"))
    monkeypatch.setattr(terraform, "executable", lambda: "core")
    for arguments in (["fmt"], ["apply"]):
        monkeypatch.setattr(sys, "argv", ["terraform", *arguments])
        terraform.main()
    assert started == ["core fmt", f"{path}/terraform apply"]


@pytest.mark.parametrize("asked", ["/tmp/terraform", "terraform.exe", "; touch made", "Terraform"])
def test_no_other_name_is_looked_for(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRAFORM", asked)
    with pytest.raises(CommandError, match="terraform or tofu is needed"):
        official.program()
    with pytest.raises(CommandError, match="terraform or tofu is needed"):
        terraform.executable()


@pytest.mark.parametrize(
    "line",
    ["abc  terraform 1.11.4 linux_amd64", f"{'0' * 64} terraform 1.11.4 linux_amd64", f"{'0' * 64}  terraform", ""],
)
def test_a_line_of_another_form_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "terraform.sha256"
    path.write_text(f"# first\n{line}\n")
    with pytest.raises(CommandError, match=r"terraform\.sha256:2: "):
        official.listed(path)


def test_ours_is_listed() -> None:
    assert "terraform 1.11.4 linux_amd64" in official.listed(official.LIST).values()
