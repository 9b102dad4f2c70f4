"""What no history of the seeded world brings about: an erasure that broke off, which write finishes
with the shard's next message.
"""

from __future__ import annotations

import json
from contextlib import suppress
from unittest import mock

from tools.simulation.aws.used import Used
from tools.simulation.faults import AnyCall
from tools.simulation.stage import Crash
from tools.simulation.votes import deployed
from tools.simulation.votes.plan import Plan
from tools.simulation.votes.standins import installed
from tools.simulation.votes.world import SECOND, World
from votes import messages
from votes.ballot import Ballot
from votes.erasure import Erasure
from votes.folding import Folding
from votes.journal import WRITERS_LIVE_SECONDS, Journal
from votes.tallies import Tallies

ERASED, ANOTHER = "erased", "another"
DAY_SECONDS = 86_400


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
            assert {key[0] for key in world.table("votes").items} == {ANOTHER}
        finally:
            world.stage.close()
        return {used for used in world.faults.used if used.who == "write"}


def _count(world: World, voter_id: str) -> None:
    """Give write a message with a ballot."""
    ballot = Ballot(voter_id, "title", {"story": 3}, f"ballot-of-{voter_id}", world.now_us())
    message = messages.encode_count(messages.CountMessage(0, 1, [ballot]))
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(world.now_us() // 1000), "MessageGroupId": "0"}
    record = {"messageId": voter_id, "receiptHandle": voter_id, "body": message, "attributes": attributes}
    ends: list[BaseException | None] = []
    world.lambdas.invoke("write", {"Records": [record]}, lambda answer, died: ends.append(died))
    world.stage.run(world.stage.now + 10 * SECOND)
    assert ends == [None], json.dumps(record)


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
    head = journal.head(0)
    assert head is not None
    with mock.patch.object(Journal, "remove_votes", side_effect=Crash) as removal, suppress(Crash):
        erasure.remove(head.done)
    assert removal.called
