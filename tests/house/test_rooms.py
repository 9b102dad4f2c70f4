"""The rooms of the house: what imports what, who knows a pipeline, and how large things are."""

from __future__ import annotations

import re

from tests.house.sources import PRODUCT, files, functions, imports, lines, path_parts, pipelines, python
from tools.common.paths import ROOT

MOST_FOLDERS = 10
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40


def test_few_folders_and_each_is_on_the_map() -> None:
    folders = {name.split("/")[0] for name in files() if "/" in name and not name.startswith(".")}
    assert len(folders) <= MOST_FOLDERS
    readme = (ROOT / "README.md").read_text()
    (drawn,) = re.findall(r"^## Where things are\n(.*?)^## ", readme, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"^\| \[([a-z_]+)\]", drawn, re.MULTILINE)) == folders


def _rooms() -> list[str]:
    """The rooms of tools/, from the ground up, as its README lists them."""
    return re.findall(r"^\| \[([a-z_]+)\]", (ROOT / "tools/README.md").read_text(), re.MULTILINE)


def test_every_room_of_tools_is_listed() -> None:
    assert {name.split("/")[1] for name in files("tools/*.py")} == set(_rooms())


def test_imports_go_downward_only() -> None:
    floor = {room: number for number, room in enumerate(_rooms())}
    upward = []
    for name in python():
        if name.startswith("tools/"):
            room = name.split("/")[1]
            used = {module.split(".")[1] for module in imports(name) if re.match(r"tools\.\w", module)}
            upward += [f"{name} imports {other}" for other in used if floor[other] > floor[room]]
    assert upward == []


def test_the_product_never_imports_tests() -> None:
    wrong = [
        name for name in python() if name.startswith(PRODUCT) and any(m.split(".")[0] == "tests" for m in imports(name))
    ]
    assert wrong == []


def test_functions_import_neither_tools_nor_each_others_pipeline() -> None:
    others = {f"{path}": pipelines() - {path} for path in [*pipelines(), "shared"]}
    wrong = []
    for name in python():
        if name.startswith("lambda_src/"):
            own = name.split("/")[1]
            forbidden = {"tools", "tests", *others[own]}
            wrong += [f"{name} imports {m}" for m in imports(name) if m.split(".")[0] in forbidden]
    assert wrong == []


def test_only_a_pipelines_own_room_knows_it() -> None:
    """What stands outside a room of its name imports nothing of a pipeline, but for a command's
    entry point, which puts the pipelines together.
    """
    wrong = []
    for name in python():
        if name.startswith("tools/") and not name.endswith("__main__.py"):
            rooms = set(path_parts(name)) & pipelines()
            for module in imports(name):
                known = (
                    set(module.split(".")) & pipelines()
                    if module.startswith("tools.")
                    else {module.split(".")[0]} & pipelines()
                )
                wrong += [f"{name} imports {module}"] if known - rooms else []
    assert wrong == []


def test_a_file_has_one_job() -> None:
    written = [*python(), *files("*.tf", "*.hcl", "*.yml", "*.mk", "Makefile")]
    assert [f"{name}: {len(lines(name))}" for name in written if len(lines(name)) > MOST_LINES] == []


def test_a_function_has_one_job() -> None:
    long = [
        f"{name}: {function} {n}"
        for name in python()
        for function, n in functions(name)
        if n > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_no_two_test_files_share_a_name() -> None:
    """Pytest takes them for the same module, and collects but one."""
    names = [name.rpartition("/")[2] for name in files("tests/test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
