"""A staged copy is the environment, with a local state; the original is not touched."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.environment import staging
from tools.environment.staging import grant_emulator_actions, staged


@pytest.fixture
def project(tmp_path: Any) -> Any:
    root = tmp_path / "project"
    for path, text in {
        "environments/dev/main.tf": 'module "a" { source = "../../terraform/modules/a" }',
        "environments/dev/.terraform.lock.hcl": "# lock",
        "environments/dev/.terraform/providers/x": "x",
        "environments/dev/mine.auto.tfvars.json": "{}",
        "terraform/modules/a/main.tf": "",
        "terraform/modules/a/.terraform/x": "x",
        "web/page/index.html": "",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def _files(folder: Any) -> Any:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_copy_keeps_the_way_to_its_modules_and_leaves_the_rest(project: Any, tmp_path: Any) -> None:
    before = _files(project)
    copy = staged(project / "environments" / "dev", tmp_path / "work")
    assert _files(copy) == [".terraform.lock.hcl", "backend_override.tf.json", "main.tf"]
    assert (copy / "../../terraform/modules/a/main.tf").exists()
    assert not (copy / "../../terraform/modules/a/.terraform").exists()
    assert (copy / "../../web/page/index.html").exists()
    assert _files(project) == before


def test_the_state_lies_beside_the_copy_and_outlives_it(project: Any, tmp_path: Any) -> None:
    work = tmp_path / "work"
    copy = staged(project / "environments" / "dev", work)
    state = json.loads((copy / "backend_override.tf.json").read_text())["terraform"]["backend"]["local"]["path"]
    assert state == str(work / "terraform.tfstate")
    (work / "terraform.tfstate").write_text("{}")
    (copy / "left.tf").write_text("")
    assert not (staged(project / "environments" / "dev", work) / "left.tf").exists()
    assert (work / "terraform.tfstate").exists()


def test_a_run_may_have_values_otherwise(project: Any, tmp_path: Any) -> None:
    changed = {"module": {"votes": {"sizing": {"write": {"timeout_seconds": 6}}}}}
    copy = staged(project / "environments" / "dev", tmp_path / "work", changed)
    assert json.loads((copy / "changed_override.tf.json").read_text()) == changed


def test_a_copy_with_one_pipeline_lacks_the_others_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "project/environments/local"
    folder.mkdir(parents=True)
    (tmp_path / "project/terraform").mkdir()
    monkeypatch.setattr(staging, "PIPELINES", ("votes", "shop"))
    for name in ("environment", "votes", "votes_sizing", "shop", "shop_sizing", "shop_emulator", "shopping"):
        (folder / f"{name}.tf").write_text("")
    monkeypatch.setattr(staging, "ROOT", tmp_path / "project")
    copies = {
        asked: {path.stem for path in staged(folder, tmp_path / "work", pipelines=asked).glob("*.tf")}
        for asked in ((), ("votes",), ("shop",))
    }
    assert copies[()] == {path.stem for path in folder.glob("*.tf")}
    assert copies["votes",] == {"environment", "shopping", "votes", "votes_sizing"}
    assert copies["shop",] == {"environment", "shopping", "shop", "shop_sizing", "shop_emulator"}

    copy = staged(folder, tmp_path / "work", pipelines=("votes",))
    grant_emulator_actions(copy)
    assert not (copy / "shop_emulator.tf").exists(), "it names what only shop has"
    copy = staged(folder, tmp_path / "work")
    (copy / "shop_emulator.tf").unlink()
    grant_emulator_actions(copy)
    assert (copy / "shop_emulator.tf").exists()
