"""Plans made offline with placeholder zips, each once a process.

For whoever plans often and has built no packages; `planned.offline` plans with given zips.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from tools.common.paths import ROOT
from tools.environment import planned
from tools.environment.staging import staged

_open = ExitStack()
atexit.register(_open.close)


@cache
def scratch() -> Path:
    """A folder of this process, gone at its end."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-plan-"))
    _open.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def provider() -> Mapping[str, Any]:
    """The attached provider, without an emulator: it can plan.

    The value is for TF_REATTACH_PROVIDERS.
    """
    from tools.offline_provider import serve

    reattach: Mapping[str, Any] = _open.enter_context(serve(None))
    return reattach


@cache
def packages() -> Path:
    """A variables file that names a tiny zip for each function of lambda_src.

    For plans where nobody ran `make package`.
    """
    from tools.packager.build import functions

    folder = scratch() / "packages"
    folder.mkdir()
    named = {name: _placeholder(folder / f"{name}.zip") for name in functions(ROOT / "lambda_src")}
    file = folder / "packages.tfvars.json"
    file.write_text(json.dumps({"packages": named}))
    return file


def _placeholder(path: Path) -> dict[str, str]:
    """Write a zip with a handler that does nothing; what Terraform is told of it."""
    with zipfile.ZipFile(path, "w") as package:
        module = path.stem.partition("-")[2]
        package.writestr(zipfile.ZipInfo(f"{module}.py"), "def handler(event, context): return None\n")
    digest = hashlib.sha256(path.read_bytes()).digest()
    return {"path": str(path), "hash": base64.b64encode(digest).decode()}


@cache
def plan(target: str | Path, *var_files: Path) -> dict[str, Any]:
    """The plan of an environment ("dev", "dev/account") or of a folder, as `terraform show -json`
    gives it.

    Environments are planned in a staged copy with their own sizing and `packages()`, unless other
    `var_files` are given. Raises CommandError with Terraform's own words where it refuses.
    """
    if isinstance(target, str):
        folder = staged(ROOT / "environments" / target, scratch() / f"{target}-{len(var_files)}")
        var_files = var_files or (packages(),)
    else:
        folder = target
    return planned.shown(folder, var_files, provider())
