"""work: what one parcel comes to. Each rule of the protocol is one test."""

from __future__ import annotations

import pytest

from harvest.parcels import SETTLED, Task, child_id, group_id, parcel_of
from harvest.vendors import monitor
from tests.lambda_src.harvest.working import RUN, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch).with_token()


def test_a_parcel_is_called_at_its_slots_stored_in_one_object_and_committed(world: World) -> None:
    tasks, parcel = world.hosts(5), world.put(world.hosts(5))
    slots = world.slots(5)
    assert world.handle(world.record(parcel, slots)) == [{"batchItemFailures": []}]
    late = [arrived - slot for arrived, slot in zip(world.arrivals_ms(), slots, strict=True)]
    assert all(0 <= one < 10 for one in late), late
    done = world.read()
    assert (done.state, done.outcomes, done.calls, done.tries) == (SETTLED, ("ok",) * 5, 5, 1)
    assert done.object == f"parcels/run={RUN}/group=a/p-{int(slots[0])}.jsonl.gz"
    lines = world.lines(done.object)
    assert [line["path"] for line in lines] == [list(task.path) for task in tasks]
    assert lines[0]["answer"]["data_groups"][0] == {"name": "cpu"}
    assert abs(lines[0]["called_ms"] - slots[0]) < 10
    children = world.children(done)
    assert [child.id for child in children] == [child_id("p", int(slots[0]), n) for n in range(len(children))]
    wanted = {("data", (*task.path, name)) for task in tasks for name in world.vendor.estate.data_groups(*task.path)}
    assert {(task.level, task.path) for child in children for task in child.tasks} == wanted
    assert all(child.new and not child.after for child in children)


def test_calls_are_side_by_side(world: World) -> None:
    """25 calls of up to 300 ms, 20 ms apart, take less than a second."""
    began = world.now_ms
    world.do(world.hosts(25))
    assert world.now_ms - began < 200 + 25 * 20 + 300 + 200


def test_one_object_and_few_writes_a_parcel(world: World) -> None:
    world.do(world.hosts(25))
    counts = dict.fromkeys(("PutObject", "UpdateItem", "BatchWriteItem", "PutItem", "SendMessage"), 0)
    for call in world.calls:
        counts[call.operation] = counts.get(call.operation, 0) + 1
    children = world.read().children
    assert counts["PutObject"] == 1
    assert counts["UpdateItem"] == 3, "claim, commit, and once a token that it is good"
    assert counts["BatchWriteItem"] == 1 + 1, "the test's own, and one for all children"
    assert children == -(-sum(len(child.tasks) for child in world.children(world.read())) // 25)


def test_groups_are_parcels_of_their_names(world: World) -> None:
    world.vendor.change({"groups": {"a": 1, "b/ü": 1}})
    done = world.do([Task("groups")], "root-listing")
    assert done.named == (group_id("a"), group_id("b/ü"))
    assert world.ledger.parcels(RUN, done.named)[group_id("b/ü")].tasks == (Task("hosts", ("b/ü",)),)
    assert done.children == 0


def test_a_group_that_was_named_before_is_left_as_it_is(world: World) -> None:
    world.do([Task("groups")], "one")
    (group,) = world.read("one").named
    world.ledger.claim(RUN, group, world.now_ms, world.now_ms + 1)
    world.do([Task("groups")], "two")
    assert world.read("two").named == (group,)
    assert world.read(group).tries == 1, "its row was not written again"


def test_what_is_gone_is_an_outcome(world: World) -> None:
    done = world.do([Task("data groups", ("a", "nobody")), Task("data groups", ("a", "a-host-00001"))])
    assert done.outcomes == ("gone", "ok")
    assert done.causes == {"http-404": 1}
    assert len(world.lines(done.object)) == 1


def test_what_fails_is_tried_again_later_and_not_for_ever(world: World) -> None:
    world.vendor.change({"errors": 1.0})
    done = world.do(world.hosts(3))
    assert (done.outcomes, done.causes) == (("again",) * 3, {"http-503": 3})
    (child,) = world.children(done)
    assert [task.attempts for task in child.tasks] == [1, 1, 1]
    assert not child.new
    assert 300 < child.after - world.now_ms < 1100
    done = world.do(list(child.tasks), "q")
    (child,) = world.children(done)
    assert 800 < child.after - world.now_ms < 2100, "longer each time"
    done = world.do(list(child.tasks), "r")
    assert (done.outcomes, done.children) == (("failed",) * 3, 0)
    assert len(world.quarantined()) == 3
    assert len(world.cloud.s3.buckets["quarantine"]) == 3, "each alone"
    assert done.object == ""


def test_a_call_that_takes_too_long_is_tried_again(world: World) -> None:
    world.vendor.change({"slow": 1.0})
    done = world.do(world.hosts(2))
    assert (done.outcomes, done.causes) == (("again", "again"), {"timeout": 2})


def test_an_error_within_an_answer_is_tried_again(world: World) -> None:
    world.vendor.change({"errors_in_ok": 1.0})
    done = world.do(world.hosts(2))
    assert (done.outcomes, done.causes) == (("again", "again"), {"error-in-answer": 2})
    assert done.object == "", "it is no answer to keep"


def test_an_answer_that_cannot_be_read_fails_alone_and_is_quarantined(world: World) -> None:
    world.vendor.change({"poison": ["cpu"]})
    tasks = [Task("data", ("a", "a-host-00000", name)) for name in world.vendor.estate.data_groups("a", "a-host-00000")]
    assert len(tasks) > 1
    done = world.do(tasks)
    assert done.outcomes == ("failed", *["ok"] * (len(tasks) - 1))
    (line,) = world.quarantined()
    assert (line["reason"], line["run_id"], line["claim"]) == ("unreadable", RUN, int(done.key or done.claim))
    assert line["task"] == {"level": "data", "path": ["a", "a-host-00000", "cpu"], "page": ""}
    assert line["detail"] == '{"points": ['


def test_a_task_that_the_vendors_file_stumbles_over_fails_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = world.work._calling.vendor.judge

    def stumble(task: Task, *rest: object) -> object:
        if task.path[1].endswith("1"):
            raise ZeroDivisionError
        return judge(task, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(world.work._calling.vendor), "judge", lambda self, *given: stumble(*given))
    done = world.do(world.hosts(3))
    assert done.outcomes == ("ok", "failed", "ok")
    assert done.causes == {"unforeseen": 1}


def test_a_settled_parcel_and_one_that_is_claimed_are_left_alone(world: World) -> None:
    parcel = world.put(world.hosts(2))
    world.ledger.claim(RUN, "p", world.now_ms, world.now_ms + 60_000)
    world.handle(world.record(parcel, world.slots(2)))
    assert world.vendor.log == []
    world.do(world.hosts(2), "q")
    calls = len(world.vendor.log)
    world.handle(world.record(world.read("q"), world.slots(2)))
    assert len(world.vendor.log) == calls


def test_a_message_that_comes_again_calls_nothing(world: World) -> None:
    parcel = world.put(world.hosts(2))
    assert world.handle(world.record(parcel, world.slots(2), receives=2)) == [{"batchItemFailures": []}]
    assert world.vendor.log == []
    assert world.read().tries == 0


@pytest.mark.parametrize("skew_ms", [-5000, -200, 3200, 5000])
def test_a_worker_whose_clock_is_wrong_uses_no_slot(world: World, skew_ms: int) -> None:
    parcel = world.put(world.hosts(2))
    record = world.record(parcel, world.slots(2, lead_ms=8000))
    world.skew_us = skew_ms * 1000
    assert world.handle(record) == [{"batchItemFailures": []}]
    assert world.vendor.log == []
    assert world.read().tries == 0


def test_a_message_whose_slots_are_past_is_dropped_unclaimed(world: World) -> None:
    parcel = world.put(world.hosts(2))
    world.handle(world.record(parcel, world.slots(2, lead_ms=-200)))
    assert world.vendor.log == []
    assert world.read().tries == 0


def test_slots_that_are_late_are_not_used_and_those_that_are_not_are(world: World) -> None:
    parcel = world.put(world.hosts(4))
    slots = world.slots(4, lead_ms=-150, step_ms=100)  # two are past, the third is 50 ms ahead
    world.handle(world.record(parcel, slots))
    done = world.read()
    assert done.outcomes == ("again", "again", "ok", "ok")
    back = [child for child in world.children(done) if not child.new]
    assert [(task.path[1], task.attempts) for child in back for task in child.tasks] == [
        ("a-host-00000", 0),
        ("a-host-00001", 0),
    ]
    assert back[0].after == 0, "at once"


def test_tasks_without_a_slot_are_handed_back(world: World) -> None:
    parcel = world.put(world.hosts(5))
    world.handle(world.record(parcel, world.slots(3)))
    assert world.read().outcomes == ("ok", "ok", "ok", "again", "again")


def test_the_silent_pacer_is_woken_and_one_that_is_heard_of_is_not(world: World) -> None:
    world.accounts.add_run("acme", RUN)
    seen = world.accounts.take_turn(world.accounts.get("acme"), world.now_ms)
    assert seen is not None
    world.do(world.hosts(1), "p")
    turns = world.cloud.sqs.queues["turn.fifo"]
    assert len(turns.messages) == 0
    world.stage.now += 4_000_000
    world.do(world.hosts(1), "q")
    assert [message.body for message in turns.messages.values()] == ['{"account":"acme","turn":2,"v":1}']


def test_a_message_that_is_none_of_ours_fails(world: World) -> None:
    record = world.record(world.put(world.hosts(1)), world.slots(1))
    for body in ("", "{}", '{"v":1,"run_id":"r","parcel":"p","slots":[],"stops":0}', '{"v":2}'):
        assert world.handle(record | {"body": body}) == [{"batchItemFailures": [{"itemIdentifier": "m"}]}]
    assert world.vendor.log == []


def test_a_listing_that_moves_is_made_anew_and_nobody_is_a_task_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six hosts vanish between two pages of five: more than the overlap of three shows."""
    monkeypatch.setattr(monitor, "HOSTS_A_PAGE", 5)
    hosts = [host.name for host in world.vendor.estate.all_hosts("a")]
    parcel, heard = parcel_of(group_id("a"), [Task("hosts", ("a",))]), list[str]()
    world.ledger.put_group(RUN, parcel)
    waiting, pages = [parcel.id], 0
    while waiting:
        some = world.ledger.parcels(RUN, [waiting[0]])[waiting.pop(0)]
        if some.level == "data groups":
            heard += [task.path[1] for task in some.tasks]
            continue
        assert world.handle(world.record(some, world.slots(1))) == [{"batchItemFailures": []}]
        waiting += list(world.read(some.id).child_ids())
        pages += 1
        if pages == 3:
            del world.vendor.estate.all_hosts("a")[:6]
    assert len(heard) == len(set(heard))
    assert set(heard) == set(hosts), "those that vanished were heard of before"
