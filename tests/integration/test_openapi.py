"""The deployed API against docs/votes/openapi.yaml.

Schemathesis sends what fits the description and what does not, and judges every answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

from tools.common.paths import ROOT
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue

SEED, EXAMPLES = 20261121, 40  # of each operation, in the fuzzing phase
BOUND_SECONDS = 120
PHASES = ("examples", "coverage", "fuzzing")


def test_every_answer_is_described_and_none_is_our_fault(deployment: Deployment, tmp_path: Path) -> None:
    fuzz(deployment, tmp_path)


def fuzz(deployment: Deployment, tmp_path: Path) -> None:
    """All of it, by the deployment's entrance, whichever that is."""
    catalogue.load(deployment, "title_id\nmv0001\n")  # so that the example's title has results
    report, lines = tmp_path / "report.json", tmp_path / "lines.ndjson"
    options = [
        f"--url={deployment.outputs['api_url']}",
        f"--phases={','.join(PHASES)}",
        f"--seed={SEED}",
        f"--max-examples={EXAMPLES}",
        f"--report-json-path={report}",
        f"--report-ndjson-path={lines}",
    ]
    settings = str(ROOT / "tests/support/schemathesis.toml")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", settings, "--no-color"]
    done = subprocess.run(
        [*command, "run", str(ROOT / "docs/votes/openapi.yaml"), *options],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "API_URLS": json.dumps(deployment.outputs["api_urls"])},
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(report.read_text())
    assert {results["phases"][phase]["status"] for phase in PHASES} == {"success"}
    assert results["operations"]["tested"] == 4
    assert results["test_cases"]["generated"] > 200
    assert {"200", "202", "400", "404", "413", "415"} <= _statuses(lines).keys()


def _statuses(lines: Path) -> Counter[str]:
    """How often each status was answered."""
    events = map(json.loads, lines.read_text().splitlines())
    scenarios = [event["ScenarioFinished"] for event in events if "ScenarioFinished" in event]
    recorded = (scenario["recorder"].get("interactions", {}) for scenario in scenarios)  # one that is skipped has none
    interactions = chain.from_iterable(each.values() for each in recorded)
    return Counter(str(one["response"]["status_code"]) for one in interactions if one["response"])
