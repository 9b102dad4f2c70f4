"""No input of a stranger's costs a function more than twenty times what a good one of 500 ballots
does, or more than 64 MiB.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.support.plan import ROOT

MOST_TIMES, MOST_MIB = 20, 64
Costs = dict[str, dict[str, list[float]]]


@pytest.fixture(scope="module")
def costs() -> Costs:
    """What each input costs, measured in processes of their own."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.dear"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'lambda_src'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    found: Costs = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("function", ["receive", "process", "write", "tally", "results"])
def test_nothing_costs_twenty_times_a_good_one_or_64_mebibytes(costs: Costs, function: str) -> None:
    assert len(costs[function]) >= (1 if function == "results" else 30)
    dear = {name: cost for name, cost in costs[function].items() if cost[0] > MOST_TIMES or cost[1] > MOST_MIB}
    assert dear == {}, f"{function}: [times a good one's CPU, MiB more]"
