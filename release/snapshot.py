"""The configuration inside a plan file: Terraform applies that one, not the files beside it, so it must be this tree's.

What a plan says it changes (`terraform show`) leaves out what it would run: a provisioner in the configuration changes no value.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

from devcloud import terraform
from devcloud.runs import LocalCloudError

MODULES = "tfconfig/modules.json"
MOST_BYTES = 50_000_000
SUFFIXES = (".tf", ".tf.json")


def lock_file(plan: bytes) -> bytes:
    """The provider lock file in a plan: the providers, by hash, that it was made with. Raises LocalCloudError."""
    return _entries(plan).get(terraform.LOCK, b"")


def require_configuration(plan: bytes, folder: Path) -> None:
    """Raise LocalCloudError unless the configuration in a plan is, file by file, that of the environment in `folder` and its modules."""
    inside = _entries(plan)
    wrong = []
    for module in json.loads(inside.get(MODULES, b"[]")):
        place = folder / module["Dir"]
        prefix = f"tfconfig/m-{module['Key']}/"
        held = {name.removeprefix(prefix): content for name, content in inside.items() if name.startswith(prefix)}
        files = {path.name: path.read_bytes() for path in place.glob("*") if path.name.endswith(SUFFIXES)}
        differing = {name for name in held.keys() | files.keys() if held.get(name) != files.get(name)}
        wrong += [os.path.normpath(Path(folder.name, module["Dir"], name)) for name in differing]
    if wrong or MODULES not in inside:
        raise LocalCloudError(
            f"the plan was made of another configuration than this tree's ({', '.join(sorted(wrong)[:5]) or 'it holds none'}), though it "
            "is stored as this tree's: `make propose` did not make it. Nothing was applied; find out who stored it (CloudTrail)"
        )


def _entries(plan: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(plan)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                raise LocalCloudError(f"the stored plan unpacks to more than {MOST_BYTES:,} bytes, which no plan of this project does")
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise LocalCloudError(f"the stored plan is no plan file of Terraform: {error}") from error
