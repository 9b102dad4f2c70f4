"""The environments and the pipelines: which there are; an environment's folder and account."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT

# the environments that have accounts, in the order of promotion
DEPLOYED = ("dev", "staging", "prod")
# the pipeline that a command works on where nothing is said
DEFAULT_PIPELINE = "votes"
# the pipelines of terraform/pipelines, that one first; every environment has them all
PIPELINES = tuple(
    sorted(
        (path.parent.name for path in (ROOT / "terraform/pipelines").glob("*/versions.tf")),
        key=lambda name: (name != DEFAULT_PIPELINE, name),
    )
)
# whose account an environment is in, and where: Terraform's locals, and data for everybody else
IDENTITY = "environment.tf.json"


def folder_of(environment: str, root: Path = ROOT) -> Path:
    """An environment's folder.

    Raises CommandError, naming those there are, where there is none of that name.
    """
    folder = root / "environments" / environment
    if not environment or not any(folder.glob("*.tf")):
        known = "|".join(sorted(path.name for path in (root / "environments").iterdir() if path.is_dir()))
        raise CommandError(f"ENV says which environment: ENV={known}")
    return folder


def account_of(environment: str, root: Path = ROOT) -> str:
    """The account that an environment ("prod", "prod/account") is in, by its environment.tf.json.

    Raises CommandError where that names none.
    """
    return _local_of(environment, "account_id", r"\d{12}", root)


def region_of(environment: str, root: Path = ROOT) -> str:
    """The region that an environment ("prod", "prod/account") is in, by its environment.tf.json.

    Raises CommandError where that names none.
    """
    return _local_of(environment, "region", r"[a-z]+(-[a-z]+)+-\d", root)


def asks_for_tokens(environment: str, root: Path = ROOT) -> bool:
    """Whether an environment names an issuer of voters' tokens, by its environment.tf.json.

    Raises CommandError where that cannot be read.
    """
    return _locals_of(environment, "jwt", root) is not None


def check_backend(environment: str, root: Path = ROOT) -> None:
    """Compare the backend of an environment ("prod", "prod/account") with its account and region:
    Terraform takes nothing but literals there.

    Raises CommandError, naming the line to mend.
    """
    folder = root / "environments" / environment
    account = account_of(environment, root)
    wanted = {
        "bucket": f"sluice-{environment.split('/')[0]}-state-{account}",
        "region": region_of(environment, root),
        "allowed_account_ids": account,
    }
    for argument, value in wanted.items():
        if value_of(folder / "backend.tf", argument) != value:
            raise CommandError(f'{folder / "backend.tf"} must say "{value}" for {argument}, as {IDENTITY} does')


def _local_of(environment: str, name: str, pattern: str, root: Path) -> str:
    file, value = root / "environments" / environment / IDENTITY, _locals_of(environment, name, root)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise CommandError(f'{file} has "{name}": {json.dumps(value)}, which is none')
    return value


def _locals_of(environment: str, name: str, root: Path) -> Any:
    file = root / "environments" / environment / IDENTITY
    try:
        return json.loads(file.read_text())["locals"][name]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CommandError(f'{file} must be JSON that has "{name}" in "locals" ({error})') from error


def value_of(file: Path, argument: str) -> str:
    """The text that an argument of a .tf file is set to, or the first in a list of them.

    Raises CommandError where there is none.
    """
    found = re.search(rf'^ +{argument} += \[?"([^"]+)"', file.read_text(), re.MULTILINE)
    if not found:
        raise CommandError(f'{file} has no line {argument} = "…"')
    return found[1]
