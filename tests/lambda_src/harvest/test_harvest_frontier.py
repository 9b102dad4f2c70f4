"""What the pacer takes for progress: a parcel that was handed back uncalled is none. And what it
knows after a look that could not read all.
"""

import pytest

from harvest import parcels, run_rows
from harvest.frontier import Frontier
from harvest.parcels import Outcome, Parcel, Task, child_id, root_id
from harvest.run_rows import Run
from harvest.settings import Pacing
from shared.dynamo import Throttled

RUN = Run("run-1", "daily", "acme", run_rows.RUNNING, 1, 10_000, roots=1)
TASK = Task("data", ("a", "h", "cpu"))


@pytest.mark.parametrize(
    ("outcome", "calls", "progress"),
    [("again", 0, 0), ("again", 1, 1), ("ok", 1, 1), ("gone", 1, 1), ("failed", 0, 1)],
)
def test_only_what_was_called_or_ended_is_progress(outcome: Outcome, calls: int, progress: int) -> None:
    """Else workers without a token hand back for ever, and no turn is idle."""
    first = Parcel(child_id(root_id(0), "k", 0), (TASK,), level="data", group="a")
    root = Parcel(root_id(0), (), state=parcels.SETTLED, key="k", children=1)
    frontier = Frontier(RUN, Pacing())
    frontier.look(RUN, {root.id: root, first.id: first}, lambda ids: {}, 1_000)
    settled = Parcel(
        first.id, (TASK,), state=parcels.SETTLED, outcomes=(outcome,), calls=calls, level="data", group="a"
    )
    frontier.let_out(first, [2_000.0])
    frontier.look(RUN, {settled.id: settled}, lambda ids: {}, 3_000)
    assert frontier.newly_settled == progress


def test_children_that_could_not_be_read_are_read_by_the_next_look() -> None:
    """Else their parent is settled, nobody waits, and the run is complete without them."""
    root = Parcel(root_id(0), (), state=parcels.SETTLED, key="k", children=1)
    first = Parcel(child_id(root.id, "k", 0), (TASK,), level="data", group="a")
    frontier = Frontier(RUN, Pacing())
    frontier.look(RUN, {root.id: root, first.id: first}, lambda ids: {}, 1_000)
    settled = Parcel(
        first.id, (TASK,), state=parcels.SETTLED, outcomes=("ok",), key="c", children=1, level="data", group="a"
    )
    child = Parcel(child_id(first.id, "c", 0), (Task("data", ("a", "h", "disk")),), level="data", group="a")
    frontier.let_out(first, [2_000.0])

    def throttled(ids: list[str]) -> dict[str, Parcel]:
        raise Throttled("ledger: busy")

    with pytest.raises(Throttled):
        frontier.look(RUN, {first.id: settled}, throttled, 3_000)
    assert not frontier.is_done
    assert not frontier.finished
    frontier.look(RUN, {}, lambda ids: {child.id: child} if ids == [child.id] else {}, 3_500)
    assert not frontier.is_done
    assert frontier.counts.expected == 2
    frontier.let_out(child, [4_000.0])
    over = Parcel(child.id, child.tasks, state=parcels.SETTLED, outcomes=("ok",), level="data", group="a")
    frontier.look(RUN, {child.id: over}, lambda ids: {}, 5_000)
    assert frontier.is_done
    assert frontier.finished == {"a"}
    assert frontier.newly_settled == 2
