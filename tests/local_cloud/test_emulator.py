"""Functions on the local cloud have their zip and what Lambda's runtime brings: nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import api_on
from tools.common.errors import CommandError
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run


def _invoked(emulator: Callable[[str], Any], name: str, files: dict[str, str]) -> tuple[str | None, Any]:
    """The kind of error, if there is one, and the answer of a function made of these files."""
    answer = emulator("lambda").invoke(FunctionName=api_on.function(emulator, name, files))
    return answer.get("FunctionError"), json.load(answer["Payload"])


@pytest.mark.parametrize("package", ["pydantic", "aws_lambda_powertools", "rich", "shared", "tools"])
def test_a_zip_that_lacks_a_package_fails(emulator: Callable[[str], Any], package: str) -> None:
    handler = f"import {package}\n\ndef handler(event, context):\n    return {package}.__name__\n"
    error, answer = _invoked(emulator, f"lacks-{package}", {"main.py": handler})
    assert error
    assert f"No module named '{package}'" in answer["errorMessage"]

    error, answer = _invoked(emulator, f"holds-{package}", {"main.py": handler, f"{package}/__init__.py": ""})
    assert (error, answer) == (None, package)


def test_the_runtime_brings_boto3(emulator: Callable[[str], Any]) -> None:
    handler = "import boto3\n\ndef handler(event, context):\n    return boto3.__name__\n"
    assert _invoked(emulator, "boto3", {"main.py": handler}) == (None, "boto3")


def test_without_its_virtual_environment_it_says_what_to_do(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "PYTHON", tmp_path / "python")
    with pytest.raises(CommandError, match="is not there: `make up`"):
        emulator.start(Run(tmp_path))
