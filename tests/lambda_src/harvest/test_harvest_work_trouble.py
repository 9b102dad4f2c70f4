"""work when it is killed, refused, stopped, or beaten by another worker: nothing is lost, little is
repeated, and nobody calls who should not.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from harvest.parcels import SETTLED, Parcel, Task
from harvest.vendor import Answer, Throttle
from harvest.vendors.monitor import Monitor
from tests.lambda_src.harvest.working import ACCOUNT, RUN, World
from tools.local_cloud.vendor.judge import repeated
from tools.simulation.aws.calls import Call
from tools.simulation.stage import Actor, Crash


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch).with_token()


def again(world: World) -> Parcel:
    """The pacer lets the parcel out again once its claim is over."""
    world.stage.now += 10_000_000
    parcel = world.read()
    world.handle(world.record(parcel, world.slots(len(parcel.tasks))), work=world.worker())
    return world.read()


STEPS = [(operation, after) for operation in ("GetItem", "PutObject", "BatchWriteItem") for after in (False, True)]


@pytest.mark.parametrize(("operation", "after"), [*STEPS, ("UpdateItem", False)])
def test_a_kill_at_any_step_repeats_one_parcels_calls_at_most(world: World, operation: str, after: bool) -> None:
    parcel = world.put(world.hosts(10))
    record = world.record(parcel, world.slots(10))
    world.kill_at = (operation, after)
    (died,) = world.handle(record)
    world.kill_at = None
    assert isinstance(died, Crash)
    assert world.read().state != SETTLED
    done = again(world)
    assert done.outcomes == ("ok",) * 10
    assert sum(repeated(world.vendor.log).values()) <= 10
    assert len(world.lines(done.object)) == 10
    children = world.children(done)
    assert len({task.id for child in children for task in child.tasks}) == sum(len(child.tasks) for child in children)


def test_a_kill_after_the_commit_repeats_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = world.put(world.hosts(3))

    def after(call: Call, answer: Any) -> None:
        if call.operation == "UpdateItem" and ":outcomes" in call.params["ExpressionAttributeValues"]:
            raise Crash

    monkeypatch.setattr(world, "after", after)
    world.handle(world.record(parcel, world.slots(3)))
    assert world.read().state == SETTLED
    monkeypatch.setattr(world, "after", lambda call, answer: None)
    again(world)
    assert repeated(world.vendor.log) == {}


def test_a_worker_that_wakes_after_its_claim_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sleeps before its object; meanwhile another one does the parcel."""
    parcel, slept = world.put(world.hosts(3)), list[Call]()

    def sleeps(call: Call) -> None:
        if call.operation == "PutObject" and not slept:
            slept.append(call)
            world.stage.pause(30_000_000)

    monkeypatch.setattr(world, "before", sleeps)
    zombie = world.record(parcel, world.slots(3))
    late = world.record(parcel, world.slots(3, lead_ms=15_000), first_ms=world.now_ms + 14_500)
    ended: list[Any] = []
    for when, worker, record in ((0, world.work, zombie), (14_600_000, world.worker(), late)):
        actor = Actor("worker", lambda w=worker, r=record: w.handle({"Records": [r]}, None))  # type: ignore[misc]
        begin = lambda a=actor: world.stage.start(a, lambda answer, died: ended.append(died or answer))  # noqa: E731
        world.stage.at(world.stage.now + when, begin)
    world.stage.run(world.stage.now + 60_000_000, lambda: len(ended) == 2)
    assert ended == [{"batchItemFailures": []}] * 2
    done, objects = world.read(), world.cloud.s3.buckets["results"]
    assert (done.tries, done.outcomes) == (2, ("ok",) * 3)
    assert done.object.endswith(f"-{done.claim}.jsonl.gz")
    assert max(objects) == done.object, "the later one's"
    assert len(objects) == 2, "the zombie's own is there, and no row names it"
    assert len(world.children(done)) == done.children > 0


def test_two_workers_of_one_message_make_one_parcels_calls(world: World) -> None:
    parcel = world.put(world.hosts(4))
    slots = world.slots(4)
    world.handle(world.record(parcel, slots), world.record(parcel, slots))
    assert len(world.vendor.log) == 4


def test_children_that_cannot_be_put_are_not_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = world.put(world.hosts(6))

    def refuse(call: Call) -> None:
        if call.operation == "BatchWriteItem":
            call.refused = {0: "ProvisionedThroughputExceededException"}

    monkeypatch.setattr(world, "before", refuse)
    assert world.handle(world.record(parcel, world.slots(6))) == [{"batchItemFailures": [{"itemIdentifier": "m"}]}]
    assert world.read().state != SETTLED
    monkeypatch.setattr(world, "before", lambda call: None)
    assert again(world).outcomes == ("ok",) * 6


def test_part_of_the_children_is_put_again_until_all_are_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel, tries = world.put(world.hosts(25)), list[int]()

    def refuse(call: Call) -> None:
        if call.operation == "BatchWriteItem":
            tries.append(call.entries)
            call.refused = (
                {1: "ProvisionedThroughputExceededException"}
                if len(tries) == 1
                else {0: "ProvisionedThroughputExceededException"}
                if len(tries) == 2
                else {}
            )

    monkeypatch.setattr(world, "before", refuse)
    world.handle(world.record(parcel, world.slots(25)))
    done = world.read()
    assert tries == [done.children, 1, 1]
    assert len(world.children(done)) == done.children


# refusals, stops


def test_nobody_calls_a_quarter_second_after_a_429_is_known(world: World) -> None:
    """Two workers, one of them is refused at its first call: the other hands back what is left."""
    world.vendor.change({"closed": [2.0, 4000.0], "latency": [0.05, 0.05], "wait": "seconds"})
    began = world.vendor.began
    first, second = world.put(world.hosts(25), "p"), world.put(world.hosts(25, "a"), "q")
    lead = (began + 1.5) * 1000 - world.now_ms
    records = [world.record(first, world.slots(25, lead, 100)), world.record(second, world.slots(25, lead + 50, 100))]
    world.handle(*records)
    known = min(seen.at for seen in world.vendor.log if seen.status == 429) + 0.05
    after = [seen.at - known for seen in world.vendor.log if seen.at > known]
    assert all(late < 0.25 for late in after), after
    refusals = [call for call in world.calls if "throttles" in call.params.get("UpdateExpression", "")]
    assert 1 <= len(refusals) <= 2, "one write a worker, however many calls were refused"
    account = world.accounts.get(ACCOUNT)
    assert account.throttles >= 1
    assert account.stops >= 1
    assert 3990 < account.until / 1000 - known < 4010, "the hour is kept by all, and not by us alone"
    for name in ("p", "q"):
        done = world.read(name)
        assert set(done.outcomes) == {"ok", "again"}
        back = [task for child in world.children(done) if not child.new for task in child.tasks]
        assert [task.attempts for task in back] == [0] * len(back), "a delay is no attempt"
        assert len(back) + done.outcomes.count("ok") == 25
        assert done.calls - done.throttled == done.outcomes.count("ok")


def test_a_parcel_of_refused_calls_is_one_write(world: World) -> None:
    world.vendor.change({"closed": [0.0, 4000.0], "latency": [0.3, 0.3]})
    parcel = world.put(world.hosts(10))
    world.handle(world.record(parcel, world.slots(10, step_ms=5)))
    assert world.read().throttled == 10
    refusals = [call for call in world.calls if "throttles" in call.params.get("UpdateExpression", "")]
    assert len(refusals) == 1


def test_a_stop_is_seen_within_a_quarter_second(world: World) -> None:
    parcel = world.put(world.hosts(25))
    record = world.record(parcel, world.slots(25, step_ms=100))
    stopped: list[float] = []

    def stop() -> None:
        world.cloud.dynamodb.table("accounts").items[(ACCOUNT,)] = {**world.account_row(), "stops": {"N": "1"}}
        stopped.append(world.stage.now / 1_000_000)

    world.stage.at(world.stage.now + 1_000_000, stop)
    world.handle(record)
    last = max(seen.at for seen in world.vendor.log)
    assert 5 <= len(world.vendor.log) < 12
    assert last - stopped[0] < 0.25
    assert world.now_ms / 1000 - stopped[0] < 0.9, "it does not wait for its slots"


def test_a_message_of_before_a_stop_is_handed_back_uncalled(world: World) -> None:
    world.accounts.stop(ACCOUNT)
    world.stage.now += 4000_000_000  # the token is over
    done = world.do(world.hosts(3), stops=0)
    assert done.outcomes == ("again",) * 3
    assert world.vendor.log == []
    assert world.vendor.tokens.granted == 1, "nor is a token fetched for it"


def test_an_account_that_cannot_be_read_lets_nobody_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table throttles, what is known grows old: no call is made by it."""
    parcel = world.put(world.hosts(25))
    record = world.record(parcel, world.slots(25, step_ms=100))
    until = world.stage.now + 1_000_000

    def throttle(call: Call) -> None:
        if call.operation == "GetItem" and world.stage.now > until:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")

    monkeypatch.setattr(world, "before", throttle)
    world.handle(record)
    assert max(seen.at for seen in world.vendor.log) < until / 1_000_000 + 0.45
    done = world.read()
    assert {"ok", "again"} == set(done.outcomes)
    assert ("account not read", "ThrottlingException") in [(text, extra.get("kind")) for text, extra in world.logged]


def test_a_refusal_that_could_not_be_told_is_told_at_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.vendor.change({"closed": [0.0, 5000.0]})
    failed: list[Call] = []

    def fail_once(call: Call) -> None:
        if call.operation == "UpdateItem" and "throttles" in call.params["UpdateExpression"] and not failed:
            failed.append(call)
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

    monkeypatch.setattr(world, "before", fail_once)
    world.do(world.hosts(1))
    assert failed
    assert world.accounts.get(ACCOUNT).until > world.now_ms + 4_000_000


def test_a_403_is_a_throttle_where_the_vendors_file_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Answer(403, {"retry-after": "7"})
    monkeypatch.setattr(world.work._calling.calls, "call", lambda request: told)
    assert world.do(world.hosts(1)).outcomes == ("failed",)
    monkeypatch.setattr(Monitor, "throttle", Throttle(frozenset({403, 429})))
    assert world.do(world.hosts(1), "q").outcomes == ("again",)
    assert 6_900 < world.accounts.get(ACCOUNT).until - world.now_ms < 7_100


def test_every_run_hears_of_its_own_since(world: World) -> None:
    task = Task("data", ("a", "a-host-00000", "cpu"))
    world.do([task])
    assert "since" not in world.vendor.log[-1].node
    item = world.cloud.dynamodb.table("ledger").items
    item[(RUN, "#run")] = {**item[(RUN, "#run")], "since": {"N": "1796000000123"}}
    world.work = world.worker()
    world.do([task], "q")
    assert world.vendor.log[-1].node.endswith("/data?since=1796000000")
