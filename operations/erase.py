"""`make erase VOTER=…`: erase a person from votes, journal, dead letters and quarantine; the tallies stay right.

It takes two runs, some time apart: see votes/erasure.py. What a run could not do yet, it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.asking import agreed
from operations.audit import Audit
from operations.erase_messages import Found, in_dead_letters, in_quarantine
from operations.place import Place
from operations.queues import depth, wake_tally
from shared import clock
from shared.dynamo import Throttled
from votes.ballot import is_identifier
from votes.counting import Contended
from votes.entry import UnreadableEntry
from votes.erasure import Erasure
from votes.journal import WRITERS_LIVE_SECONDS, Journal, ShardsDiffer, VotesNotPut
from votes.tallies import Tallies
from votes.versions import NewerVersion

WITH_BALLOTS = ("ingest", "count")
ROUNDS = 3  # how often to withdraw what came in meanwhile; who votes on all the time is not erased in one run
FOLD_SECONDS = 600  # twice the schedule's pause, should the tick be lost
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Order:
    """What a person asked for."""

    voter: str
    confirm: bool = False


def run(place: Place, console: Console, order: Order) -> int:
    """Say what there is of the voter, and erase it if that is confirmed. Raises LocalCloudError."""
    if not is_identifier(order.voter):
        raise LocalCloudError(f"VOTER {order.voter!r} is no voter's id: 1 to 64 of A-Z a-z 0-9 _ -")
    erasing = Erasing(place, console, order.voter)
    try:
        if not erasing.look():
            console.print("nothing of this voter is left")
            return 0
        if not agreed(console, "Erase all of this?", f"erase VOTER={order.voter}", confirm=order.confirm):
            return 0
        with Audit(place, "erase") as audit:
            erasing.erase(audit)
            console.print(f"audit: {audit.key}", highlight=False)
    except UnreadableEntry as error:
        raise LocalCloudError(f"{error}. `make mend` moves it to quarantine; then erase again") from error
    except (Contended, Throttled, VotesNotPut, ShardsDiffer, NewerVersion) as error:
        raise LocalCloudError(f"not all is done: {error}. Run it again, it goes on") from error
    return 0


class Erasing:
    """One run for one voter. His id goes nowhere but into requests to his tables and to the person who gave it."""

    def __init__(self, place: Place, console: Console, voter_id: str) -> None:
        tables, settings, client = place.outputs["tables"], place.outputs["settings"], place.client("dynamodb")
        self._place, self._console, self._voter_id = place, console, voter_id
        self._journal = Journal(client, tables["journal"], tables["votes"])
        self._tallies = Tallies(client, tables["tallies"])
        self._erasure = Erasure(self._journal, int(settings["shards"]), settings["aspects"], voter_id)

    def look(self) -> bool:
        """Print what there is of him; whether it is anything."""
        rows = self._erasure.rows()
        entries = sum(1 for _ in self._erasure.entries(self._done() + 1))  # a removal that broke off is the last
        found = rows.standing + rows.withdrawn + entries
        self._say(f"votes: {rows.standing} that stand, {rows.withdrawn} withdrawn whose rows are there yet")
        self._say(f"journal: {entries} entries name the voter")
        sqs = self._place.client("sqs")
        for name in WITH_BALLOTS:
            queue = self._place.outputs["queues"][name]
            found += self._tell(f"{name}, dead letters", in_dead_letters(sqs, queue["dead_letter_url"], self._voter_id, change=False))
            if waiting := depth(sqs, queue["url"]).total:
                self._say(f"{name}: {waiting} messages wait or are worked on. What they hold is counted soon: look again then")
        shelved = in_quarantine(self._place, self._place.client("s3"), self._voter_id, change=False)
        found += self._tell("quarantine", shelved.found)
        if shelved.unreadable:
            self._say(f"quarantine: nobody can read the {shelved.unreadable} journal entries there, which may name the voter")
        return found > 0

    def erase(self, audit: Audit) -> None:
        """Erase what can be erased now."""
        self._messages(audit)
        for _ in range(ROUNDS):
            withdrawn = self._erasure.withdraw()
            audit.line(step="withdrawn", shard=self._erasure.shard, votes=withdrawn)
            self._say(f"votes: {withdrawn} withdrawn")
            removed = self._erasure.remove(self._upto())
            audit.line(step="removed", shard=self._erasure.shard, rows=removed)
            self._say(f"votes: {removed} rows removed")
            self._wait_for_fold()
            if not self._erasure.rows().standing:
                break
        entries = self._erasure.overwrite(self._upto())
        audit.line(step="overwritten", shard=self._erasure.shard, entries=entries)
        self._say(f"journal: {entries} entries overwritten")
        left = self._erasure.rows()
        if left.standing:
            self._say(f"votes: {left.standing} came in meanwhile. Run it again when the voter votes no more")
        elif left.withdrawn:
            self._say(
                f"votes: {left.withdrawn} rows, empty of scores, keep late writers from bringing the votes back. "
                f"Run it again in {WRITERS_LIVE_SECONDS // 60 + 1} minutes or later: then they go"
            )

    def _messages(self, audit: Audit) -> None:
        sqs = self._place.client("sqs")
        for name in WITH_BALLOTS:
            url = self._place.outputs["queues"][name]["dead_letter_url"]
            found = in_dead_letters(sqs, url, self._voter_id, change=True, told=lambda name=name, **line: audit.line(queue=name, **line))
            self._tell(f"{name}, dead letters rewritten", found)
        shelved = in_quarantine(self._place, self._place.client("s3"), self._voter_id, change=True, told=audit.line)
        self._tell("quarantine, objects rewritten", shelved.found)

    def _wait_for_fold(self) -> None:
        """Until the tallies have taken in what was appended, so that the journal can be overwritten up to there."""
        done, until = self._done(), clock.now_us() + FOLD_SECONDS * 1_000_000
        if self._upto() >= done:
            return
        wake_tally(self._place)
        with self._console.status("waiting for the fold"):
            while self._upto() < done and clock.now_us() < until:
                clock.sleep(LOOK_SECONDS)
        if self._upto() < done:
            self._say(f"the journal is not folded yet after {FOLD_SECONDS} s: run it again when `make status` says it is")

    def _done(self) -> int:
        head = self._journal.head(self._erasure.shard)
        return head.done if head else 0

    def _upto(self) -> int:
        fold = self._tallies.fold()
        return fold.upto.get(self._erasure.shard, 0) if fold else 0

    def _tell(self, where: str, found: Found) -> int:
        self._say(f"{where}: {found.holding} of {found.looked_at} looked at, {found.ballots} ballots")
        return found.holding

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)
