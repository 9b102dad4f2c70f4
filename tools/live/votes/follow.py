"""The way of one ballot, by what queues and stores hold of it: each step is a look-up by key."""

from __future__ import annotations

from itertools import islice

from tools.live.local.messages import Message, peeked_at
from tools.live.local.place import Place
from tools.live.local.watched import DONE, FAILED, NOT_YET, NOW, Json, step
from tools.live.votes.ballots import Ballots, Became, ids_in
from tools.operations import quarantine
from tools.operations.votes.progress import progress
from votes import aspects, entry
from votes.journal import Journal
from votes.rows import read_vote

MOST_OBJECTS = 200  # of quarantine, in which a ballot is looked for
QUEUES = {"ingest": "to be verified", "count": "to be counted"}


def steps(place: Place, ballots: Ballots, what: str) -> list[Json] | None:
    """The steps of a ballot, by its id, or of the latest of "voter/title" that stands; None where
    nothing is known of it.
    """
    ballot_id = _latest(place, *what.split("/", 1)) if "/" in what else what
    if ballot_id is None:
        return None
    # the queues first: what moves meanwhile is met again
    queued = [*_queued(place, ballot_id)]
    ballots.read_journal()
    became = ballots.became(ballot_id)
    if not (queued or became.is_accepted or became.settled):
        return None
    said = (
        "receive's line of the witnesses names it"
        if became.is_accepted
        else "nobody was answered so: receive ended before it could, or it did not come by the API"
    )
    accepted = step("accepted", DONE if became.is_accepted else NOT_YET, f"{said} ({became.hash})")
    return [accepted, *queued, *_settled(place, ballot_id, became, waits=bool(queued))]


def _latest(place: Place, voter: str, title: str) -> str | None:
    """The ballot with the latest stamp that stands of a voter on a title."""
    key = {"voter_id": {"S": voter}, "title_id": {"S": title}}
    table = place.deployment.outputs["tables"]["votes"]
    dynamodb = place.client("dynamodb")
    item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if not item:
        return None
    standing = read_vote(item, aspects.by_get(dynamodb, table).name_of).standing
    return max(((vote.cast_at, vote.ballot_id) for vote in standing.values()), default=(0, None))[1]


def _queued(place: Place, ballot_id: str) -> list[Json]:
    """A step a queue that holds it."""
    found = []
    peeked = peeked_at(place.deployment)
    for name, meant in QUEUES.items():
        queue = place.queues[name]
        for key, state in (("name", NOW), ("dead_letter_name", FAILED)):
            found += [
                _waits(name, one, meant, state)
                for one in peeked.get(queue[key], ())
                if ballot_id in one.body and ballot_id in ids_in(one.body)
            ]
    return found


def _waits(name: str, message: Message, meant: str, state: str) -> Json:
    how = "taken by a function" if message.in_flight else "waits"
    group = f", shard {message.group}" if message.group else ""
    told = f"message {message.id} {how} {meant}{group}, received {message.receives} times"
    return step(f"dead letter of {name}" if state == FAILED else f"on {name}", state, told, message.sent_at * 1000)


def _settled(place: Place, ballot_id: str, became: Became, *, waits: bool) -> list[Json]:
    if became.entry is not None:
        return _counted(place, ballot_id, *became.entry)
    if became.settled == "quarantined":
        return [step("quarantined", FAILED, _why(place, ballot_id))]
    if became.settled == "superseded":
        return [step("superseded", DONE, "a later ballot of this voter stood already: it changed nothing")]
    later = step("counted", NOT_YET, "when write has appended it to its shard's journal")
    return [later] if waits else [step("nowhere", FAILED, "in no queue and no store: it is missing")]


def _counted(place: Place, ballot_id: str, shard: int, n: int) -> list[Json]:
    dynamodb, tables = place.client("dynamodb"), place.deployment.outputs["tables"]
    there = Journal(dynamodb, tables["journal"], tables["votes"]).entry(shard, n)
    at = None if there is None else there.appended_at / 1000
    told = f"entry {n} of shard {shard}{f': {_change(there.body, ballot_id)}' if there else ', which has expired'}"
    done = progress(place.deployment, dynamodb)
    is_folded = done.folded.get(shard, 0) >= n
    folded = f"epoch {done.epoch} or an earlier one folded it" if is_folded else f"epoch {done.epoch} has not folded it"
    shown = "its title's results hold it" if is_folded else "with the next epoch"
    return [
        step("counted", DONE, told, at),
        step("folded", DONE if is_folded else NOW, folded),
        step("in results", DONE if is_folded else NOT_YET, shown, done.as_of / 1000 if is_folded else None),
    ]


def _change(body: bytes, ballot_id: str) -> str:
    """What an entry says of the vote that the ballot changed."""
    for change in entry.decode(body).changes:
        if any(vote.ballot_id == ballot_id for vote in change.after.values()):
            after = {aspect: vote.score for aspect, vote in change.after.items()}
            before = "no vote" if change.before is None else str(change.before)
            return f"{change.title_id}: {before} → {after}"
    return "its aspects were cast again since"


def _why(place: Place, ballot_id: str) -> str:
    s3, bucket = place.client("s3"), place.deployment.outputs["quarantine_bucket"]
    for key in islice(quarantine.keys(place.deployment, s3), MOST_OBJECTS):
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8", "replace")
        for line in quarantine.parsed(text) if ballot_id in text else ():
            if ballot_id in str(line.get("ballot", "")):
                return f"{line.get('reason')}: {line.get('detail')} ({key})"
    return f"set aside by one of many reasons: not among the first {MOST_OBJECTS} objects"
