"""What zips are built for: the Lambda runtime, or this interpreter on this machine."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass

THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LAMBDA_PYTHON = "3.13"


@dataclass(frozen=True)
class Target:
    """`python` is a minor version ("3.13"), `platform` a name for people and caches, `pip_options` what makes pip take its wheels."""

    name: str
    python: str
    platform: str
    pip_options: tuple[str, ...]

    @property
    def bytecode(self) -> bool:
        """Whether this interpreter can compile for the target."""
        return self.python == THIS_PYTHON and sys.implementation.name == "cpython"


def _lambda() -> Target:
    # Amazon Linux 2023 has glibc 2.34, so wheels for 2.17 (manylinux2014) and 2.28 both load.
    platforms = ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64")
    abis = (f"cp{LAMBDA_PYTHON.replace('.', '')}", "abi3", "none")
    return Target(
        name="lambda",
        python=LAMBDA_PYTHON,
        platform="manylinux2014_aarch64",
        pip_options=(
            *("--implementation", "cp", "--python-version", LAMBDA_PYTHON),
            *(part for platform in platforms for part in ("--platform", platform)),
            *(part for abi in abis for part in ("--abi", abi)),
        ),
    )


def _local() -> Target:
    return Target(name="local", python=THIS_PYTHON, platform=sysconfig.get_platform().replace("-", "_"), pip_options=())


TARGETS = {target.name: target for target in (_local(), _lambda())}
