"""The vendor's token: one for the fleet, made anew in time, and a person asked only when it must
be.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harvest.mending import Mending
from harvest.run_rows import RUNNING, STOPPED, Run
from harvest.settings import Pacing, StartSettings, Vendor
from harvest.start import Start
from harvest.token import Tokens
from harvest.vendor import Answer
from harvest.vendors.monitor import Monitor
from tests.lambda_src.harvest.working import ACCOUNT, RUN, World
from tools.simulation.aws.calls import Call
from tools.simulation.stage import Actor, Crash


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch, token_seconds=60)


def tokens(world: World) -> Tokens:
    return world.work._calling.tokens


def secret(world: World) -> Any:
    return json.loads(world.secrets.get_secret_value(SecretId=world.secret)["SecretString"])


def act(world: World, *acts: Any) -> list[Any]:
    """Have these done all at once, each by a worker of its own: what they came to."""
    ended: dict[int, Any] = {}
    for number, one in enumerate(acts):
        actor = Actor(f"act-{number}", one)
        world.stage.start(actor, lambda answer, died, n=number: ended.__setitem__(n, died or answer))  # type: ignore[misc]
    world.stage.run(world.stage.now + 100_000_000, lambda: len(ended) == len(acts))
    return [ended[number] for number in range(len(acts))]


def current(world: World) -> Any:
    worker = world.worker()._calling.tokens
    return lambda: worker.current(worker.state())


def test_the_first_token_is_fetched_once_for_the_fleet(world: World) -> None:
    came = act(world, *(current(world) for _ in range(5)))
    assert sum(type(one).__name__ == "Token" for one in came) == 1
    assert sum(type(one).__name__ == "NoToken" for one in came) == 4, "they hand their tasks back"
    assert world.vendor.tokens.granted == 1
    assert len({one.value for one in act(world, *(current(world) for _ in range(5)))}) == 1
    assert world.vendor.tokens.granted == 1


def test_its_value_is_in_the_secret_alone(world: World) -> None:
    (token,) = act(world, current(world))
    held = secret(world)
    assert (held["access_token"], held["generation"]) == (token.value, 1)
    assert held["client_secret"] == "s3cret", "what was there is kept"
    for value in (token.value, held["refresh_token"], "s3cret"):
        assert value not in repr(world.account_row())
        assert value not in repr(token)
        assert value not in repr(world.logged)


def test_it_is_made_anew_at_half_its_life_once_for_the_fleet(world: World) -> None:
    act(world, current(world))
    states = [world.worker()._calling.tokens for _ in range(4)]
    act(world, *(lambda one=one: one.refresh_in_time(one.state()) for one in states))
    assert world.vendor.tokens.granted == 1, "not before"
    world.stage.now += 31_000_000
    act(world, *(lambda one=one: one.refresh_in_time(one.state()) for one in states))
    assert world.vendor.tokens.granted == 2
    (token,) = act(world, current(world))
    assert token.generation == 2
    assert world.vendor.tokens.reused == 0, "no refresh token was used twice"


def test_parcels_go_on_through_many_lives_of_it_and_none_is_refused(world: World) -> None:
    """A token of 60 s in a run of 300 s."""
    for number in range(60):
        world.do(world.hosts(3), f"p{number}")
        world.stage.now += 4_000_000
    statuses = {seen.status for seen in world.vendor.log}
    assert statuses == {200}
    assert 8 <= world.vendor.tokens.granted <= 12
    assert sum(len(world.read(f"p{n}").outcomes) for n in range(1, 60)) == 177


def test_a_revoked_token_is_fetched_anew_once_and_the_tasks_are_tried_again(world: World) -> None:
    world.do(world.hosts(3))
    world.vendor.tokens.revoke()
    done = world.do(world.hosts(25), "q")
    assert set(done.outcomes) == {"again"}
    assert len(world.vendor.log) < 3 + 20, "the rest of the parcel is not called with it"
    back = [task for child in world.children(done) for task in child.tasks]
    assert [task.attempts for task in back] == [0] * 25
    assert world.do(back, "r").outcomes == ("ok",) * 25
    assert world.vendor.tokens.granted == 2
    assert world.runs.run(RUN).state == RUNNING  # type: ignore[union-attr]


def test_a_fleet_that_is_refused_fetches_one(world: World) -> None:
    world.do(world.hosts(1))
    held = tokens(world).current(tokens(world).state())
    world.vendor.tokens.revoke()
    workers = [world.worker()._calling.tokens for _ in range(5)]
    act(world, *(lambda one=one: one.refused(held) for one in workers))
    assert world.vendor.tokens.granted == 2
    late = [world.worker()._calling.tokens for _ in range(3)]
    for one in late:
        assert act(world, lambda one=one: one.refused(held)) == [None], "it was made anew already"
    assert world.vendor.tokens.granted == 2


def test_a_token_that_was_answered_may_end_early_again_and_again(world: World) -> None:
    """The vendor revokes each of them long before its time: none is refused from the first."""
    for number in range(5):
        assert world.do(world.hosts(2), f"right-{number}").outcomes == ("ok", "ok")
        world.vendor.tokens.revoke()
        assert set(world.do(world.hosts(2), f"refused-{number}").outcomes) == {"again"}
    assert world.runs.run(RUN).state == RUNNING  # type: ignore[union-attr]
    assert world.vendor.tokens.granted == 6


def test_refused_twice_the_run_stops_with_one_message_and_resumes_when_mended(world: World) -> None:
    world.do(world.hosts(1))
    refuse = Answer(401)
    call = world.work._calling.calls.call
    calls = world.work._calling.calls
    calls.call = lambda request: call(request) if request.method == "POST" else refuse  # type: ignore[method-assign]
    world.do(world.hosts(2), "q")
    assert world.runs.run(RUN).state == RUNNING, "once: it is made anew"  # type: ignore[union-attr]
    world.do(world.hosts(2), "r")
    run = world.runs.run(RUN)
    assert run is not None
    assert (run.state, "mend the vendor's secret" in run.reason) == (STOPPED, True)
    for name in "stuv":  # parcels that were out meanwhile: refused for good once more
        world.do(world.hosts(2), name)
    said = [extra for text, extra in world.logged if text == "failed"]
    assert len(said) == 1
    calls.call = call  # type: ignore[method-assign]
    world.runs.set_state(RUN, RUNNING, "", of=[STOPPED])
    assert world.do(world.hosts(2), "w").outcomes == ("ok", "ok")


def test_a_secret_that_is_refused_stops_the_run_and_a_mended_one_is_seen(world: World) -> None:
    world.vendor.tokens.set_secret("another")
    assert world.do(world.hosts(2)).outcomes == ("again", "again")
    run = world.runs.run(RUN)
    assert run is not None
    assert (run.state, "refuses the secret" in run.reason) == (STOPPED, True)
    assert world.vendor.log == [], "nothing was called without a token"
    mending = Mending(world.dynamodb, world.secrets, "accounts", ACCOUNT, world.secret)
    assert mending.is_about(run.reason)
    assert not mending.is_mended()
    mended = json.dumps({"client_id": "sluice", "client_secret": "another"})
    world.secrets.put_secret_value(SecretId=world.secret, SecretString=mended)
    assert mending.is_mended()
    assert world.do(world.hosts(2), "q").outcomes == ("ok", "ok")
    assert mending.is_mended(), "another run of the account had a token for it"


def test_the_minute_leads_on_a_run_whose_secret_was_mended_and_no_other(world: World) -> None:
    config = StartSettings.model_construct(
        ledger_table="ledger",
        accounts_table="accounts",
        turn_queue_url=world.cloud.sqs.url("turn.fifo"),
        vendor=Vendor(name="monitor", url="https://vendor.example", account=ACCOUNT),
        limits=Monitor().limits,
        pace=Pacing(),
        vendor_secret_arn=world.secret,
    )
    mending = Mending(world.dynamodb, world.secrets, "accounts", ACCOUNT, world.secret)
    start = Start(config, Monitor(), mending, world.dynamodb, world.sqs)
    world.runs.create(Run("other", "weekly", ACCOUNT, RUNNING, world.now_ms, 10))
    for run_id in (RUN, "other"):
        world.accounts.add_run(ACCOUNT, run_id)
    world.runs.stop("other", "the run knows of 11 calls, more than its cap of 10")
    world.vendor.tokens.set_secret("another")
    world.do(world.hosts(2))

    def states() -> list[str]:
        act(world, lambda: start.handle({"wake": True}))
        rows = [world.runs.run(run_id) for run_id in (RUN, "other")]
        return [row.state for row in rows if row]

    assert states() == [STOPPED, STOPPED]
    mended = json.dumps({"client_id": "sluice", "client_secret": "another"})
    world.secrets.put_secret_value(SecretId=world.secret, SecretString=mended)
    assert states() == [RUNNING, STOPPED], "what was stopped for something else waits for a person"
    assert world.cloud.sqs.queues["turn.fifo"].messages, "its pacer is woken"


def test_a_refresh_token_that_is_good_once_is_saved_before_anybody_can_use_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between the secret and the row: the next finds what was given."""
    act(world, current(world))
    world.stage.now += 40_000_000

    def die(call: Call) -> None:
        if call.operation == "UpdateItem" and "token_generation = :next" in call.params["UpdateExpression"]:
            raise Crash

    monkeypatch.setattr(world, "before", die)
    worker = world.worker()._calling.tokens
    (died,) = act(world, lambda: worker.refresh_in_time(worker.state()))
    assert isinstance(died, Crash)
    assert secret(world)["generation"] == 2
    monkeypatch.setattr(world, "before", lambda call: None)
    world.stage.now += 60_000_000
    (token,) = act(world, current(world))
    assert (token.generation, world.vendor.tokens.granted) == (2, 2)
    world.stage.now += 60_000_000
    (token,) = act(world, current(world))
    assert (token.generation, world.vendor.tokens.granted, world.vendor.tokens.reused) == (3, 3, 0)


def test_a_refresh_token_that_was_lost_with_its_worker_is_made_up_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies when the vendor has taken the old one, before the new one is saved."""
    act(world, current(world))
    world.stage.now += 40_000_000

    def die(call: Call) -> None:
        if call.operation == "PutSecretValue":
            raise Crash

    monkeypatch.setattr(world, "before", die)
    worker = world.worker()._calling.tokens
    act(world, lambda: worker.refresh_in_time(worker.state()))
    monkeypatch.setattr(world, "before", lambda call: None)
    world.stage.now += 50_000_000
    (token,) = act(world, current(world))
    assert token.generation == 2
    assert world.vendor.tokens.reused == 1
    assert world.do(world.hosts(1)).outcomes == ("ok",)


def test_a_vendor_that_cannot_be_reached_leaves_the_token_that_is_held(world: World) -> None:
    act(world, current(world))
    world.stage.now += 40_000_000
    worker = world.worker()._calling
    calls = worker.calls
    calls.call = lambda request: Answer(0, cause="timeout")  # type: ignore[method-assign]
    act(world, lambda: worker.tokens.refresh_in_time(worker.tokens.state()))
    state = worker.tokens.state()
    assert (state.generation, state.is_good(world.now_ms)) == (1, True)
    assert state.lock < world.now_ms + 6_000, "soon tried again"
    assert world.runs.run(RUN).state == RUNNING  # type: ignore[union-attr]


def test_trouble_with_the_secret_beside_the_calls_costs_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.do(world.hosts(1))
    world.stage.now += 35_000_000

    def fail(call: Call) -> None:
        if call.operation == "PutSecretValue":
            raise ClientError({"Error": {"Code": "LimitExceededException"}}, "PutSecretValue")

    monkeypatch.setattr(world, "before", fail)
    assert world.do(world.hosts(3), "q").outcomes == ("ok",) * 3
    assert "token not refreshed" in [text for text, _ in world.logged]


def test_a_secret_that_is_none_stops_the_run(world: World) -> None:
    for text in ("not JSON", "[]", "{}"):
        world.secrets.put_secret_value(SecretId=world.secret, SecretString=text)
        assert world.do(world.hosts(1), f"p{len(text)}").outcomes == ("again",)
        assert world.runs.run(RUN).state == STOPPED  # type: ignore[union-attr]
        world.runs.set_state(RUN, RUNNING, "", of=[STOPPED])
    assert ACCOUNT == "acme"
