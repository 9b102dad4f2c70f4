"""What a zip holds: everything its handler can reach, early or late, and nothing else."""

from __future__ import annotations

import sys

import pytest

from tools.packager import PackagerError
from tools.packager.closure import Library, module_name
from tools.packager.target import TARGETS, THIS_PYTHON
from tools.packager.wheels import Wheel

LAMBDA = TARGETS["lambda"].markers


def wheel(name: str, files: dict[str, str], requires: str = "") -> Wheel:
    info = f"{name}-1.dist-info"
    metadata = {
        f"{info}/METADATA": f"Name: {name}\n{requires}\n",
        f"{info}/RECORD": "",
        f"{info}/licenses/LICENSE": "free",
    }
    return Wheel(name, "1", {path: text.encode() for path, text in (files | metadata).items()}, info)


def reached(handler: str, *wheels: Wheel, **ours: str) -> set[str]:
    """The modules in the zip of `p.f`, whose source is `handler`.

    `ours` are more modules of package p.
    """
    sources = {"p/__init__.py": b"", "p/f.py": handler.encode()} | {
        f"p/{name}.py": text.encode() for name, text in ours.items()
    }
    names = map(module_name, Library(sources, wheels, LAMBDA).reached_from("p.f"))
    return {name for name in names if name} - {"p", "p.f"}


def test_only_what_is_imported() -> None:
    assert reached("from p import a", a="from . import b", b="import json", c="") == {"p.a", "p.b"}


def test_an_import_in_a_function_or_a_branch_counts() -> None:
    assert reached("def handler():\n  if 1:\n    import p.a\n  else:\n    from .b import x", a="", b="", c="") == {
        "p.a",
        "p.b",
    }


def test_an_import_for_types_alone_does_not() -> None:
    source = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import p.a\n  import mypy_boto3\nelse:\n  import p.b"
    )
    assert reached(source, a="", b="", c="") == {"p.b"}


def test_the_packages_a_module_lies_in_come_with_it_and_are_followed() -> None:
    lib = wheel(
        "lib",
        {
            "lib/__init__.py": "from lib import x",
            "lib/x.py": "",
            "lib/y.py": "",
            "lib/deep/__init__.py": "",
            "lib/deep/z.py": "",
        },
    )
    assert reached("import lib.deep.z", lib) == {"lib", "lib.x", "lib.deep", "lib.deep.z"}


def test_a_module_named_in_a_string_is_kept() -> None:
    lib = wheel("lib", {"lib/__init__.py": "lazy('lib.late')", "lib/late.py": "", "lib/never.py": ""})
    assert reached("import lib", lib) == {"lib", "lib.late"}


@pytest.mark.parametrize(
    "call",
    ["import_module(name)", "importlib.import_module(f'.{name}', __name__)", "__import__(name)", "import_module('.a')"],
)
def test_a_computed_import_keeps_its_package_whole(call: str) -> None:
    lib = wheel(
        "lib",
        {
            "lib/__init__.py": "",
            "lib/core/__init__.py": call,
            "lib/core/a.py": "",
            "lib/other.py": "",
            "lib/core/tests/t.py": "",
        },
    )
    assert reached("import lib.core", lib) == {"lib", "lib.core", "lib.core.a"}


def test_a_computed_import_of_another_package_keeps_that_one() -> None:
    lib = wheel("lib", {"lib/__init__.py": "", "lib/core.py": "import_module('far.' + name)"})
    far = wheel("far", {"far/__init__.py": "", "far/a.py": "", "far/b/__init__.py": ""})
    assert reached("import lib.core", lib, far) == {"lib", "lib.core", "far", "far.a", "far.b"}


def test_an_extension_keeps_its_package_and_what_it_requires() -> None:
    fast = wheel(
        "fast",
        {"fast/__init__.py": "", "fast/_c.cpython-313-aarch64-linux-gnu.so": "", "fast/x.py": ""},
        "Requires-Dist: help>=1",
    )
    required, other = wheel("help", {"help.py": ""}), wheel("other", {"other.py": ""})
    assert reached("from fast import _c", fast, required, other) == {"fast", "fast._c", "fast.x", "help"}


def test_what_an_extension_requires_elsewhere_stays_out() -> None:
    fast = wheel(
        "fast",
        {"fast/__init__.py": "", "fast/_c.cpython-313-aarch64-linux-gnu.so": ""},
        'Requires-Dist: here; platform_machine == "aarch64" and sys_platform == "linux"\n'
        'Requires-Dist: mac; sys_platform == "darwin"',
    )
    here, mac = wheel("here", {"here.py": ""}), wheel("mac", {"mac.py": ""})
    assert reached("from fast import _c", fast, here, mac) == {"fast", "fast._c", "here"}


@pytest.mark.parametrize(
    ("declared", "required"),
    [
        ("a>=1", {"a"}),
        ("A_b.c[extra]>=1,<2", {"a-b-c"}),
        ('a; python_version >= "3.13"', {"a"}),
        ('a; python_full_version < "3.13"', set()),
        ('a; sys_platform == "linux" and platform_machine == "aarch64"', {"a"}),
        ('a; platform_machine == "x86_64"', set()),
        ('a; platform_system == "Darwin" or os_name == "nt"', set()),
        ('a; implementation_name == "cpython" and platform_python_implementation == "CPython"', {"a"}),
        ('a; extra == "more"', set()),
        ("a; extra=='more' or python_version>='3.13'", {"a"}),
    ],
)
def test_markers_are_the_targets(declared: str, required: set[str]) -> None:
    assert wheel("lib", {}, f"Requires-Dist: {declared}").requires(LAMBDA) == required


def test_the_markers_of_this_machine_are_its_own() -> None:
    here = f'Requires-Dist: a; sys_platform == "{sys.platform}" and python_version == "{THIS_PYTHON}"'
    elsewhere = 'Requires-Dist: b; sys_platform == "plan9"'
    assert wheel("lib", {}, f"{here}\n{elsewhere}").requires(TARGETS["local"].markers) == {"a"}


def test_data_lies_beside_its_package_and_licences_stay() -> None:
    files = {
        "lib/__init__.py": "",
        "lib/table.json": "{}",
        "lib/py.typed": "",
        "lib/a.pyi": "",
        "lib/far/__init__.py": "",
        "lib/far/big.json": "",
    }
    wheels = [wheel("lib", files), wheel("idle", {"idle.py": ""})]
    kept = Library({"p/f.py": b"import lib"}, wheels, LAMBDA).reached_from("p.f")
    assert set(kept) == {
        "p/f.py",
        "lib/__init__.py",
        "lib/table.json",
        "lib-1.dist-info/METADATA",
        "lib-1.dist-info/licenses/LICENSE",
    }


def test_libraries_come_with_what_loads_them() -> None:
    fast = wheel(
        "fast",
        {"fast/__init__.py": "", "fast/_c.abi3.so": "", "fast/_d.so": "", "fast.libs/libz-1.so.2": "", "x/lib.so": ""},
    )
    drawn = wheel("drawn", {"drawn/__init__.py": "", "drawn/libdrawn.so": "", "drawn.libs/libq.so.1": ""})
    held = Library({"p/f.py": b"from fast import _c\nimport drawn"}, [fast, drawn], LAMBDA).reached_from("p.f")
    assert {"fast.libs/libz-1.so.2", "drawn/libdrawn.so", "fast/_d.so"} <= held.keys()
    assert not {"drawn.libs/libq.so.1", "x/lib.so"} & held.keys(), "nothing that is kept loads them"
    assert module_name("drawn/libdrawn.so") is None


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import json\nimport nowhere.near", r"p/f.py:2: nowhere.near is neither ours"),
        ("from p.missing import x", r"p/f.py:1: p.missing is neither ours"),
        ("from importlib import import_module\nimport_module(x)", "p/f.py imports by a computed name"),
        ("def handler(:", "p/f.py:1: this Python .* cannot read it"),
    ],
)
def test_our_own_imports_must_be_plain_and_there(source: str, says: str) -> None:
    with pytest.raises(PackagerError, match=says):
        reached(source)


def test_what_third_party_code_does_not_find_is_its_own_affair() -> None:
    assert reached(
        "import lib", wheel("lib", {"lib/__init__.py": "try:\n  import optional\nexcept ImportError: pass"})
    ) == {"lib"}


def test_the_runtime_brings_boto3() -> None:
    assert reached("import boto3, botocore.exceptions, json") == set()
    with pytest.raises(PackagerError, match="botocore would be packaged"):
        reached("import botocore", wheel("botocore", {"botocore/__init__.py": ""}))


def test_two_distributions_with_one_file_are_refused() -> None:
    with pytest.raises(PackagerError, match=r"same\.py comes twice"):
        reached("import same", wheel("a", {"same.py": ""}), wheel("b", {"same.py": ""}))
