"""Terraform in one account: an environment's folder as it is, with its state in the account's own state bucket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess

from devcloud import terraform
from devcloud.provider import serve
from devcloud.runs import LocalCloudError
from devcloud.staging import bear_with_the_emulator, staged
from rehearsal.account import Account
from rehearsal.children import Children

SECONDS = 120.0  # for one run of Terraform
_READ = re.compile(r": (Refreshing state|Reading|Read complete)\b")  # what it tells of everything that it looks at
_KEEP = re.compile(r"^  keep = \{\n", re.MULTILINE)
_UNPROTECTED = "    deletion_protection  = false\n    quarantine_deletable = true\n"


class Root:
    """A staged copy of a root module, and Terraform in it with an account's credentials, or those of another one."""

    def __init__(self, copy: Path, account: Account, children: Children) -> None:
        self.copy, self.account = copy, account
        self._children = children

    def init(self, *options: str, by: Account | None = None) -> None:
        """Initialise. Raises LocalCloudError."""
        self.run("init", "-input=false", *options, by=by)

    def run(self, *arguments: str, by: Account | None = None) -> str:
        """What Terraform said on its standard output. Raises LocalCloudError when it fails."""
        done = self.tried(arguments, by=by)
        if done.returncode:
            said = done.stderr.strip() or done.stdout
            raise LocalCloudError(f"{self.account.environment}: `terraform {' '.join(arguments)}` in {self.copy} failed:\n{said}")
        return done.stdout

    def second_plan(self, *values: str) -> list[str]:
        """Plan again: no problem when there is nothing to change, else the problem in Terraform's words."""
        done = self.tried(["plan", "-input=false", "-detailed-exitcode", *values])
        if done.returncode == 0:
            return []
        what = "failed" if done.returncode == 1 else "is not empty"
        said = "".join(line for line in done.stdout.splitlines(keepends=True) if not _READ.search(line)) + done.stderr
        return [f"{self.account.environment}: the second plan in {self.copy} {what}:\n{said}"]

    def tried(self, arguments: Sequence[str], *, by: Account | None = None) -> CompletedProcess[str]:
        """The same, however it ends."""
        by = by or self.account
        with serve(by.endpoint, by.credentials) as reattach:
            variables = terraform.environment(reattach, by.variables)
            return self._children.run([terraform.executable(), *arguments, "-no-color"], self.copy, variables, SECONDS)


class Deployment:
    """An environment of which nothing is changed. What the emulator asks of roles otherwise than AWS lies beside it, as in local."""

    def __init__(self, account: Account, packages: Path, children: Children) -> None:
        self.account = account
        self.values = f"-var-file={packages}"
        self.root = Root(staged(account.source, account.run.folder, own_backend=True), account, children)
        bear_with_the_emulator(self.root.copy)

    @cached_property
    def protected(self) -> bool:
        """Whether sizing.tf protects the data, as it does unless it says otherwise."""
        return not re.search(r"^    deletion_protection += false$", (self.account.source / "sizing.tf").read_text(), re.MULTILINE)

    def apply(self) -> None:
        """Initialise with the S3 backend of backend.tf (its bucket, lock file and account guard), apply, and write the outputs down."""
        self.root.init(terraform.PATH_STYLE)
        self.root.run("apply", "-input=false", "-auto-approve", self.values)
        self.account.run.outputs_file.write_text(self.root.run("output", "-json"))

    def second_plan(self) -> list[str]:
        """Plan again: empty, or the problem."""
        return self.root.second_plan(self.values)

    def unprotect(self) -> None:
        """Lift what protects the data, as a person would: two lines in the copy's sizing.tf, and an apply."""
        sizing = self.root.copy / "sizing.tf"
        changed, places = _KEEP.subn(f"  keep = {{\n{_UNPROTECTED}", sizing.read_text())
        if places != 1:
            raise LocalCloudError(f"{self.account.source / 'sizing.tf'} has no `keep = {{` of its own to lift the protection in")
        sizing.write_text(changed)
        self.root.run("apply", "-input=false", "-auto-approve", self.values)

    def destroy(self) -> None:
        """Destroy all that the environment made. It was read a moment ago, by the second plan or the apply that lifted the protection."""
        self.root.run("destroy", "-input=false", "-auto-approve", "-refresh=false", self.values)
