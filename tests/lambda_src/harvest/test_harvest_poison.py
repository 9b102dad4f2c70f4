"""Two pacers that split the same parcel, the first of which wakes late."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from harvest import parcels
from harvest.ledger import Ledger
from harvest.parcels import Parcel, Settlement, Task, parcel_of
from harvest.poison import Poison
from shared import logs
from tools.simulation.aws.cloud import Cloud

RUN, NOW_US = "run-1", 1_796_007_600_000_000


def _pacer(ledger: Ledger, parcel: Parcel) -> tuple[Poison, Any]:
    frontier = SimpleNamespace(poisoned=[parcel], run=SimpleNamespace(run_id=RUN), look_again=lambda parcel: None)
    return Poison(ledger, SimpleNamespace(put=lambda *about: "")), frontier


def test_a_pacer_that_wakes_late_puts_no_row_that_another_has_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "logger", lambda: SimpleNamespace(warning=lambda *said, **more: None))
    cloud = Cloud(lambda: NOW_US, random.Random(1))
    cloud.dynamodb.create_table("ledger", ("run_id", "S"), ("item", "S"))
    ledger = Ledger(cloud.client("dynamodb"), "ledger")
    tasks = [Task("data", ("a", "h", name)) for name in ("cpu", "disk")]
    ledger.put_children(RUN, [parcel_of("p", tasks)])
    poisoned = ledger.claim(RUN, "p", 1_000, 2_000)
    assert poisoned is not None
    sleeper, second = _pacer(ledger, poisoned), _pacer(ledger, poisoned)
    second[0].treat(second[1], turn=2)
    first, last = ledger.parcels(RUN, ["p"])["p"].child_ids()
    assert ledger.claim(RUN, first, 5_000, 6_000) is not None
    assert ledger.commit(RUN, first, 5_000, Settlement(["ok"], calls=1))
    sleeper[0].treat(sleeper[1], turn=1)
    found = ledger.parcels(RUN, ["p", first, last])
    assert found[first].is_settled, "it is not called again"
    assert list(found["p"].child_ids()) == [first, last]
    assert found["p"].key == f"{parcels.SPLIT}-2"
