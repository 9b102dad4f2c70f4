"""What zips are built for: the Lambda runtime, or this interpreter on this machine."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass

THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LAMBDA_PYTHON = "3.13"


@dataclass(frozen=True)
class Target:
    """A Python on a machine.

    `python` is a minor version ("3.13"), `platform` a name for people and caches, `pip_options`
    what makes pip take its wheels, `markers` what environment markers come to there (PEP 508);
    those not named are this interpreter's.
    """

    name: str
    python: str
    platform: str
    pip_options: tuple[str, ...]
    markers: Mapping[str, str]

    @property
    def bytecode(self) -> bool:
        """Whether this interpreter can compile for the target."""
        return self.python == THIS_PYTHON and sys.implementation.name == "cpython"


def _lambda() -> Target:
    # Amazon Linux 2023 has glibc 2.34, so wheels for 2.17 (manylinux2014) and 2.28 both load.
    return Target(
        name="lambda",
        python=LAMBDA_PYTHON,
        platform="manylinux2014_aarch64",
        pip_options=(
            *("--implementation", "cp", "--python-version", LAMBDA_PYTHON),
            *("--platform", "manylinux2014_aarch64"),
            *("--platform", "manylinux_2_17_aarch64"),
            *("--platform", "manylinux_2_28_aarch64"),
            *("--abi", f"cp{LAMBDA_PYTHON.replace('.', '')}"),
            *("--abi", "abi3"),
            *("--abi", "none"),
        ),
        markers={
            "implementation_name": "cpython",
            "implementation_version": f"{LAMBDA_PYTHON}.0",
            "os_name": "posix",
            "platform_machine": "aarch64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{LAMBDA_PYTHON}.0",
            "python_version": LAMBDA_PYTHON,
            "sys_platform": "linux",
        },
    )


def _local() -> Target:
    platform = sysconfig.get_platform().replace("-", "_")
    return Target(name="local", python=THIS_PYTHON, platform=platform, pip_options=(), markers={})


TARGETS = {target.name: target for target in (_local(), _lambda())}
