"""New code that is live before Terraform writes it down: which functions, which aliases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.local_cloud import new_code

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"


class Lambda:
    """Calls of Lambda, as they were made."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def update_function_code(self, FunctionName: str, ZipFile: bytes, Publish: bool) -> dict[str, str]:
        self.calls.append((FunctionName, ZipFile, Publish))
        return {"Version": "5" if Publish else "$LATEST"}

    def update_alias(self, FunctionName: str, Name: str, FunctionVersion: str) -> None:
        self.calls.append((FunctionName, Name, FunctionVersion))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    made = Lambda()
    monkeypatch.setattr(new_code, "_lambda", lambda endpoint, region: {"eu-west-1": made}[region])
    return made


def _function(name: str, file: Path, digest: str, version: str = "4") -> dict[str, Any]:
    attributes = {"function_name": name, "arn": ARN + name, "filename": str(file), "source_code_hash": digest}
    return {"attributes": attributes | {"version": version, "publish": version != "$LATEST"}}


def _alias(function: str, name: str, version: str) -> dict[str, Any]:
    return {"attributes": {"function_name": function, "name": name, "function_version": version}}


def _state(folder: Path, **kinds: list[dict[str, Any]]) -> Path:
    resources = [{"mode": "managed", "type": kind, "instances": found} for kind, found in kinds.items()]
    (folder / "state").write_text(json.dumps({"resources": resources}))
    return folder / "state"


def test_what_changed_alone_and_the_aliases_of_its_newest_version(tmp_path: Path, aws: Lambda) -> None:
    enter, take = tmp_path / "enter.zip", tmp_path / "take.zip"
    enter.write_bytes(b"new")
    state = _state(
        tmp_path,
        aws_lambda_function=[_function("enter", enter, "old"), _function("take", take, "same")],
        aws_lambda_alias=[
            _alias("enter", "live", "4"),
            _alias(ARN + "enter", "too", "4"),
            _alias("enter", "before", "3"),
            _alias("take", "live", "4"),
        ],
    )
    new_code.go_live("http://here", state, {str(enter): "new", str(take): "same"})
    assert aws.calls == [("enter", b"new", True), ("enter", "live", "5"), ("enter", "too", "5")]


def test_a_function_without_versions_has_its_code_replaced(tmp_path: Path, aws: Lambda) -> None:
    file = tmp_path / "plain.zip"
    file.write_bytes(b"new")
    functions = [_function("plain", file, "old", "$LATEST")]
    new_code.go_live("http://here", _state(tmp_path, aws_lambda_function=functions), {str(file): "new"})
    assert aws.calls == [("plain", b"new", False)]
