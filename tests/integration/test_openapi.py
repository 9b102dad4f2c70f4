"""The deployed API against docs/openapi.yaml: schemathesis sends what fits the description and what does not, and judges every answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from devcloud.runs import ROOT
from operations import catalogue
from operations.place import Place

SEED, EXAMPLES = 20261121, 40  # of each operation, in the fuzzing phase
BOUND_SECONDS = 120


def test_every_answer_is_described_and_none_is_our_fault(place: Place, tmp_path: Path) -> None:
    listed = catalogue.parse("title_id\nmv0001\n")  # so that the example's title has results
    catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], listed)
    report, lines = tmp_path / "report.json", tmp_path / "lines.ndjson"
    run = ["run", str(ROOT / "docs/openapi.yaml"), "--url", place.outputs["votes_api_url"], "--phases", "examples,coverage,fuzzing"]
    how = ["--seed", str(SEED), "--max-examples", str(EXAMPLES), "--report-json-path", str(report), "--report-ndjson-path", str(lines)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(ROOT / "tests/support/schemathesis.toml"),
            "--no-color",
            *run,
            *how,
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert {phase: found["phases"][phase]["status"] for phase in ("examples", "coverage", "fuzzing")} == dict.fromkeys(
        ("examples", "coverage", "fuzzing"), "success"
    )
    assert found["operations"]["tested"] == 2
    assert found["test_cases"]["generated"] > 200
    assert {"200", "202", "400", "404", "413", "415"} <= _statuses(lines).keys()


def _statuses(lines: Path) -> Counter[str]:
    """How often each status was answered."""
    scenarios = [event["ScenarioFinished"] for line in lines.read_text().splitlines() if "ScenarioFinished" in (event := json.loads(line))]
    interactions = [one for scenario in scenarios for one in scenario["recorder"]["interactions"].values()]
    return Counter(str(one["response"]["status_code"]) for one in interactions if one["response"])
