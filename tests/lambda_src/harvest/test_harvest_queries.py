"""The queries of docs/harvest/results.md, run on what the functions stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from harvest.run_rows import RUNNING, Run
from tests.lambda_src.harvest.storing import Stored
from tests.lambda_src.harvest.working import ACCOUNT, RUN
from tools.common.paths import ROOT

QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/harvest/results.md").read_text(), re.DOTALL)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stored:
    """Two runs, merged, and written to a folder `results` below the current one."""
    world = Stored(monkeypatch).harvest()
    world.runs.create(Run("run-2", "daily", ACCOUNT, RUNNING, world.now_ms, 10_000))
    world.harvest("run-2")
    for run_id in (RUN, "run-2"):
        world.complete(run_id)
        for group in ("a", "b/ü", ""):
            assert world.merge(group, run_id) == {"batchItemFailures": []}
    for key, found in world.cloud.s3.buckets["results"].items():
        path = tmp_path / "results" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.body)
    monkeypatch.chdir(tmp_path)
    return world


def asked(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return found


def test_the_documented_queries(world: Stored) -> None:
    levels, means, counts, latest = map(asked, QUERIES)
    estate = world.vendor.estate
    hosts = {group: [host.name for host in estate.all_hosts(group)] for group in ("a", "b/ü")}
    data = {(g, host, name) for g, found in hosts.items() for host in found for name in estate.data_groups(g, host)}
    assert levels == [("data", len(data), 2), ("data groups", 9, 2), ("groups", 1, 0), ("hosts", 2, 2)]
    assert {(group, name) for group, name, *_ in means} == {(group, name) for group, _, name in data}
    cpu = [point["value"] for host in hosts["a"] for point in estate.points("a", host, "cpu")]
    (found,) = [(mean, points) for group, name, mean, points in means if (group, name) == ("a", "cpu")]
    assert found == (pytest.approx(sum(cpu) / len(cpu), abs=0.001), len(cpu))
    assert counts == [
        ("data", len(data), len(data), 0, 0),
        ("data groups", 9, 9, 0, 0),
        ("groups", 1, 1, 0, 0),
        ("hosts", 2, 2, 0, 0),
    ]
    assert {tuple(path) for path, _ in latest} == data, "of two runs, each once"
