"""The proof that a run is complete: its tree, summed again from the rows alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harvest import parcels, run_rows
from harvest.ledger import Ledger
from harvest.parcels import Parcel
from harvest.run_rows import Counts, Run


@dataclass
class Proof:
    """What the rows of a run add up to. `problems` are for people; none, and the counts agree.

    `objects` hold the answers, one a settled parcel; `orphans` are rows that no commit names:
    their worker died, or came too late.
    """

    run: Run
    counts: Counts = field(default_factory=Counts)
    parcels: int = 0
    still_open: int = 0
    orphans: int = 0
    objects: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every task that the tree names is settled once, as the run's row says."""
        return not self.problems and not self.still_open and self.counts.agree


def prove(ledger: Ledger, run_id: str) -> Proof | None:
    """Sum a run's tree; None when there is no such run."""
    run, rows = ledger.read(run_id)
    return summed(run, rows) if run is not None else None


def summed(run: Run, rows: Mapping[str, Parcel]) -> Proof:
    """Walk from the roots through what was committed, and add up."""
    proof = Proof(run)
    ends, seen = Counter[str](), set[str]()
    for id_, parcel in committed(run, rows):
        seen.add(id_)
        if parcel is None:
            proof.problems.append(f"parcel {id_} is named by a commit and is not there")
        else:
            _add(proof, parcel, ends)
    proof.parcels, proof.orphans = len(seen), len(rows.keys() - seen)
    proof.problems += [f"{task} was settled {n} times" for task, n in ends.items() if n > 1]
    is_complete = run.state in (run_rows.COMPLETED, run_rows.WITH_FAILURES)
    if is_complete and run.counts.levels != proof.counts.levels:
        proof.problems.append("the run's row counts otherwise than its parcels")
    return proof


def committed(run: Run, rows: Mapping[str, Parcel]) -> Iterator[tuple[str, Parcel | None]]:
    """The ids of the roots and of all that commits name, each once; None where no row is there."""
    todo, seen = [parcels.root_id(index) for index in range(run.roots)], set[str]()
    while todo:
        id_ = todo.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        parcel = rows.get(id_)
        yield id_, parcel
        if parcel is not None:
            todo += parcel.child_ids()


def _add(proof: Proof, parcel: Parcel, ends: Counter[str]) -> None:
    counts = proof.counts
    if parcel.tasks and parcel.new:
        counts.of(parcel.level).expected += len(parcel.tasks)
    if not parcel.is_settled:
        proof.still_open += 1
        return
    if len(parcel.outcomes) != len(parcel.tasks):
        proof.problems.append(f"parcel {parcel.id} has not an outcome for each of its tasks")
    for task, outcome in zip(parcel.tasks, parcel.outcomes, strict=False):
        if outcome != "again":
            counts.of(parcel.level).add(outcome)
            ends[task.id] += 1
    counts.calls += parcel.calls
    counts.throttled += parcel.throttled
    if parcel.object:
        proof.objects.append(parcel.object)
