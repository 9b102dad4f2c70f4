"""Terraform in one account: an environment's folder as it is, with its state in the account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.environment import terraform
from tools.environment.staging import grant_emulator_actions, staged
from tools.local_cloud.stack import merged
from tools.offline_provider import serve
from tools.rehearsal.account import Account
from tools.rehearsal.children import Children

SECONDS = 120.0  # for one run of Terraform
# what it prints of everything that it looks at
_READ = re.compile(r": (Refreshing state|Reading|Read complete)\b")
_KEEP = re.compile(r"^    keep = \{\n", re.MULTILINE)
_NOT_PROTECTED = re.compile(r"^      deletion_protection += false$", re.MULTILINE)
# each pipeline takes what it knows of this
_UNPROTECTED = "      deletion_protection = false\n      quarantine_deletable = true\n      buckets_deletable = true\n"


class Root:
    """A staged copy of a root module, and Terraform in it with some account's credentials."""

    def __init__(self, copy: Path, account: Account, children: Children) -> None:
        self.copy, self.account = copy, account
        self._children = children

    def init(self, *options: str, by: Account | None = None) -> None:
        """Initialise. Raises CommandError."""
        self.run("init", "-input=false", *options, by=by)

    def run(self, *arguments: str, by: Account | None = None) -> str:
        """What Terraform printed on its standard output. Raises CommandError when it fails."""
        done = self.tried(arguments, by=by)
        if done.returncode:
            why = done.stderr.strip() or done.stdout
            raise CommandError(
                f"{self.account.environment}: `terraform {' '.join(arguments)}` in {self.copy} failed:\n{why}"
            )
        return done.stdout

    def second_plan(self, *values: str) -> list[str]:
        """Plan again: no problem when nothing is to change, else it is in Terraform's words."""
        done = self.tried(["plan", "-input=false", "-detailed-exitcode", *values])
        if done.returncode == 0:
            return []
        what = "failed" if done.returncode == 1 else "is not empty"
        lines = [line for line in done.stdout.splitlines(keepends=True) if not _READ.search(line)]
        output = "".join(lines) + done.stderr
        return [f"{self.account.environment}: the second plan in {self.copy} {what}:\n{output}"]

    def tried(self, arguments: Sequence[str], *, by: Account | None = None) -> CompletedProcess[str]:
        """The same, however it ends."""
        by = by or self.account
        with serve(by.endpoint, by.credentials) as reattach:
            variables = terraform.environment(reattach, by.variables)
            return self._children.run([terraform.executable(), *arguments, "-no-color"], self.copy, variables, SECONDS)


class EnvironmentStack:
    """An environment of which nothing is changed but whose tokens it asks for, where it asks, and
    where its stand-ins are.

    What the emulator asks of roles otherwise than AWS lies beside it, as in local.
    """

    def __init__(
        self, account: Account, packages: Path, children: Children, stand_ins: Mapping[str, Any] | None = None
    ) -> None:
        self.account = account
        self.values = f"-var-file={packages}"
        jwt = {"locals": {"jwt": account.issuer.jwt}} if account.issuer else {}
        changed = merged([stand_ins or {}, jwt])
        self.root = Root(staged(account.source, account.run.folder, changed, own_backend=True), account, children)
        grant_emulator_actions(self.root.copy)

    @property
    def protected(self) -> list[str]:
        """The pipelines whose sizing protects the data."""
        return [file.stem.removesuffix("_sizing") for file in self._protected]

    @cached_property
    def _protected(self) -> list[Path]:
        """The sizing files that protect the data, as they do unless they say otherwise."""
        files = sorted(self.account.source.glob("*_sizing.tf"))
        return [file for file in files if not _NOT_PROTECTED.search(file.read_text())]

    def apply(self) -> None:
        """Initialise with the S3 backend of backend.tf, apply, and write the outputs down."""
        self.root.init(terraform.PATH_STYLE)
        self.root.run("apply", "-input=false", "-auto-approve", self.values)
        private.write(self.account.run.outputs_file, self.root.run("output", "-json"))

    def second_plan(self) -> list[str]:
        """Plan again: empty, or the problem."""
        return self.root.second_plan(self.values)

    def unprotect(self) -> None:
        """Lift what protects the data, as a person would.

        Two lines in the copy's sizing of each pipeline, and an apply.
        """
        for source in self._protected:
            sizing = self.root.copy / source.name
            changed, count = _KEEP.subn(f"    keep = {{\n{_UNPROTECTED}", sizing.read_text())
            if count != 1:
                raise CommandError(f"{source} has no `keep = {{` of its own to lift the protection in")
            sizing.write_text(changed)
        self.root.run("apply", "-input=false", "-auto-approve", self.values)

    def destroy(self) -> None:
        """Destroy all that the environment made.

        It was read a moment ago, by the second plan or the apply that lifted the protection.
        """
        self.root.run("destroy", "-input=false", "-auto-approve", "-refresh=false", self.values)
