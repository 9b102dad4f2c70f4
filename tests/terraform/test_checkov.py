"""checkov on all Terraform of the project; that each skip says why beside the resource is held in
test_modules.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from tests.support.plan import ROOT

CHECKOV = ROOT / ".venv-checkov/bin/checkov"


def test_checkov_finds_nothing() -> None:
    assert CHECKOV.exists(), "checkov has a virtual environment of its own: run this through `make test`"
    command = [str(CHECKOV), "--config-file", ".checkov.yaml", "--output", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    reports = list(_documents(done.stdout))
    failed = [
        f"{check['check_id']} {check['resource']}" for report in reports for check in report["results"]["failed_checks"]
    ]
    assert failed == []
    assert sum(report["summary"]["passed"] for report in reports) > 100
    assert sum(report["summary"]["parsing_errors"] for report in reports) == 0


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """The JSON documents in a text, one after the other: checkov prints one for each folder."""
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        yield document
        text = text[end:]
