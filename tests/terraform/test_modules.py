"""The modules' own rules: terraform test, typed and described variables, READMEs that hold what is
there and plan.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.plan import ROOT, plan, provider, resources, workspace
from tests.terraform.hcl import ENVIRONMENTS, MODULES, TAKEN_AWAY, blocks, example, examples, reference, taken_away
from tools.environment import terraform

NAMES = [str(module.relative_to(ROOT / "terraform")) for module in MODULES]
ROOTS = MODULES + [ROOT / "environments" / name for name in ENVIRONMENTS]
HCL = sorted(
    path
    for folder in ("terraform", "environments")
    for path in (ROOT / folder).rglob("*.tf*")
    if ".terraform" not in path.parts
)
DOCUMENTS = [folder / "README.md" for folder in [*MODULES, ROOT]]
EXAMPLES = [
    pytest.param(document, index, id=f"{document.parent.name}-{document.stem}-{index}")
    for document in DOCUMENTS
    for index in range(len(examples(document)))
]


@pytest.mark.parametrize("name", NAMES)
def test_terraform_test(name: str) -> None:
    folder = workspace() / "terraform" / name
    assert list(folder.glob("tests/*.tftest.hcl")), f"terraform/{name} has no tests/*.tftest.hcl"
    terraform.run(["init", "-input=false"], folder, provider())
    done = terraform.run(["test"], folder, provider(), check=False)
    assert done.returncode == 0, f"terraform test in terraform/{name}:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("folder", ROOTS, ids=lambda folder: folder.name)
def test_variables_are_typed_described_and_not_null(folder: Path) -> None:
    variables = blocks(folder, "variable")
    assert variables
    assert len(variables) <= 16 or folder.parent.name == "environments", (
        f"{len(variables)} variables: group what belongs together"
    )
    for variable in variables:
        kind = variable.argument("type")
        assert kind, f"{folder.name}: variable {variable.name} has no type"
        assert not re.search(r"\bany\b", kind), f"{folder.name}: variable {variable.name} takes anything"
        assert variable.description.endswith("."), (
            f"{folder.name}: variable {variable.name} needs a description, a sentence"
        )
        if variable.argument("default") != "null":
            assert variable.argument("nullable") == "false", (
                f"{folder.name}: variable {variable.name} needs nullable = false"
            )
        if variable.has_default:
            assert "default" in variable.description, (
                f"{folder.name}: the description of {variable.name} must say the default"
            )


@pytest.mark.parametrize("folder", ROOTS, ids=lambda folder: folder.name)
def test_outputs_are_described(folder: Path) -> None:
    for output in blocks(folder, "output"):
        assert output.description.endswith("."), f"{folder.name}: output {output.name} needs a description, a sentence"


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_readme_holds_the_tables_of_inputs_and_outputs(folder: Path) -> None:
    wanted = reference(folder)
    assert wanted in (folder / "README.md").read_text(), f"{folder.name}/README.md must end with:\n\n{wanted}"


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_readme_has_an_example(folder: Path) -> None:
    assert examples(folder / "README.md")


@pytest.mark.parametrize(("document", "index"), EXAMPLES)
def test_example_plans(document: Path, index: int) -> None:
    folder = example(document, index)
    if document.parent in MODULES:
        assert f'"../../{document.parent.relative_to(ROOT)}"' in (folder / "main.tf").read_text()
    formatted = terraform.run(["fmt", "-check", "-diff", "main.tf"], folder, check=False)
    assert formatted.returncode == 0, f"not as terraform fmt has it:\n{formatted.stdout}"
    assert resources(plan(folder))


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_what_is_taken_away_plans_and_is_short(name: str) -> None:
    folder = taken_away(name)
    assert resources(plan(folder))
    assert len((folder / "main.tf").read_text().splitlines()) < 150
    functions = (ROOT / "examples" / name / "src" / name).glob("*.py")
    assert {path.name for path in functions if len(path.read_text().splitlines()) > 60} == set()


@pytest.mark.parametrize("path", HCL, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_registry_no_environment_by_name(path: Path) -> None:
    text = path.read_text()
    assert "registry." not in text, "no registry's address: providers are named in short"
    if "modules" in path.parts or "pipelines" in path.parts:
        assert not re.search(r'var\.environment *[=!]=|== "(local|dev|staging|prod)"', text), (
            "a module must not know environments"
        )


@pytest.mark.parametrize("folder", [*MODULES, ROOT / "environments" / "dev"], ids=lambda folder: folder.name)
def test_versions_are_held(folder: Path) -> None:
    text = "".join(path.read_text() for path in folder.glob("*.tf"))
    assert 'required_version = ">= 1.11"' in text
    assert 'version = ">= 6.29, < 7.0"' in text


def test_every_checkov_skip_says_why() -> None:
    for path in HCL:
        for line in path.read_text().splitlines():
            if "checkov:skip" in line:
                assert re.search(r"# checkov:skip=CKV2?_(AWS|SLUICE)_\d+: .{30,}\.$", line), (
                    f"{path.relative_to(ROOT)}: {line.strip()}"
                )
