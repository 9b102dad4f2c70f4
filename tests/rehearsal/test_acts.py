"""The rehearsal's acts: what Terraform says is believed, and whatever fails is named.

Nothing is left running.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from rich.console import Console

from tools.common.errors import CommandError
from tools.local_cloud.runs import Run
from tools.rehearsal import rehearse, wrong_account
from tools.rehearsal.account import Account, accounts
from tools.rehearsal.children import Children
from tools.rehearsal.deploy import EnvironmentStack, Root
from tools.rehearsal.report import Report
from tools.rehearsal.votes.acts import Acts

PACKAGES = Path("packages.tfvars.json")


def _ended(code: int, out: str = "", error: str = "") -> CompletedProcess[str]:
    return CompletedProcess([], code, out, error)


def _accounts(folder: Path) -> list[Account]:
    return accounts(Run(folder), "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("code", "problem"),
    [(0, None), (1, "failed:\n~ capacity\nno lock"), (2, "is not empty:\n~ capacity\nno lock")],
    ids=str,
)
def test_a_second_plan_must_be_empty(
    code: int, problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Root, "tried", lambda *_, **__: _ended(code, "a.b: Refreshing state... [id=1]\n~ capacity\n", "no lock")
    )
    problems = Root(tmp_path, _accounts(tmp_path)[0], Children()).second_plan()
    assert [one.partition(f"second plan in {tmp_path} ")[2] for one in problems] == ([problem] if problem else [])


def test_terraform_that_fails_says_where_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Root, "tried", lambda *_, **__: _ended(1, "", "Error: no such bucket"))
    with pytest.raises(CommandError, match=r"(?s)dev: `terraform apply`.*no such bucket"):
        Root(tmp_path, _accounts(tmp_path)[0], Children()).run("apply")


def test_the_environments_are_three_accounts_and_nothing_of_them_is_changed(tmp_path: Path) -> None:
    made = _accounts(tmp_path)
    assert [account.environment for account in made] == ["dev", "staging", "prod"]
    assert len({account.number for account in made}) == 3
    for account in made:
        copy = EnvironmentStack(account, PACKAGES, Children()).root.copy
        for file in account.source.glob("*.tf"):
            assert (copy / file.name).read_text() == file.read_text()
        assert {file.name for file in copy.glob("*.tf*")} - {file.name for file in account.source.glob("*.tf*")} == {
            "votes_emulator.tf"
        }


def test_environments_that_share_an_account_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.environment.names.account_of", lambda _: "111111111111")
    with pytest.raises(CommandError, match="share an account: dev 111111111111, staging 111111111111"):
        _accounts(tmp_path)


def test_the_protection_is_lifted_in_the_copy_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Root, "run", lambda *_, **__: "")
    dev, _, prod = [EnvironmentStack(account, PACKAGES, Children()) for account in _accounts(tmp_path)]
    assert dev.protected == []
    assert "votes" in prod.protected
    prod.unprotect()
    text = (prod.root.copy / "votes_sizing.tf").read_text()
    assert "    keep = {\n      deletion_protection = false\n      quarantine_deletable = true\n" in text
    (prod.root.copy / "votes_sizing.tf").write_text("locals {}\n")
    with pytest.raises(CommandError, match=r"votes_sizing\.tf has no `keep = \{`"):
        prod.unprotect()


def test_a_refusal_of_the_wrong_account_names_the_accounts() -> None:
    both = ["111111111111", "333333333333"]
    assert (
        wrong_account.refusal_problems("prod", _ended(1, "", "of 111111111111, but prod is 333333333333"), both) == []
    )
    assert wrong_account.refusal_problems("prod", _ended(0), both) == [
        "prod took credentials of another account (111111111111)"
    ]
    (problem,) = wrong_account.refusal_problems("prod", _ended(1, "", "not allowed: 111111111111"), both)
    assert "without naming 333333333333" in problem


def test_what_fails_in_one_environment_is_named_with_what_fails_in_another(tmp_path: Path) -> None:
    def work(environment: Any) -> None:
        if environment != "staging":
            raise CommandError(f"{environment} is down")

    with pytest.raises(CommandError, match="dev is down\nprod is down"):
        rehearse.side_by_side(["dev", "staging", "prod"], work, lambda: None, lambda: None)  # type: ignore[list-item]


def test_an_interrupt_ends_what_runs(tmp_path: Path) -> None:
    children, began = Children(), threading.Event()
    errors: list[str] = []

    def work(_: Any) -> None:
        began.set()
        try:
            children.run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, os.environ, 60)
        except CommandError as error:
            errors.append(str(error))

    def interrupted() -> None:
        began.wait(10)
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        rehearse.side_by_side(["dev"], work, interrupted, children.end)  # type: ignore[list-item]
    assert time.monotonic() - started < 20
    assert len(errors) == 1
    assert "was ended" in errors[0]


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="took longer than 0 s"):
        Children().run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, os.environ, 0.1)


@pytest.mark.parametrize("fails", [False, True])
def test_the_report_names_each_failure_and_the_exit_code_follows(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def acts(_run: Run, _acts_of: Any, report: Report, _say: Any) -> None:
        report.accounts = {"dev": "111111111111"}
        with report.phase("apply", "dev"):
            report.show("second plan empty", "dev", "yes", ["dev: [the] plan is not empty"] if fails else [])
        if fails:
            raise CommandError("it could not go on")

    monkeypatch.setattr(rehearse, "_all", acts)
    monkeypatch.setattr("tools.local_cloud.stack.down", lambda _: False)
    monkeypatch.setattr(Run, "named", lambda _: Run(tmp_path))
    printed = Console(record=True, width=100)
    monkeypatch.setattr(rehearse, "Console", lambda: printed)
    assert rehearse.run({"votes": Acts}) == int(fails)
    found = json.loads((tmp_path / "report.json").read_text())
    text = printed.export_text()
    assert found["problems"] == (["dev: [the] plan is not empty", "it could not go on"] if fails else [])
    assert found["shown"] == {"second plan empty": {"dev": "FAILED (1)" if fails else "yes"}}
    assert all(problem in text for problem in found["problems"])
    assert ("FAILED" in text) is fails
