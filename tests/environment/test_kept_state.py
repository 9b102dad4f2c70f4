"""Terraform has its state from us while it works: the same file, written once, not by resource."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tools.common import private
from tools.environment import kept_state, terraform
from tools.environment.staging import keep_state

RESOURCES = 40
MAIN = {
    "resource": {"terraform_data": {"one": {"count": RESOURCES, "input": "x"}}},
    "output": {"how_many": {"value": "${length(terraform_data.one)}"}},
}


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Each file that is written, again for each time."""
    written: list[Path] = []
    write: Callable[[Path, Any], None] = private.write

    def counted(path: Path, content: Any) -> None:
        written.append(path)
        write(path, content)

    monkeypatch.setattr(private, "write", counted)
    return written


def test_an_apply_writes_the_state_once_and_the_next_one_has_it(tmp_path: Path, writes: list[Path]) -> None:
    copy, file = tmp_path / "copy", tmp_path / "terraform.tfstate"
    copy.mkdir()
    (copy / "main.tf.json").write_text(json.dumps(MAIN))
    with kept_state.served(file) as backend:
        keep_state(copy, backend)
        terraform.run(["init", "-input=false"], copy, {})
        terraform.run(["apply", "-input=false", "-auto-approve"], copy, {})
        assert writes == [file]
        assert json.loads(terraform.run(["output", "-json"], copy, {}).stdout)["how_many"]["value"] == RESOURCES
    state = json.loads(file.read_text())
    assert len(state["resources"][0]["instances"]) == RESOURCES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with kept_state.served(file) as backend:
        keep_state(copy, backend)
        terraform.run(["init", "-input=false", "-reconfigure"], copy, {})
        assert terraform.run(["plan", "-input=false", "-detailed-exitcode"], copy, {}).returncode == 0, "nothing to do"
    assert writes == [file]


def test_whoever_does_not_know_the_address_has_nothing_and_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text("{}")
    with kept_state.served(file) as backend, urllib3.PoolManager(retries=False) as pool:
        address = str(backend["http"]["address"])
        assert pool.request("GET", address).data == b"{}"
        assert pool.request("POST", f"{address}?ID=1", body=b'{"a": 1}').status == 200
        for other in (address[:-1], address.rpartition("/")[0] + "/"):
            assert pool.request("GET", other).status == 404
            assert pool.request("POST", other, body=b"[]").status == 404
    assert file.read_text() == '{"a": 1}'
    with kept_state.served(tmp_path / "none") as backend, urllib3.PoolManager(retries=False) as pool:
        assert pool.request("GET", str(backend["http"]["address"])).status == 404, "there is no state yet"
