"""A root module of somebody's own: its mirror, and its functions' handlers before an apply."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment.staging import OVERRIDE, mirrored
from tools.local_cloud.root_module import RootModule, check_handlers

BACKEND = '{"terraform": {"backend": {"s3": {}}}}'


def _tree(folder: Path) -> dict[str, str]:
    """All files but those of ours."""
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(name): path.read_text() for name, path in paths.items() if name.parts[0] != "sluice"}


def test_a_mirror_leads_everywhere_and_changes_nothing(tmp_path: Path) -> None:
    theirs, work = tmp_path / "theirs", tmp_path / "theirs/sluice/build/local"  # even where we are inside of it
    files = {
        "infra/main.tf": "", "infra/terraform.tfvars": "a = 1", "infra/files/x.json": "{}", "modules/queue/main.tf": "",
        f"infra/{OVERRIDE}": BACKEND, "infra/terraform.tfstate": "of theirs", "infra/.terraform.lock.hcl": "locked",
        "infra/.terraform/environment": "other",
    }  # fmt: skip
    for name, text in files.items():
        (theirs / name).parent.mkdir(parents=True, exist_ok=True)
        (theirs / name).write_text(text)
    before = _tree(theirs)
    mirror = mirrored(theirs / "infra", work, {"provider": {}})
    (mirror / ".terraform.lock.hcl").write_text("written by Terraform")
    assert (mirror / "../modules/queue/main.tf").is_file()
    assert (mirror / "files/../../modules/queue/main.tf").is_file()
    assert (mirror / "terraform.tfvars").read_text() == "a = 1"
    assert not (mirror / "terraform.tfstate").exists()
    assert not (mirror / ".terraform").exists()
    changed = json.loads((mirror / OVERRIDE).read_text())
    assert changed == {
        "terraform": {"backend": {"local": {"path": str(work / "terraform.tfstate")}}},
        "provider": {},
    }
    mirrored(theirs / "infra", work, {})  # and again
    assert _tree(theirs) == before


def _planned(**values: Any) -> dict[str, Any]:
    function = {"function_name": "orders-enter", "runtime": "python3.13", "layers": None, **values}
    resource = {"address": "f", "mode": "managed", "type": "aws_lambda_function", "values": function}
    return {"planned_values": {"root_module": {"resources": [resource]}}}


@pytest.mark.parametrize("handler", ["orders.enter.handler", "orders/enter.handler", "orders.handler"])
def test_a_handler_that_is_there(tmp_path: Path, handler: str) -> None:
    _zip(tmp_path)
    check_handlers(_planned(handler=handler, filename=str(tmp_path / "a.zip")), tmp_path)
    check_handlers(_planned(handler=handler, filename="a.zip"), tmp_path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"handler": "orders.entry.handler"}, r"has no orders/entry\.py: it has orders/enter\.py"),
        ({"handler": "enter.handler"}, r"has no enter\.py"),
        ({"handler": "orders.enter.handle"}, "names no handle"),
        ({"handler": "handler"}, "no module is named"),
        ({"handler": "orders.enter.handler", "filename": "b.zip"}, "is no zip that can be read"),
        ({"handler": "orders.enter.handler", "filename": "c.zip"}, "is no zip that can be read"),
    ],
)
def test_a_handler_that_is_missing(tmp_path: Path, values: dict[str, str], words: str) -> None:
    _zip(tmp_path)
    (tmp_path / "c.zip").write_text("no zip")
    with pytest.raises(CommandError, match=f"orders-enter: .*{words}"):
        check_handlers(_planned(**{"filename": "a.zip", **values}), tmp_path)


@pytest.mark.parametrize(
    "values", [{"filename": None}, {"layers": ["arn:aws:lambda:x:layer:y:1"]}, {"runtime": "nodejs22.x"}]
)
def test_what_cannot_be_looked_into_is_left_alone(tmp_path: Path, values: dict[str, Any]) -> None:
    _zip(tmp_path)
    check_handlers(_planned(**{"filename": "a.zip", "handler": "x.y", **values}), tmp_path)


def _zip(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("orders/__init__.py", "from orders.enter import handler\n")
        archive.writestr("orders/enter.py", "def handler(event, context): ...\n")


def test_modules_of_a_release_are_taken_from_this_checkout(tmp_path: Path) -> None:
    git = "git::https://github.com/your-org/sluice.git//terraform"
    sources = {
        "orders": f"{git}/modules/queue?ref=v1.2.0",
        "ssh": "git::ssh://git@git.example/team/sluice//terraform/modules/table?ref=1",
        "votes": f"{git}/pipelines/votes?ref=v1.2.0",
        "newer": f"{git}/modules/not-here-yet?ref=v9",
        "other": "git::https://github.com/your-org/other.git//terraform/modules/queue",
        "theirs": "../modules/queue",
    }
    text = [
        f'module "{name}" {{\n  name = "x"\n  nested = {{\n    source = 1\n  }}\n  source   = "{source}"\n}}\n'
        for name, source in sources.items()
    ]
    text[0] = text[0].replace("{", "{ # the pace", 1)
    (tmp_path / "main.tf").write_text('module "none" {\n}\n' + "".join(text))
    found = RootModule(tmp_path).ours
    assert found.keys() == {"orders", "ssh", "votes"}
    assert (tmp_path / found["orders"]).resolve() == ROOT / "terraform/modules/queue"
    assert (tmp_path / found["votes"]).resolve() == ROOT / "terraform/pipelines/votes"
