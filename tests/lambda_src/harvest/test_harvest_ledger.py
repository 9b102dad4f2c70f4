"""The ledger's rows and writes, on simulated DynamoDB."""

from __future__ import annotations

import random

import pytest
from botocore.exceptions import ClientError

from harvest import ledger as ledgers
from harvest import parcels, run_rows
from harvest.ledger import Ledger, NotAllPut
from harvest.parcels import Parcel, Settlement, Task, parcel_of
from harvest.run_ledger import Name, RunLedger
from harvest.run_rows import Counts, Level, Run
from shared import clock
from shared.versions import NewerVersion
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.aws.values import size_of_item

RUN = "run-1"
NOW_MS = 1_795_000_000_000


class Rig:
    """A table with a run in it; entries of its batches are refused when a test says so."""

    def __init__(self) -> None:
        self.refuse: list[set[int]] = []
        self.cloud = Cloud(lambda: NOW_MS * 1000, random.Random(1), self)
        self.table = self.cloud.dynamodb.create_table("ledger", ("run_id", "S"), ("item", "S"))
        client = self.cloud.client("dynamodb")
        self.ledger, self.runs = Ledger(client, "ledger"), RunLedger(client, "ledger")
        assert self.ledger.put_root(RUN, 0, "start", tasks=[[Task("groups")]])
        assert self.runs.create(Run(RUN, "nightly", "account", "running", NOW_MS, 1000, roots=1))

    def before(self, call: Call) -> None:
        if call.operation == "BatchWriteItem" and self.refuse:
            call.refused = dict.fromkeys(self.refuse.pop(0), "ThrottlingError")

    def after(self, call: Call, answer: object) -> None:
        pass

    def put(self, *tasks: Task, id_: str = "p") -> Parcel:
        made = parcel_of(id_, tasks)
        self.ledger.put_children(RUN, [made])
        return made

    def one(self, id_: str = "p") -> Parcel:
        return self.ledger.parcels(RUN, [id_])[id_]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(clock, "now_us", lambda: NOW_MS * 1000)
    monkeypatch.setattr(clock, "sleep", lambda seconds: None)
    return Rig()


TASKS = tuple(Task("data", ("group 7", f"host/{n}", "cpu"), attempts=n % 2) for n in range(25))


def test_a_parcel_is_read_as_it_was_put(rig: Rig) -> None:
    made = rig.put(*TASKS, Task("hosts", ("group 7",), "cursor?é"))
    assert rig.one() == made
    assert made.group == "group 7"


def test_a_row_of_25_tasks_costs_one_unit(rig: Rig) -> None:
    tasks = [Task("data", (f"group-{7:04}", f"host-{n:06}.example.com", f"metrics/{n % 5}")) for n in range(25)]
    rig.put(*tasks)
    assert rig.ledger.claim(RUN, "p", NOW_MS, NOW_MS + 9000)
    what = Settlement(["ok"] * 25, 25, object=f"run/group-{7:04}/data/{'x' * 24}-{NOW_MS}.jsonl.gz", calls=25)
    assert rig.ledger.commit(RUN, "p", NOW_MS, what)
    (row,) = [item for item in rig.table.items.values() if item["item"]["S"] == "parcel#p"]
    assert size_of_item(row) <= 1024


def test_a_later_release_leaves_its_rows_alone(rig: Rig) -> None:
    item = parcels.item_of(RUN, parcel_of("p", TASKS), 0) | {"v": {"N": str(parcels.VERSION + 1)}}
    with pytest.raises(NewerVersion):
        parcels.read(item)


def test_task_ids_tell_all_tasks_apart() -> None:
    tasks = [
        Task("hosts", ("a",)),
        Task("hosts", ("a",), "2"),
        Task("data", ("a",)),
        Task("data", ("a", "b/c")),
        Task("data", ("a", "b", "c")),
        Task("data", ("a?2",)),
        Task("data", ("a",), "2"),
    ]
    assert len({task.id for task in tasks}) == len(tasks)
    assert Task("data", ("a", "b", "c"), attempts=3).id == "data/a/b/c"


def test_packs_hold_one_level_and_group() -> None:
    tasks = [Task("data", (group, "h", str(n))) for n in range(3) for group in "ab"] + [Task("hosts", ("a",), "2")]
    packs = parcels.packed(tasks, 2)
    assert [len(pack) for pack in packs] == [2, 1, 2, 1, 1]
    assert all(len({(task.level, task.group) for task in pack}) == 1 for pack in packs)
    assert sorted(task.id for pack in packs for task in pack) == sorted(task.id for task in tasks)


def test_one_claim_at_a_time_until_its_end(rig: Rig) -> None:
    rig.put(*TASKS)
    first = rig.ledger.claim(RUN, "p", NOW_MS, NOW_MS + 5000)
    assert first is not None
    assert (first.claim, first.end, first.tries, first.tasks) == (NOW_MS, NOW_MS + 5000, 1, TASKS)
    assert rig.ledger.claim(RUN, "p", NOW_MS, NOW_MS + 6000) is None, "the same message again"
    assert rig.ledger.claim(RUN, "p", NOW_MS + 5000, NOW_MS + 9000) is None, "its end is not over"
    second = rig.ledger.claim(RUN, "p", NOW_MS + 5001, NOW_MS + 9000)
    assert second is not None
    assert second.tries == 2


def test_only_the_claim_that_holds_it_commits_and_only_once(rig: Rig) -> None:
    rig.put(*TASKS[:2])
    rig.ledger.claim(RUN, "p", NOW_MS, NOW_MS + 10)
    rig.ledger.claim(RUN, "p", NOW_MS + 11, NOW_MS + 20)
    what = Settlement(["ok", "again"], 1, ["named"], "object", 3, 1, {"5xx": 2, "none": 0})
    assert not rig.ledger.commit(RUN, "p", NOW_MS, what)
    assert not rig.one().is_settled
    assert rig.ledger.commit(RUN, "p", NOW_MS + 11, what)
    assert not rig.ledger.commit(RUN, "p", NOW_MS + 11, Settlement(["ok", "ok"]))
    assert rig.ledger.claim(RUN, "p", NOW_MS + 99, NOW_MS + 100) is None
    row = rig.one()
    assert (row.outcomes, row.object, row.calls, row.throttled, row.causes) == (
        ("ok", "again"),
        "object",
        3,
        1,
        {"5xx": 2},
    )
    assert list(row.child_ids()) == [parcels.child_id("p", NOW_MS + 11, 0), "named"]


def test_a_row_that_is_not_there_is_not_claimed(rig: Rig) -> None:
    assert rig.ledger.claim(RUN, "nobody", NOW_MS, NOW_MS + 1) is None
    assert rig.ledger.parcels(RUN, ["nobody"]) == {}


def test_children_that_were_not_taken_are_put_again(rig: Rig) -> None:
    made = [parcel_of(f"c{n}", TASKS[:1]) for n in range(30)]
    rig.refuse = [{0, 7}, {1}]
    rig.ledger.put_children(RUN, made)
    assert rig.ledger.parcels(RUN, [one.id for one in made]).keys() == {one.id for one in made}


def test_children_that_cannot_be_put_are_an_error(rig: Rig) -> None:
    rig.refuse = [{0}] * ledgers.ROUNDS
    with pytest.raises(NotAllPut):
        rig.put(*TASKS[:1])


def test_a_group_named_twice_is_put_once(rig: Rig) -> None:
    group = parcel_of(parcels.group_id("a"), [Task("hosts", ("a",))])
    rig.ledger.put_group(RUN, group)
    rig.ledger.claim(RUN, group.id, NOW_MS, NOW_MS + 5)
    rig.ledger.put_group(RUN, group)
    assert rig.one(group.id).claim == NOW_MS


def test_what_is_merged_is_remembered(rig: Rig) -> None:
    group = parcel_of(parcels.group_id("a"), [Task("hosts", ("a",))])
    rig.ledger.put_group(RUN, group)
    run, found = rig.ledger.look(RUN, [group.id, "nobody"])
    assert run is not None
    assert (run.stored, found[group.id].stored) == (False, False)
    for name in ("a", "", "unheard of"):
        rig.ledger.mark_stored(RUN, name)
    run, found = rig.ledger.look(RUN, [group.id])
    assert run is not None
    assert (run.stored, found[group.id].stored) == (True, True)
    assert rig.ledger.parcels(RUN, [parcels.group_id("unheard of")]) == {}


def test_a_run_is_read_whole(rig: Rig) -> None:
    run, found = rig.ledger.read(RUN)
    assert run == rig.runs.run(RUN) == Run(RUN, "nightly", "account", "running", NOW_MS, 1000, roots=1)
    assert list(found["root-0"].child_ids()) == [parcels.child_id("root-0", "start", 0)]
    assert found.keys() == {"root-0", *found["root-0"].child_ids()}


def counts(**levels: tuple[int, int, int, int]) -> Counts:
    return Counts({name: Level(*given) for name, given in levels.items()}, 7, 1, {"5xx": 2})


def test_counts_are_written_by_one_turn_only(rig: Rig) -> None:
    assert rig.runs.adopt(RUN, 4)
    assert not rig.runs.adopt(RUN, 3)
    assert not rig.runs.write_counts(RUN, 3, counts(), 0, 0)
    assert rig.runs.write_counts(RUN, 4, counts(data=(5, 1, 1, 1)), NOW_MS - 9, 2.5)
    run = rig.runs.run(RUN)
    assert run is not None
    assert (run.counts, run.first_call, run.recent) == (counts(data=(5, 1, 1, 1)), NOW_MS - 9, 2.5)


def test_a_run_completes_once_with_all_its_roots(rig: Rig) -> None:
    done = counts(hosts=(3, 2, 1, 0), data=(2, 2, 0, 0))
    rig.runs.adopt(RUN, 2)
    assert not rig.runs.complete(RUN, 1, 1, done), "an earlier turn"
    assert rig.runs.add_groups(RUN, "late", [parcel_of(parcels.group_id("z"), [Task("hosts", ("z",))])])
    assert not rig.runs.complete(RUN, 2, 1, done), "a root that it did not see"
    with pytest.raises(ValueError, match="expected"):
        rig.runs.complete(RUN, 2, 2, counts(data=(2, 1, 0, 0)))
    assert rig.runs.complete(RUN, 2, 2, done)
    assert not rig.runs.complete(RUN, 2, 2, done)
    run = rig.runs.run(RUN)
    assert run is not None
    assert (run.state, run.ended) == ("completed", NOW_MS)
    assert not rig.runs.add_groups(RUN, "later", []), "it is over"


def test_a_run_with_failures_is_complete_in_another_way(rig: Rig) -> None:
    assert rig.runs.adopt(RUN, 1)
    assert rig.runs.complete(RUN, 1, 1, counts(data=(2, 1, 0, 1)))
    run = rig.runs.run(RUN)
    assert run is not None
    assert run.state == "completed-with-failures"


def test_a_paused_run_does_not_complete(rig: Rig) -> None:
    rig.runs.adopt(RUN, 1)
    assert rig.runs.set_state(RUN, "paused", "", of=["running"])
    assert not rig.runs.complete(RUN, 1, 1, counts())


def test_a_root_half_added_is_finished_by_the_next(rig: Rig) -> None:
    lost, next_ = (parcel_of(parcels.group_id(name), [Task("hosts", (name,))]) for name in "yz")
    assert rig.ledger.put_root(RUN, 1, "died", [lost])
    assert rig.runs.add_groups(RUN, "next", [next_])
    run, found = rig.ledger.read(RUN)
    assert run is not None
    assert run.roots == 3
    named = [one for n in range(3) for one in found[f"root-{n}"].child_ids()]
    assert named[1:] == [lost.id, next_.id]


def test_states_lead_only_where_they_may(rig: Rig) -> None:
    assert rig.runs.stop(RUN, "no entry")
    assert not rig.runs.stop(RUN, "again")
    run = rig.runs.run(RUN)
    assert run is not None
    assert (run.state, run.reason) == ("stopped", "no entry")
    assert rig.runs.set_state(RUN, "running", "", of=["paused", "stopped"], cap=5000)
    assert rig.runs.set_rate(RUN, 2.5)
    run = rig.runs.run(RUN)
    assert run is not None
    assert (run.state, run.cap, run.rate) == ("running", 5000, 2.5)
    assert rig.runs.set_rate(RUN, None)
    assert rig.runs.set_state(RUN, "cancelled", "enough", of=["running"])
    assert not rig.runs.set_rate(RUN, 1)
    assert not rig.runs.set_rate("nobody", 1)
    run = rig.runs.run(RUN)
    assert run is not None
    assert (run.rate, run.is_over, run.ended) == (None, True, NOW_MS)


def test_a_name_has_one_last_run(rig: Rig) -> None:
    assert rig.runs.name("nightly") == (None, None)
    assert rig.runs.take_name("nightly", Name("a", None), None)
    assert not rig.runs.take_name("nightly", Name("b", None), None)
    assert rig.runs.take_name("nightly", Name("b", 5), "a")
    assert rig.runs.name("nightly") == ("b", 5)


def test_an_error_of_the_table_is_no_refusal(rig: Rig) -> None:
    broken = Ledger(rig.cloud.client("dynamodb"), "nowhere")
    with pytest.raises(ClientError):
        broken.claim(RUN, "p", 1, 2)
    with pytest.raises(ClientError):
        broken.put_children(RUN, [parcel_of("p", TASKS)])


def test_no_state_is_both_over_and_not() -> None:
    assert run_rows.OVER.isdisjoint({run_rows.RUNNING, run_rows.PAUSED, run_rows.STOPPED})
