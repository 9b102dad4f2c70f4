"""Building: the manifest says what is there, and nothing is built twice.

Failures say what to do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.packager.project import Project
from tools.packager import PackagerError, build
from tools.packager.__main__ import main
from tools.packager.bytecode import beside, bytecode


def names(path: Path) -> set[str]:
    return set(zipfile.ZipFile(path).namelist())


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_zip_for_each_function_with_what_it_reaches(small: Project) -> None:
    assert set(small.build()["packages"]) == {"shop-order", "shop-pay-back"}
    order, pay_back = names(small.out / "shop-order.zip"), names(small.out / "shop-pay-back.zip")
    assert {
        "shop/order.py",
        "shop/prices.py",
        "shared/clock.py",
        "jmespath/__init__.py",
        beside("shop/order.py"),
    } <= order
    assert not {"shop/refunds.py", "shop/unused.py", "shop/pay_back.py"} & order
    ours = {"shop/__init__.py", "shop/pay_back.py", "shop/refunds.py"}
    assert pay_back == ours | {beside(path) for path in ours}


def test_line_ends_of_a_clone_change_no_zip(small: Project) -> None:
    """git turns LF into CR LF where core.autocrlf says so, and calls the tree unchanged."""
    before = small.build()["packages"]
    for path in small.source.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert small.build()["packages"] == before


def test_the_manifest_and_the_variables_say_what_is_there(small: Project) -> None:
    manifest = small.build()
    assert manifest == json.loads((small.out / "manifest.json").read_bytes())
    variables = json.loads((small.out / "packages.tfvars.json").read_bytes())["packages"]
    for name, package in manifest["packages"].items():
        content = (small.out / package["file"]).read_bytes()
        with zipfile.ZipFile(small.out / package["file"]) as archive:
            files = {path: hashlib.sha256(archive.read(path)).hexdigest() for path in archive.namelist()}
            assert package["unpacked_size"] == sum(info.file_size for info in archive.infolist())
        assert (package["files"], package["size"]) == (files, len(content))
        assert package["sha256"] == hashlib.sha256(content).hexdigest()
        assert variables[name] == {
            "path": str((small.out / package["file"]).resolve()),
            "hash": base64.b64encode(hashlib.sha256(content).digest()).decode(),
        }
    assert manifest["packages"]["shop-pay-back"]["handler"] == "shop.pay_back.handler"


def test_entries_have_one_date_one_mode_and_an_order(small: Project) -> None:
    small.build()
    with zipfile.ZipFile(small.out / "shop-order.zip") as archive:
        entries = archive.infolist()
    assert {(entry.date_time, entry.external_attr >> 16, entry.create_system) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644, 3)
    }
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    noise = ("RECORD", "INSTALLER", "direct_url.json", "REQUESTED", "WHEEL", ".pyi", "py.typed")
    assert not [entry.filename for entry in entries if entry.filename.endswith(noise)]
    assert any(entry.filename.startswith("jmespath-") and "LICENSE" in entry.filename for entry in entries)


def test_what_has_not_changed_is_not_built_again(small: Project) -> None:
    first = small.build()
    before = stamps(small.out)
    assert small.build() == first
    assert stamps(small.out) == before
    assert "up to date" in small.printed[-1]


def test_a_change_moves_only_the_functions_that_hold_it(small: Project) -> None:
    first = small.build()["packages"]
    (small.source / "shop/prices.py").write_text("OF = {'tea': 4}\n", encoding="utf-8")
    second = small.build()["packages"]
    assert second["shop-order"]["sha256"] != first["shop-order"]["sha256"]
    assert second["shop-pay-back"] == first["shop-pay-back"]


def test_a_quick_edit_makes_what_a_whole_build_makes(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    small.build()
    (small.source / "shop/prices.py").write_text("OF = {'tea': 4}\n", encoding="utf-8")
    with monkeypatch.context() as without:
        without.setattr(build, "wheels", None)  # nothing else is looked at
        quickly = small.build(quick=True)
    (small.out / "manifest.json").unlink()
    assert small.build() == quickly, "byte for byte"
    (small.source / "shop/prices.py").write_text("import colorsys\nOF = {'tea': 4}\n", encoding="utf-8")
    monkeypatch.setattr(build, "_make", lambda *_: pytest.fail("anew"))
    with pytest.raises(pytest.fail.Exception, match="anew"):
        small.build(quick=True)


def test_a_damaged_zip_is_made_again_and_a_stale_one_goes(small: Project) -> None:
    first = small.build()
    (small.out / "shop-order.zip").write_bytes(b"half a zip")
    assert small.build() == first
    assert (
        hashlib.sha256((small.out / "shop-order.zip").read_bytes()).hexdigest()
        == first["packages"]["shop-order"]["sha256"]
    )
    (small.source / "shop/pay_back.py").unlink()
    small.build()
    assert {path.name for path in small.out.iterdir()} == {"shop-order.zip", "manifest.json", "packages.tfvars.json"}


def test_bytecode_is_unchecked_and_knows_no_folder_of_this_machine(tmp_path: Path) -> None:
    compiled = bytecode({"a/b.py": b"def f():\n    return {1, 2, 'x'}\n"})[beside("a/b.py")]
    assert compiled[4:8] == b"\x01\0\0\0"
    assert b"/var/task/a/b.py" in compiled
    with pytest.raises(PackagerError, match=r"a/c\.py: .*invalid syntax"):
        bytecode({"a/b.py": b"", "a/c.py": b"def def"})


def test_bytecode_does_not_depend_on_what_else_is_compiled() -> None:
    source = (
        b"def outlandish_name(zyxwv_shared):\n"
        b"    return zyxwv_shared.outlandish_attribute, 'zyxwv_shared', {'a', 'b', 'c'}\n"
    )
    together = bytecode({f"m{n}.py": source for n in range(5)} | {"z.py": source})
    assert bytecode({"z.py": source})[beside("z.py")] == together[beside("z.py")]


def test_a_tree_without_functions_says_what_one_is(
    tmp_path: Path, small: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert (
        main(
            [
                "--source",
                str(tmp_path / "empty"),
                "--lock",
                str(small.lock),
                "--out",
                str(small.out),
                "--target",
                "local",
            ]
        )
        == 1
    )
    assert "a function is a module <pipeline>/<function>.py with a top-level `handler`" in capsys.readouterr().err


def test_some_pipelines_alone_without_the_others_sources(small: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (small.source / "toys").mkdir()
    (small.source / "toys/wind_up.py").write_text("def handler(event, context): return 1\n")
    whole = small.build()
    assert set(whole["packages"]) == {"shop-order", "shop-pay-back", "toys-wind-up"}
    asked = ["--target", "local", "--out", str(small.out.parent / "some"), "--source", str(small.source)]
    asked += ["--lock", str(small.lock), "--wheels", str(small.cache)]
    assert main([*asked, "--pipeline", "shop"]) == 0
    some = small.out.parent / "some/local"
    made = {path.stem: path.read_bytes() for path in some.glob("*.zip")}
    assert made == {name: (small.out / f"{name}.zip").read_bytes() for name in ("shop-order", "shop-pay-back")}
    (small.source / "toys/wind_up.py").write_text("def handler(event, context): return 2\n")
    capsys.readouterr()
    assert main([*asked, "--pipeline", "shop"]) == 0
    assert "2 packages are up to date" in capsys.readouterr().out
    assert main([*asked, "--pipeline", "sh0p"]) == 1
    assert "has no functions of sh0p: ['shop', 'toys']" in capsys.readouterr().err
