"""What no history of the seeded world brings about.

An erasure that broke off, which write finishes with the shard's next message; titles that are
ranked, and voters who read back what they said: no count depends on either.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from unittest import mock

from tools.simulation.aws.used import Used
from tools.simulation.faults import AnyCall
from tools.simulation.stage import Crash
from tools.simulation.votes import deployed
from tools.simulation.votes.plan import Plan
from tools.simulation.votes.standins import installed
from tools.simulation.votes.stored import votes_of
from tools.simulation.votes.world import SECOND, World
from votes import messages
from votes.ballot import Ballot
from votes.erasure import Erasure
from votes.folding import Folding
from votes.journal import WRITERS_LIVE_SECONDS, Journal
from votes.last_entry import end_of
from votes.tallies import Tallies

ERASED, ANOTHER = "erased", "another"
DAY_SECONDS = 86_400


def rare() -> set[Used]:
    """The rights used in all of it."""
    return interrupted_erasure() | ranked_and_read_back()


def ranked_and_read_back() -> set[Used]:
    """The rights used to rank titles, to list them, and to read one's own vote."""
    with installed():
        world = World(Plan(1, ()), meddler=AnyCall)
        world.checker.effect = lambda call, answer: None  # type: ignore[method-assign] # of counting alone
        try:
            world.cloud.s3.create_bucket(deployed.RANKINGS)
            _ask(world, "results", "/v1/titles")  # there is no ranking yet
            _count(world, ANOTHER)
            world.stage.run(world.stage.now + 2 * deployed.BACKSTOP_SECONDS * SECOND)
            _invoke(world, "rank", {})
            world.lambdas.idle.clear()  # the next worker remembers none
            titles = _ask(world, "results", "/v1/titles")["titles"]
            read = _ask(world, "vote", "/v1/titles/title/vote", {"voter-id": ANOTHER})
            assert [one["title_id"] for one in titles] == ["title"]
            assert (read["in_results"], read["votes"]["story"]["score"]) == (True, 3)
        finally:
            world.stage.close()
        return {used for used in world.faults.used if used.who in {"rank", "results", "vote"}}


def interrupted_erasure() -> set[Used]:
    """The rights that write uses when it comes upon an erasure whose command died before the rows
    were removed.
    """
    with installed():
        world = World(Plan(1, ()), meddler=AnyCall)
        world.checker.effect = lambda call, answer: None  # type: ignore[method-assign] # it knows of no erasures
        try:
            _count(world, ERASED)
            _erase_in_part(world)
            _count(world, ANOTHER)
            assert {key[0] for key in votes_of(world.table("votes").items)} == {ANOTHER}
        finally:
            world.stage.close()
        return {used for used in world.faults.used if used.who == "write"}


def _ask(world: World, function: str, path: str, headers: dict[str, str] | None = None) -> Any:
    """Give a function a GET; the answer's body."""
    event = {
        "rawPath": path,
        "headers": headers or {},
        "requestContext": {"http": {"method": "GET", "path": path}},
        "pathParameters": {"title_id": "title"},
    }
    answer = _invoke(world, function, event)
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


def _invoke(world: World, function: str, event: dict[str, Any]) -> Any:
    """Call a function and wait for its answer."""
    ends: list[tuple[Any, BaseException | None]] = []
    world.lambdas.invoke(function, event, lambda answer, died: ends.append((answer, died)))
    world.stage.run(world.stage.now + 10 * SECOND)
    ((answer, died),) = ends
    assert died is None, died
    return answer


def _count(world: World, voter_id: str) -> None:
    """Give write a message with a ballot."""
    ballot = Ballot(voter_id, "title", {"story": 3}, f"ballot-of-{voter_id}", world.now_us())
    message = messages.encode_count(messages.CountMessage(0, 1, [ballot]))
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(world.now_us() // 1000), "MessageGroupId": "0"}
    record = {"messageId": voter_id, "receiptHandle": voter_id, "body": message, "attributes": attributes}
    _invoke(world, "write", {"Records": [record]})


def _erase_in_part(world: World) -> None:
    """As `make erase` does, until it has appended what removes the rows."""
    client = world.cloud.client("dynamodb", "operator")
    journal = Journal(client, f"{deployed.NAME}-journal", f"{deployed.NAME}-votes")
    erasure = Erasure(journal, 1, json.loads(deployed.ENVIRONMENTS["write"]["ASPECTS"]), ERASED, world.now_us)
    erasure.withdraw()
    folding = Folding(journal, Tallies(client, f"{deployed.NAME}-tallies"), 1, 1000, world.now_us)
    while folding.fold(10**9).epoch:
        pass
    world.stage.pause((WRITERS_LIVE_SECONDS + 1) * SECOND)
    with mock.patch.object(Journal, "remove_votes", side_effect=Crash) as removal, suppress(Crash):
        erasure.remove(end_of(journal, 0))
    assert removal.called
