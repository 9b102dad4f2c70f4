"""The proof of a run finds what does not add up."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from harvest.ledger import Ledger
from harvest.parcels import Parcel, Task, child_id
from harvest.proof import Proof, prove, summed
from harvest.run_rows import Counts, Level, Run
from tools.simulation.aws.cloud import Cloud

CHILD = child_id("root-0", "k", 0)
ROOT = Parcel("root-0", (), state="settled", key="k", children=1)
DONE = Parcel(
    CHILD,
    (Task("data", ("a", "h")), Task("data", ("a", "i"))),
    state="settled",
    claim=5,
    outcomes=("ok", "again"),
    key="5",
    children=1,
    object="o1",
    calls=2,
    level="data",
    group="a",
)
REST = replace(
    DONE,
    id=child_id(CHILD, 5, 0),
    tasks=DONE.tasks[1:],
    new=False,
    outcomes=("gone",),
    children=0,
    object="o2",
    calls=1,
    throttled=1,
)
RUN = Run(
    "r", "n", "acme", "completed", 1, 100, roots=1, counts=Counts({"data": Level(2, 1, 1, 0)}, 3, 1, {"http-503": 1})
)


def of(*rows: Parcel, run: Run = RUN) -> Proof:
    return summed(run, {row.id: row for row in rows})


def test_a_tree_that_adds_up_is_complete() -> None:
    orphan = replace(REST, id=child_id(CHILD, 4, 0))
    made = of(ROOT, DONE, REST, orphan)
    assert made.is_complete
    assert (made.counts.of("data"), made.parcels, made.orphans) == (Level(2, 1, 1, 0), 3, 1)
    assert (made.objects, made.counts.calls, made.counts.throttled) == (["o1", "o2"], 3, 1)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((ROOT, DONE), "is not there"),
        ((ROOT, DONE, replace(REST, outcomes=("ok",))), "counts otherwise"),
        ((ROOT, DONE, replace(REST, tasks=DONE.tasks, outcomes=("ok", "gone"))), "settled 2 times"),
        ((ROOT, replace(DONE, outcomes=("ok",)), REST), "an outcome for each"),
    ],
)
def test_what_does_not_add_up_is_named(rows: tuple[Parcel, ...], says: str) -> None:
    made = of(*rows)
    assert not made.is_complete
    assert any(says in problem for problem in made.problems), made.problems


def test_a_run_under_way_is_not_complete_and_no_problem() -> None:
    run = replace(RUN, state="running", counts=Counts())
    made = of(ROOT, DONE, replace(REST, state="open", outcomes=()), run=run)
    assert (made.problems, made.still_open, made.is_complete) == ([], 1, False)


def test_there_is_no_proof_of_no_run() -> None:
    cloud = Cloud(lambda: 1, random.Random(1))
    cloud.dynamodb.create_table("ledger", ("run_id", "S"), ("item", "S"))
    assert prove(Ledger(cloud.client("dynamodb"), "ledger"), "nobody") is None
