"""A team's own root module on the local cloud: its zips, its plan, what it applies."""

from __future__ import annotations

import json
import os
import re
import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common import loopback, private
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import terraform
from tools.environment.planned import resources
from tools.environment.staging import mirror_of, mirrored
from tools.environment.zips import package, package_edit
from tools.local_cloud import emulator, emulator_rights, new_code
from tools.local_cloud.runs import ACCOUNT, Run

# whatever account it is for: here it is this one
HERE = {"provider": {"aws": {"allowed_account_ids": [ACCOUNT]}}}
# a module by its name, and a source that is a release of Sluice's: git::https://…/sluice.git//terraform/modules/queue?…
RELEASED = re.compile(
    r'^module "([^"]+)" \{.*\n(?:(?!^\}).*\n)*?\s+source\s*=\s*'
    r'"git::[^"]*/sluice(?:\.git)?//(terraform/\w+/[\w-]+)[^"]*"',
    re.MULTILINE,
)


@dataclass(frozen=True)
class Applied:
    """What was applied: the outputs as Terraform prints them, and the plan it was.

    `hashes`: function's zip → hash, of those that SOURCE gives.
    """

    outputs: str
    planned: Mapping[str, Any]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class RootModule:
    """A folder of .tf files.

    `source`: a folder of functions, <pipeline>/<function>.py, whose zips it takes as its variable
    `packages`; `variables`: a .tfvars file.
    """

    folder: Path
    source: Path | None = None
    variables: Path | None = None

    @classmethod
    def of(cls, folder: str, source: str, variables: str) -> RootModule:
        """The one that DIR, SOURCE and VARS name. Raises CommandError where one is not there."""
        root = Path(folder).resolve()
        if not folder:
            raise CommandError("name your folder of .tf files: make try DIR=../theirs/infra SOURCE=../theirs/src")
        if not any(file.name.endswith((".tf", ".tf.json")) for file in root.glob("*")):
            raise CommandError(f"DIR={folder}: {root} is no folder with .tf files in it")
        if source and not Path(source).is_dir():
            raise CommandError(f"SOURCE={source}: there is no folder {Path(source).resolve()}")
        if variables and not Path(variables).is_file():
            raise CommandError(f"VARS={variables}: there is no file {Path(variables).resolve()}")
        return cls(root, Path(source).resolve() if source else None, Path(variables).resolve() if variables else None)

    @property
    def command(self) -> str:
        """The command that applies it."""
        given = {"DIR": self.folder, "SOURCE": self.source, "VARS": self.variables}
        return shlex.join(["make", "try", *(f"{name}={path}" for name, path in given.items() if path)])

    @property
    def ours(self) -> dict[str, str]:
        """The modules of its .tf files that Sluice releases: name → where this checkout has it.

        From the folder, since Terraform takes what no relative path leads to for a package.
        """
        found: dict[str, str] = {}
        for file in sorted(self.folder.glob("*.tf")):
            for name, module in RELEASED.findall(file.read_text(errors="replace")):
                if (ROOT / module / "main.tf").is_file():
                    found[name] = os.path.relpath(ROOT / module, self.folder)
        return found

    def apply(self, run: Run, state: Mapping[str, Any]) -> Applied:
        """Apply it to the emulator of a run.

        Raises CommandError where Terraform refuses, or a function's zip lacks its handler: then
        nothing was changed.
        """
        packages = self._packages(run)
        otherwise = {**HERE, "module": {name: {"source": path} for name, path in self.ours.items()}}
        mirror = mirrored(self.folder, run.folder, {key: part for key, part in otherwise.items() if part})
        plan = run.folder.resolve() / "planned"
        with self._terraform(state, mirror, packages) as do:
            do("init", "-input=false")
            do("plan", "-input=false", f"-out={plan}", *self._files(packages))
            private.write(run.plan_file, shown := do("show", "-json", str(plan)))  # for `make policies PLAN=…`
            planned = json.loads(shown)
            check_handlers(planned, mirror)
            do("apply", "-input=false", str(plan))
            private.remove(plan)
            keys = {**emulator.ROOT_KEYS, "endpoint_url": state["endpoint"]}
            emulator_rights.grant(loopback.session(state["region"]).client("iam", **keys))
            return Applied(do("output", "-json"), planned, _hashes(packages))

    def apply_code(
        self, run: Run, state: Mapping[str, Any], before: Applied, live: Callable[[Sequence[str]], None]
    ) -> Applied:
        """Apply what changed in `source` alone since then: no other thing is looked at again.

        `live` hears which functions' zips changed as soon as their code is the new one; Terraform
        writes that down after it. Raises CommandError as `apply` does.
        """
        if self.source is None:
            return before
        packages, mirror = package_edit(run.folder / "packages", self.source), mirror_of(self.folder, run.folder)
        check_handlers(before.planned, mirror)
        hashes = _hashes(packages)
        replaced = changed(before.hashes, hashes)
        if replaced:
            given = json.loads(packages.read_bytes())["packages"]
            zips = {given[name]["path"]: given[name]["hash"] for name in replaced}
            new_code.go_live(state["endpoint"], run.folder / "terraform.tfstate", zips)
        live(replaced)
        if hashes == before.hashes:
            return before
        with self._terraform(state, mirror, packages) as do:
            do("apply", "-input=false", "-auto-approve", "-refresh=false", *self._files(packages))
            return Applied(do("output", "-json"), before.planned, hashes)

    def _packages(self, run: Run) -> Path | None:
        return package("local", run.folder / "packages", self.source) if self.source else None

    def _files(self, packages: Path | None) -> list[str]:
        return [f"-var-file={file}" for file in (packages, self.variables) if file]

    @contextmanager
    def _terraform(self, state: Mapping[str, Any], mirror: Path, packages: Path | None) -> Iterator[Callable[..., str]]:
        """Terraform in the mirror, the provider attached: `do(verb, *arguments)` prints."""
        from tools.offline_provider import serve

        extra = {"AWS_ENDPOINT_URL": state["endpoint"], "AWS_REGION": state["region"]}
        with serve(state["endpoint"], emulator.ROOT_KEYS) as reattach:

            def do(verb: str, *arguments: str) -> str:
                done = terraform.run([verb, *arguments], mirror, reattach, extra=extra, check=False)
                if done.returncode:
                    said = done.stderr.strip() or done.stdout
                    raise CommandError(f"{self.folder}: terraform {verb} failed:\n{said}{_packed(packages)}")
                return done.stdout

            yield do


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The functions whose zip has another hash, or had none."""
    return [name for name, digest in now.items() if before.get(name) != digest]


def _hashes(packages: Path | None) -> dict[str, str]:
    given = json.loads(packages.read_bytes())["packages"] if packages else {}
    return {name: one["hash"] for name, one in given.items()}


def _packed(packages: Path | None) -> str:
    """Which zips the variable `packages` holds, for whoever reads that Terraform refused."""
    if packages is None:
        return "\nSOURCE=… packs functions as its variable `packages`; VARS=… names a .tfvars file"
    return f"\nSOURCE gives it {', '.join(sorted(_hashes(packages)))} as `packages`"


def check_handlers(planned: Mapping[str, Any], folder: Path) -> None:
    """See that every function's zip holds its handler; paths are taken from `folder`.

    What comes from a bucket or a layer is not looked into. Raises CommandError, naming each that
    lacks it.
    """
    functions = resources(planned, "aws_lambda_function").values()
    wrong = [why for function in functions if (why := _lacks(function, folder))]
    if wrong:
        raise CommandError("\n".join(wrong))


def _lacks(function: Mapping[str, Any], folder: Path) -> str:
    """Why a function would not start, or nothing."""
    name, handler, file = function["function_name"], function.get("handler"), function.get("filename")
    if not handler or not file or function.get("layers") or not str(function.get("runtime")).startswith("python"):
        return ""
    module, _, attribute = handler.rpartition(".")
    path = module.replace(".", "/")
    if not path:
        return f"{name}: its handler is {handler}: no module is named, as in orders.enter.handler"
    try:
        with zipfile.ZipFile(folder / file) as archive:
            there = archive.namelist()
            found = next((one for one in (f"{path}.py", f"{path}/__init__.py") if one in there), None)
            text = archive.read(found).decode("utf-8", "replace") if found else ""
    except (OSError, zipfile.BadZipFile) as error:
        return f"{name}: {file} is no zip that can be read ({error})"
    if not found:
        return f"{name}: its handler is {handler}, but {file} has no {path}.py: {_modules(there)}"
    if not re.search(rf"\b{re.escape(attribute)}\b", text):
        return f"{name}: its handler is {handler}, but {found} in {file} names no {attribute}"
    return ""


def _modules(names: Sequence[str]) -> str:
    """What of a zip could be meant, in words."""
    modules = [name for name in names if name.endswith(".py") and not name.endswith("__init__.py")]
    return f"it has {', '.join(modules[:5])}{' …' if len(modules) > 5 else ''}" if modules else "it has no module"
