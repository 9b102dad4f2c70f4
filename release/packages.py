"""The functions' zips as objects named by what is in them: `packages/<SHA-256>.zip` in the account's artifact bucket."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devcloud import stack
from devcloud.runs import LocalCloudError
from release.artifacts import Artifacts
from release.changes import functions
from release.ground import Ground

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
        return key_of(self.sha256)

    def described(self) -> dict[str, Any]:
        return asdict(self)


def key_of(sha256: str) -> str:
    """Where the zip with that hash is."""
    return f"packages/{sha256}.zip"


def publish(ground: Ground, artifacts: Artifacts, say: Say) -> list[Package]:
    """Build the zips, put those that are not there, and write the variables file that names them. Raises LocalCloudError.

    One that is there must be the very same: an object that is not what its name says is refused.
    """
    manifest, folder = built(ground)
    packages = []
    for package in manifest:
        body = (folder / f"{package.name}.zip").read_bytes()
        put = artifacts.put_once(package.key, body)
        if not put:
            _same(artifacts, package.sha256, package.name)
        say(f"{package.name}.zip {'put into' if put else 'is in'} s3://{artifacts.name}/{package.key}")
        packages.append(package)
    ground.file(VARIABLES).write_text(variables(artifacts.name, packages))
    return packages


def variables(bucket: str, packages: Iterable[Package]) -> str:
    """The variables file that names the zips in that bucket."""
    named = {
        package.name: {"bucket": bucket, "key": package.key, "hash": base64.b64encode(bytes.fromhex(package.sha256)).decode()}
        for package in packages
    }
    return json.dumps({"packages": named}, indent=2, sort_keys=True) + "\n"


def built(ground: Ground) -> tuple[list[Package], Path]:
    """The zips, built once for these sources, and the folder they are in."""
    folder = stack.package(ground.target).parent
    manifest = json.loads((folder / "manifest.json").read_text())["packages"]
    return [Package(name, about["sha256"], about["size"]) for name, about in sorted(manifest.items())], folder


def verify(planned: Mapping[str, Any], artifacts: Artifacts, say: Say) -> None:
    """Read every zip that a plan's functions take, and hash it. Raises LocalCloudError where one is not what the plan says."""
    hashes = set()
    for address, function in sorted(functions(planned).items()):
        wanted = base64.b64decode(function["source_code_hash"]).hex()
        taken = (function.get("s3_bucket"), function.get("s3_key"))
        if taken != (artifacts.name, key_of(wanted)):
            raise LocalCloudError(
                f"{address} would take its code from {taken[0]}/{taken[1]}, not from {artifacts.name}/{key_of(wanted)}, where the zip of "
                "that hash belongs, so nothing was applied: the plan is not one of `make propose`"
            )
        if wanted not in hashes:
            _same(artifacts, wanted, address)
        hashes.add(wanted)
    say(f"{len(hashes)} zips in {artifacts.name} are byte for byte what the plan says")


def _same(artifacts: Artifacts, wanted: str, whose: str) -> None:
    body = artifacts.get(key_of(wanted))
    if body is None:
        raise LocalCloudError(
            f"the zip of {whose} is gone: there is no s3://{artifacts.name}/{key_of(wanted)}. `make publish` puts it back"
        )
    found = hashlib.sha256(body).hexdigest()
    if found != wanted:
        raise LocalCloudError(
            f"s3://{artifacts.name}/{key_of(wanted)}, the zip of {whose}, holds other bytes (SHA-256 {found}): somebody swapped it, so "
            "nothing was applied. Find out who (CloudTrail, the bucket's versions), have its administrator delete it, propose again"
        )
