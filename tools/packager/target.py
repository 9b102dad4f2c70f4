"""What zips are built for: the Lambda runtime, or this interpreter on this machine."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

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


def linux(name: str, python: str, machine: str) -> Target:
    """A Python ("3.13") on a Linux machine ("aarch64", "x86_64") with glibc 2.28 or newer.

    Wheels for glibc 2.17 (manylinux2014) and 2.28 both load there.
    """
    platforms = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")
    options = chain.from_iterable(("--platform", f"{one}_{machine}") for one in platforms)
    return Target(
        name=name,
        python=python,
        platform=f"manylinux2014_{machine}",
        pip_options=(
            *("--implementation", "cp", "--python-version", python),
            *options,
            *("--abi", f"cp{python.replace('.', '')}"),
            *("--abi", "abi3"),
            *("--abi", "none"),
        ),
        markers={
            "implementation_name": "cpython",
            "implementation_version": f"{python}.0",
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        },
    )


def local() -> Target:
    """This interpreter on this machine."""
    platform = sysconfig.get_platform().replace("-", "_")
    return Target(name="local", python=THIS_PYTHON, platform=platform, pip_options=(), markers={})


# Amazon Linux 2023 has glibc 2.34.
TARGETS = {target.name: target for target in (local(), linux("lambda", LAMBDA_PYTHON, "aarch64"))}
