"""A team's own root module on the local cloud: its zips, its plan, what it applies."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.environment import terraform
from tools.environment.planned import resources
from tools.environment.staging import mirrored
from tools.environment.zips import package
from tools.local_cloud import emulator
from tools.local_cloud.runs import ACCOUNT, Run

# whatever account it is for: here it is this one
HERE = {"provider": {"aws": {"allowed_account_ids": [ACCOUNT]}}}


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
        """The one that STACK, SOURCE and VARS name. Raises CommandError where one is not there."""
        root = Path(folder).resolve()
        if not any(file.name.endswith((".tf", ".tf.json")) for file in root.glob("*")):
            raise CommandError(f"STACK={folder}: {root} is no folder with .tf files in it")
        if source and not Path(source).is_dir():
            raise CommandError(f"SOURCE={source}: there is no folder {Path(source).resolve()}")
        if variables and not Path(variables).is_file():
            raise CommandError(f"VARS={variables}: there is no file {Path(variables).resolve()}")
        return cls(root, Path(source).resolve() if source else None, Path(variables).resolve() if variables else None)

    def apply(self, run: Run, state: Mapping[str, Any]) -> str:
        """Apply it to the emulator of a run; returns its outputs as Terraform prints them.

        Raises CommandError where Terraform refuses, or a function's zip lacks its handler: then
        nothing was changed.
        """
        from tools.offline_provider import serve

        packages = package("local", run.folder / "packages", self.source) if self.source else None
        files = [file for file in (packages, self.variables) if file]
        mirror = mirrored(self.folder, run.folder, HERE)
        extra = {"AWS_ENDPOINT_URL": state["endpoint"], "AWS_REGION": state["region"]}
        plan = run.folder.resolve() / "planned"
        with serve(state["endpoint"], emulator.ROOT_KEYS) as reattach:

            def do(verb: str, *arguments: str) -> str:
                done = terraform.run([verb, *arguments], mirror, reattach, extra=extra, check=False)
                if done.returncode:
                    said = done.stderr.strip() or done.stdout
                    raise CommandError(f"{self.folder}: terraform {verb} failed:\n{said}{_packed(packages)}")
                return done.stdout

            do("init", "-input=false")
            do("plan", "-input=false", f"-out={plan}", *(f"-var-file={file}" for file in files))
            check_handlers(json.loads(do("show", "-json", str(plan))), mirror)
            do("apply", "-input=false", str(plan))
            private.remove(plan)
            return do("output", "-json")


def _packed(packages: Path | None) -> str:
    """Which zips the variable `packages` holds, for whoever reads that Terraform refused."""
    if packages is None:
        return "\nSOURCE=… packs functions as its variable `packages`; VARS=… names a .tfvars file"
    return f"\nSOURCE gives it {', '.join(sorted(json.loads(packages.read_bytes())['packages']))} as `packages`"


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
