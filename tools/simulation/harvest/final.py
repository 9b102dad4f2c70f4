"""What must be so when a history is over, whatever happened in it."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harvest import results, run_rows
from harvest.parcels import Task
from harvest.run_rows import COMPLETED, WITH_FAILURES
from tools.local_cloud.vendor.estate import ALWAYS
from tools.simulation.broken import Broken
from tools.simulation.harvest import deployed
from tools.simulation.harvest.deployed import MOST_TASKS
from tools.simulation.harvest.people import LATE

if TYPE_CHECKING:
    from tools.simulation.harvest.checker import Known
    from tools.simulation.harvest.world import World

Json = dict[str, Any]


def check_end(world: "World") -> None:
    """Raises Broken."""
    for run_id, run in world.checker.runs.items():
        if run.state not in run_rows.OVER:
            raise Broken("over", f"run {run_id} is {run.state} in the end")
        proof = world.proof(run_id)
        if proof.problems:
            raise Broken("proof", f"run {run_id}: {proof.problems}")
        if run.state in (COMPLETED, WITH_FAILURES):
            if not proof.is_complete or run.completed != 1:
                raise Broken("completed", f"run {run_id} was completed {run.completed} times; open {proof.still_open}")
            _nothing_lost(world, run_id, run)
            _results(world, run_id, run)
            _put_away(world, run_id, run)
    _repeated(world)


def _nothing_lost(world: "World", run_id: str, run: "Known") -> None:
    """Whatever the vendor had all the time is settled, unless what lists it has failed."""
    settled = run.settled
    for group in _groups(world, run_id, run):
        listing = Task("hosts", (group,))
        pages = [outcome for task, outcome in settled.items() if task.split("?")[0] == listing.id]
        if not pages:
            raise Broken("lost", f"group {group} of run {run_id} was never listed")
        if "failed" in pages:
            continue
        born = world.vendor.estate.born[group]
        for host in world.vendor.estate.all_hosts(group):
            if host.gone == ALWAYS and host.born <= born:
                _host(world, settled, Task("data groups", (group, host.name)))


def _groups(world: "World", run_id: str, run: "Known") -> list[str]:
    """The groups that a run is to have: those given, and those listed unless a page failed."""
    given = [task.removeprefix("hosts/").split("?")[0] for task in run.settled if task.startswith("hosts/")]
    pages = [outcome for task, outcome in run.settled.items() if task.split("?")[0] == "groups"]
    if not pages or "failed" in pages:
        return list(dict.fromkeys(given))
    listed = [f"g{number}" for number in range(len(world.plan.vendor.groups))]
    added = [LATE] if run_id in world.people.added_to else []
    return list(dict.fromkeys([*listed, *given, *added]))


def _host(world: "World", settled: dict[str, str], listing: Task) -> None:
    outcome = settled.get(listing.id)
    if outcome is None or outcome == "gone":
        raise Broken("lost", f"{listing.id} was there all the time, and is {outcome or 'settled nowhere'}")
    if outcome == "ok":
        for name in world.vendor.estate.data_groups(*listing.path):
            task = Task("data", (*listing.path, name))
            if settled.get(task.id) not in ("ok", "failed"):
                raise Broken("lost", f"{task.id} was there all the time, and is {settled.get(task.id)}")


def _results(world: "World", run_id: str, run: "Known") -> None:
    """Each answer of a completed run is in its merged objects, once."""
    bucket = world.cloud.s3.buckets[deployed.RESULTS]
    key = results.run_key(run_id)
    if key not in bucket:
        raise Broken("results", f"run {run_id} has no manifest")
    manifest = json.loads(bucket[key].body)
    found = Counter(_named(line) for held in manifest["objects"] for line in _lines(bucket[held["key"]].body))
    right = Counter(task for task, outcome in run.settled.items() if outcome == "ok")
    if found != right:
        raise Broken("results", f"run {run_id} lacks {list(right - found)[:3]}, has more of {list(found - right)[:3]}")
    counts: Counter[str] = Counter()
    for level in manifest["counts"].values():
        counts.update(level)
    if counts["expected"] != len(run.settled) or counts["ok"] != right.total():
        raise Broken("results", f"the manifest of {run_id} counts {dict(counts)}, where {len(run.settled)} are settled")


def _lines(body: bytes) -> Iterator[Json]:
    return (json.loads(line) for line in gzip.decompress(body).splitlines())


def _named(line: Json) -> str:
    return Task(line["level"], tuple(line["path"]), line["page"]).id


def _put_away(world: "World", run_id: str, run: "Known") -> None:
    """Each task that failed lies in quarantine, alone."""
    held = [json.loads(one.body) for one in world.cloud.s3.buckets[deployed.QUARANTINE].values()]
    there = {_named(one["task"]) for one in held if one["run_id"] == run_id}
    if missing := [task for task, outcome in run.settled.items() if outcome == "failed" and task not in there]:
        raise Broken("quarantine", f"{missing[:3]} of run {run_id} failed and are not there")


def _repeated(world: "World") -> None:
    """A finished call is repeated by nobody but those who were broken: a parcel's for each."""
    runs = world.checker.runs.values()
    repeated = sum(sum(run.right.values()) - len(run.right) for run in runs)
    if repeated > MOST_TASKS * world.checker.thrown_away:
        raise Broken("repeated", f"{repeated} calls were repeated, and {world.checker.thrown_away} workers broken")
