"""The votes' law: every ballot that was accepted is counted, superseded, quarantined or queued.

A ballot is known by its witness hash: on this machine each one is a witness. Accepted is what
receive's log says, and what the page's own load got 202 for; counted is what stands in the journal;
superseded and quarantined are what process and write say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared import witness
from tools.live.law import Balance, Term
from tools.live.local.items import Items, messages_in
from tools.live.local.messages import MOST_PEEKED, Held
from tools.live.local.place import Place
from tools.live.votes.cost import Tables
from votes import entry
from votes.journal import Journal

ACCEPTED, SUPERSEDED, QUARANTINED, COUNTED = 1, 2, 4, 8
WORDS = {"superseded": SUPERSEDED, "quarantined": QUARANTINED}
OUTCOMES = (("counted", COUNTED), ("quarantined", QUARANTINED), ("superseded", SUPERSEDED))
OPEN = "open"
QUEUES = ("ingest", "ingest-dead", "count", "count-dead")
MOST_KEPT = 400_000  # ballots; some 60 MB
ID = 3  # where a ballot's id stands in a row of a count message


class Became(NamedTuple):
    """What is known of a ballot: its hash, whether it was accepted, how it was settled (a word, or
    ""), and shard and number of the entry that counted it.
    """

    hash: str
    is_accepted: bool
    settled: str
    entry: tuple[int, int] | None


class Ballots:
    """What became of every ballot, by its hash."""

    def __init__(self, place: Place) -> None:
        settings, tables = place.deployment.outputs["settings"], place.deployment.outputs["tables"]
        dynamodb = place.client("dynamodb")
        # The key is there before any ballot, whatever keeps receive from making it: without one,
        # process and write do not say how a ballot was settled.
        self._witnessing = witness.by_key_of(dynamodb, tables["keys"], settings["witness_share"], makes=True)
        self._witnessing.prepare()
        self._journal = Journal(dynamodb, tables["journal"], tables["votes"])
        self.tables = Tables()
        self._upto = dict.fromkeys(range(int(settings["shards"])), 0)
        self._items = Items(lambda body: self._witnessing.hashes(ids_in(body)))
        self._became: dict[str, int] = {}
        self._told: list[str] = []  # whose hashes could not be had yet
        self._open: set[str] = set()
        self._strange: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._entries: dict[str, tuple[int, int]] = {}  # shard and number of the first one

    def hear(self, line: Mapping[str, Any]) -> None:
        """A line of a log that may be a witness's."""
        stage, hashes = line.get("witness"), line.get("hashes")
        if not isinstance(hashes, list):
            return
        if stage == "accepted":
            self._mark(hashes, ACCEPTED)
        elif stage == "settled" and (word := WORDS.get(str(line.get("outcome")))):
            self._mark(hashes, word)

    def accepted(self, ballot_ids: Iterable[str]) -> None:
        """What a client of ours was told; one that fails is taken in by the next."""
        self._told += ballot_ids
        self._mark(self._witnessing.hashes(self._told), ACCEPTED)
        self._told.clear()

    def read_journal(self) -> None:
        """Take in the entries appended since the last time: that is what decides."""
        for shard, upto in self._upto.items():
            for one in self._journal.entries(shard, upto):
                changes = entry.decode(one.body).changes
                self.tables.appended(len(one.body), len(changes))
                ids = {vote.ballot_id for change in changes for vote in change.after.values()}
                hashes = self._witnessing.hashes(ids)
                self._mark(hashes, COUNTED)
                self._entries |= {one_hash: self._entries.get(one_hash, (shard, one.n)) for one_hash in hashes}
                self._upto[shard] = one.n

    def balance(self, held: Mapping[str, Held]) -> Balance:
        """Where all ballots are: what is queued by what lay in the queues when they were looked
        at, and the rest by what is known now.
        """
        messages = messages_in(held, QUEUES)
        queued = self._open & self._items.of(messages or ())
        missing = frozenset(self._open - queued) if messages is not None else frozenset()
        right = [Term(name, self._counts[name]) for name, _ in OUTCOMES]
        too_many = f"over {MOST_PEEKED:,} messages are too many to look at each: the law waits until there are fewer"
        return Balance(
            "ballots",
            Term("accepted", self._counts.total()),
            [*right, Term("queued", len(queued))],
            missing,
            frozenset(self._strange),
            "" if messages is not None else too_many,
        )

    @property
    def settled(self) -> int:
        """How many are."""
        return sum(self._counts[name] for name, _ in OUTCOMES)

    def became(self, ballot_id: str) -> Became:
        """What became of a ballot."""
        (hashed,) = self._witnessing.hashes([ballot_id]) or [""]
        flags = self._became.get(hashed, 0)
        settled = next((name for name, flag in OUTCOMES if flags & flag), "")
        return Became(hashed, bool(flags & ACCEPTED), settled, self._entries.get(hashed))

    def _mark(self, hashes: Iterable[str], what: int) -> None:
        for one in hashes:
            was = self._became.get(one, 0)
            now = was | what
            if now != was:
                self._became[one] = now
                self._move(one, _outcome(was), _outcome(now))
                if now & ACCEPTED:
                    self._strange.discard(one)
                else:
                    self._strange.add(one)
        if len(self._became) > MOST_KEPT:
            self._forget()

    def _move(self, one: str, was: str, now: str) -> None:
        if was != now:
            self._counts[was] -= bool(was)
            self._counts[now] += bool(now)
            (self._open.add if now == OPEN else self._open.discard)(one)

    def _forget(self) -> None:
        """Forget the older half of what is settled; it stays in the counts."""
        half = list(self._became)[: MOST_KEPT // 2]
        for one in half:
            if one not in self._open:
                del self._became[one]
                self._entries.pop(one, None)
        self._strange.clear()


def _outcome(flags: int) -> str:
    """In a word; nothing of what was not accepted."""
    if not flags & ACCEPTED:
        return ""
    return next((name for name, flag in OUTCOMES if flags & flag), OPEN)


def ids_in(body: str) -> Sequence[str]:
    """The ids of the ballots in a message of ingest or count, as far as it can be read."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    ballots = message.get("ballots", [message]) if isinstance(message, dict) else ()
    if not isinstance(ballots, list):
        return ()
    ids = [one.get("ballot_id") for one in ballots if isinstance(one, dict)]
    ids += [one[ID] for one in ballots if isinstance(one, list) and len(one) > ID]
    return [one for one in ids if isinstance(one, str)]
