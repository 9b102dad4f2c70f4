"""An import on the local cloud: old ratings with half points, counted once and in their order."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tools.operations.deployment import Deployment
from tools.operations.votes import import_ballots, import_state
from tools.operations.votes.import_ballots import Options
from tools.traffic.client import Client
from tools.traffic.votes import api

HALVES = "0.5=1,1=1,1.5=2,2=2,2.5=3,3=3,3.5=4,4=4,4.5=5,5=5"
# the last three are one voter's, the latest not last; and one that no scale has
ROWS = """userId,movieId,rating,timestamp
1,imported-a,3.5,1112486027
2,imported-a,0.5,1112484676
3,imported-a,5.0,1433160000
3,imported-a,2.0,1112484819
4,imported-a,7.5,1112484819
"""


def test_years_of_ratings_are_counted_once(
    deployment: Deployment, drained: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_state, "BUILD", tmp_path)
    file = tmp_path / "ratings.csv"
    file.write_text(ROWS)
    columns = "voter_id=userId,title_id=movieId,overall=rating,cast_at=timestamp"
    options = Options(str(file), "2000-01-01", columns, HALVES, "seconds", confirm=True)
    for _ in range(2):
        console = Console(width=200, file=io.StringIO())
        assert import_ballots.run(deployment, console, options) == 0
        assert "5 rows: 4 ballots" in console.file.getvalue()  # type: ignore[attr-defined]
        drained()
        client = Client(deployment.outputs["api_url"])
        found = api.results(client, "imported-a")
        client.close()
        assert found is not None
        assert found["voters"] == 3
        assert found["aspects"]["overall"]["histogram"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1}
