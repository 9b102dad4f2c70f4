"""What must be so when a history is over, whatever happened in it."""

import json
from typing import TYPE_CHECKING, Any

from tools.simulation.broken import Broken
from tools.simulation.votes import deployed
from tools.simulation.votes.ballots import expected
from tools.simulation.votes.checker import witness_of
from tools.simulation.votes.stored import votes_of
from tools.simulation.votes.views import difference

if TYPE_CHECKING:
    from tools.simulation.votes.world import World


def check_end(world: "World") -> None:
    """Raises Broken."""
    checker = world.checker
    for ballot_id in checker.known:
        if not checker.settled(ballot_id):
            raise Broken("lost", f"ballot {ballot_id} is settled nowhere in the end")
    counted = [ballot for ballot_id, ballot in checker.known.items() if "count" in checker.verdicts[ballot_id]]
    standing, tallies = expected(counted)
    _standing_votes(world, standing)
    if (found := checker.tallied()) != tallies:
        check = "duplicated" if _sum(found) > _sum(tallies) else "lost"
        raise Broken(check, f"the tallies in the end: {difference(found, tallies)}")
    _quarantine(world)
    _witnesses(world)
    _audit(world)
    world.watch.end_of_conservation()
    _results(world, tallies)
    if world.plan.calm:
        _calm(world)


def _standing_votes(world: "World", right: dict[Any, Any]) -> None:
    found = votes_of(world.table("votes").items)
    for key in found.keys() | right.keys():
        if found.get(key) != right.get(key):
            check = "unexpected" if key not in right else "lost" if key not in found else "standing"
            raise Broken(check, f"the vote {key} is {found.get(key)} in the end, where {right.get(key)} is right")


def _sum(tallies: dict[str, dict[str, int]]) -> int:
    return sum(n for row in tallies.values() for n in row.values())


def _quarantine(world: "World") -> None:
    """Everything that must be there is, in the bucket."""
    lines = [
        json.loads(line)
        for held in world.cloud.s3.buckets[deployed.BUCKET].values()
        for line in held.body.decode().splitlines()
    ]
    wrong = {ballot_id for ballot_id, verdicts in world.checker.verdicts.items() if verdicts == {"quarantine"}}
    if missing := wrong - world.checker.quarantined:
        raise Broken("quarantine", f"{sorted(missing)} should be in quarantine and are not")
    if any(not line["reason"] or not line["detail"] for line in lines):
        raise Broken("quarantine", "a line gives no reason")


def _witnesses(world: "World") -> None:
    """Every ballot is a witness here: whatever was told as accepted is told as settled, and nothing
    else is.
    """
    accepted, settled = world.checker.witnesses["accepted"], world.checker.witnesses["settled"]
    if accepted - settled:
        raise Broken(
            "witnesses",
            f"{len(accepted - settled)} of {len(accepted)} accepted ballots left no line when they were settled",
        )
    row = world.table("keys").items.get(("witness",))
    known = {witness_of(ballot_id, row["key"]["B"]) for ballot_id in world.checker.known} if row else set()
    if settled - known:
        raise Broken("witnesses", f"{len(settled - known)} settled ballots are none that anybody sent")


def _audit(world: "World") -> None:
    """The auditor finds nothing."""
    recount = world.events.last_release().modules["recount"]
    names = [f"{deployed.NAME}-{table}" for table in ("journal", "votes", "tallies")]
    report = recount.audit(recount.TableSource(world.cloud.client("dynamodb"), *names))
    if report.differences:
        raise Broken("audit", f"recount finds {report.differences}")


def _results(world: "World", tallies: dict[str, dict[str, int]]) -> None:
    """What results says is what was voted."""
    for title, row in tallies.items():
        answers: list[Any] = []
        world.clients.results(title, answers.append)
        world.stage.run(world.stage.now + 60_000_000, lambda answers=answers: bool(answers))  # type: ignore[misc]
        if not answers or answers[0] is None:
            raise Broken("results", f"results does not answer for {title}")
        said = {
            f"{aspect}#{score}": n
            for aspect, of in answers[0]["aspects"].items()
            for score, n in of["histogram"].items()
            if n
        }
        if said | {"voters": answers[0]["voters"]} != {"voters": 0} | row:
            raise Broken("results", f"results says {said} of {title}, where {row} is right")


def _calm(world: "World") -> None:
    """Nothing went wrong, so nothing may have come twice, or died."""
    for poller in world.pollers.values():
        if twice := [message for message, times in poller.delivered.items() if times > 1]:
            raise Broken("calm", f"{len(twice)} messages of {poller.queue.name} came twice though nothing went wrong")
    if world.events.redriven:
        raise Broken("calm", f"{world.events.redriven} messages died though nothing went wrong")
