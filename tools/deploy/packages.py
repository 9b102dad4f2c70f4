"""The functions' zips: built here, and put into the artifact bucket by whoever applies.

There they are `packages/<SHA-256>.zip`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.deploy.artifacts import Artifacts
from tools.deploy.changes import functions
from tools.deploy.target import Target
from tools.environment import zips

Say = Callable[[str], None]
VARIABLES = ".packages.tfvars.json"


@dataclass(frozen=True)
class Package:
    """A zip: its function's name, the hex SHA-256 of its bytes, and how many there are."""

    name: str
    sha256: str
    size: int

    @property
    def key(self) -> str:
        """The zip's key in the artifact bucket."""
        return key_of(self.sha256)


def key_of(sha256: str) -> str:
    """Where the zip with that hash is."""
    return f"packages/{sha256}.zip"


def publish(artifacts: Artifacts, built: Iterable[Package], folder: Path, say: Say) -> None:
    """Put those zips that are not there.

    Raises CommandError, also where a zip that is there is not what its name says.
    """
    for package in built:
        put = artifacts.put_once(package.key, (folder / f"{package.name}.zip").read_bytes())
        if not put:
            _require_same_bytes(artifacts, package)
        say(f"{package.name}.zip {'put into' if put else 'is in'} s3://{artifacts.name}/{package.key}")


def variables(bucket: str, packages: Iterable[Package]) -> str:
    """The variables file that names the zips in that bucket."""
    named = {
        package.name: {
            "bucket": bucket,
            "key": package.key,
            "hash": base64.b64encode(bytes.fromhex(package.sha256)).decode(),
        }
        for package in packages
    }
    return json.dumps({"packages": named}, indent=2, sort_keys=True) + "\n"


def build(target: Target, *, afresh: bool = False) -> tuple[list[Package], Path]:
    """The zips of these sources, and the folder they are in.

    `afresh`: built now, into an empty folder, whatever an earlier build left.
    """
    if afresh:
        out = target.plans / target.environment / "packages"
        shutil.rmtree(out, ignore_errors=True)
        folder = zips.package(target.platform, out).parent
    else:
        folder = zips.package(target.platform).parent
    manifest = json.loads((folder / "manifest.json").read_text())["packages"]
    return [Package(name, about["sha256"], about["size"]) for name, about in sorted(manifest.items())], folder


def require_ours(planned: Mapping[str, Any], bucket: str, built: Iterable[Package]) -> None:
    """Raise CommandError where a function would take other code than the zips that were built."""
    hashes = {package.sha256 for package in built}
    for address, function in sorted(functions(planned).items()):
        wanted = base64.b64decode(function["source_code_hash"]).hex()
        taken = (function.get("s3_bucket"), function.get("s3_key"))
        if wanted not in hashes or taken != (bucket, key_of(wanted)):
            raise CommandError(
                f"{address} would take its code from {taken[0]}/{taken[1]} (SHA-256 {wanted}), which is none of the "
                f"zips of this tree in {bucket}, so nothing was applied: give the function one of `var.packages`"
            )


def _require_same_bytes(artifacts: Artifacts, package: Package) -> None:
    """Raise CommandError unless what is there already is the very zip."""
    body = artifacts.get(package.key, package.size)
    actual = hashlib.sha256(body or b"").hexdigest()
    if actual != package.sha256:
        raise CommandError(
            f"s3://{artifacts.name}/{package.key}, where {package.name}.zip belongs, holds other bytes "
            f"(SHA-256 {actual}), so nothing was applied. Find out who put them (docs/how-to/deploy.md), have the "
            "account's administrator delete the object, and promote again"
        )
