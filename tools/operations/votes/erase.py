"""`make erase VOTER=…`: erase a person from votes, journal, dead letters and quarantine.

The tallies stay right. It takes two runs, some time apart: see votes/erasure.py. What a run could
not do yet, it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from shared import clock
from shared.dynamo import Throttled
from shared.versions import NewerVersion
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.votes.erase_messages import HOLD_SECONDS, Occurrences, in_dead_letters, in_quarantine
from tools.operations.votes.message_summary import WITH_BALLOTS
from tools.operations.votes.wake import wake_tally
from votes.ballot import is_identifier
from votes.counting import Contended
from votes.entry import UnreadableEntry
from votes.erasure import Erasure
from votes.journal import WRITERS_LIVE_SECONDS, Journal, ShardsDiffer, VotesNotPut
from votes.last_entry import end_of
from votes.rows import UnreadableVote
from votes.tallies import Tallies

# how often to withdraw what came in meanwhile; who votes on all the time is not erased in one run
ROUNDS = 3
FOLD_SECONDS = 600  # twice the schedule's pause, should the tick be lost
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Options:
    """What a person asked for."""

    voter: str
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Say what there is of the voter, and erase it if that is confirmed. Raises CommandError."""
    if not is_identifier(options.voter):
        raise CommandError(f"VOTER {options.voter!r} is no voter's id: 1 to 64 of A-Z a-z 0-9 _ -")
    erasing = Erasing(deployment, console, options.voter)
    try:
        if not erasing.look():
            console.print("nothing of this voter is left")
            return 0
        if not confirmed(console, "Erase all of this?", f"erase VOTER={options.voter}", confirm=options.confirm):
            return 0
        with Audit(deployment, "erase") as audit:
            erasing.erase(audit)
            console.print(f"audit: {audit.key}", highlight=False)
    except UnreadableVote as error:
        raise CommandError(f"{error}: look at the voter's rows of votes by hand") from error
    except UnreadableEntry as error:
        raise CommandError(f"{error}. `make mend` moves it to quarantine; then erase again") from error
    except (Contended, Throttled, VotesNotPut, ShardsDiffer, NewerVersion, ClientError, BotoCoreError) as error:
        raise CommandError(f"not all is done: {error}. Run it again, it goes on") from error
    return 0


class Erasing:
    """One run for one voter.

    The voter's id goes nowhere but into requests to the tables and to the person who gave it.
    """

    def __init__(self, deployment: Deployment, console: Console, voter_id: str) -> None:
        tables, settings = deployment.outputs["tables"], deployment.outputs["settings"]
        client = deployment.client("dynamodb")
        self._deployment, self._console, self._voter_id = deployment, console, voter_id
        self._journal = Journal(client, tables["journal"], tables["votes"])
        self._tallies = Tallies(client, tables["tallies"])
        self._erasure = Erasure(self._journal, int(settings["shards"]), settings["aspects"], voter_id)

    def look(self) -> bool:
        """Print what there is of the voter; whether it is anything, or not all could be seen."""
        rows = self._erasure.rows()
        # a removal that broke off is the last
        entries = sum(1 for _ in self._erasure.entries(self._done()))
        count = rows.standing + rows.withdrawn + entries
        self._say(f"votes: {rows.standing} that stand, {rows.withdrawn} withdrawn whose rows are there yet")
        self._say(f"journal: {entries} entries name the voter")
        sqs = self._deployment.client("sqs")
        for name in WITH_BALLOTS:
            queue = self._deployment.outputs["queues"][name]
            there = depth(sqs, queue["dead_letter_url"]).total
            dead = in_dead_letters(sqs, queue["dead_letter_url"], self._voter_id, change=False)
            count += self._report(f"{name}, dead letters", dead)
            if unseen := max(0, there - dead.looked_at):
                count += unseen
                self._say(
                    f"{name}: about {unseen} more dead letters could not be seen (of a FIFO queue ten of a group "
                    "can, or somebody else looks at them). The erasure goes through all that it can have"
                )
            if waiting := depth(sqs, queue["url"]).total:
                self._say(
                    f"{name}: {waiting} messages wait or are worked on. What they hold is counted soon: look again then"
                )
        quarantined = in_quarantine(self._deployment, self._deployment.client("s3"), self._voter_id, change=False)
        count += self._report("quarantine", quarantined.occurrences)
        if unreadable := quarantined.unreadable:
            self._say(f"quarantine: nobody can read the {unreadable} journal entries there, which may name the voter")
        return count > 0

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
        sqs = self._deployment.client("sqs")
        for name in WITH_BALLOTS:
            url = self._deployment.outputs["queues"][name]["dead_letter_url"]
            on_changed = partial(audit.line, queue=name)
            there = depth(sqs, url).total
            dead = in_dead_letters(sqs, url, self._voter_id, change=True, on_changed=on_changed)
            self._report(f"{name}, dead letters rewritten", dead)
            if unseen := max(0, there - dead.looked_at):
                self._say(
                    f"{name}: about {unseen} dead letters could not be had, somebody else looks at them or there are "
                    f"too many for once. Run it again in {HOLD_SECONDS // 60} minutes"
                )
        s3 = self._deployment.client("s3")
        quarantined = in_quarantine(self._deployment, s3, self._voter_id, change=True, on_changed=audit.line)
        self._report("quarantine, objects rewritten", quarantined.occurrences)

    def _wait_for_fold(self) -> None:
        """Wait until the tallies have taken in what was appended.

        Up to there the journal can be overwritten.
        """
        done, until = self._done(), clock.now_us() + FOLD_SECONDS * 1_000_000
        if self._upto() >= done:
            return
        wake_tally(self._deployment)
        with self._console.status("waiting for the fold"):
            while self._upto() < done and clock.now_us() < until:
                clock.sleep(LOOK_SECONDS)
        if self._upto() < done:
            self._say(
                f"the journal is not folded yet after {FOLD_SECONDS} s: run it again when `make status` says it is"
            )

    def _done(self) -> int:
        return end_of(self._journal, self._erasure.shard)

    def _upto(self) -> int:
        fold = self._tallies.fold()
        return fold.upto.get(self._erasure.shard, 0) if fold else 0

    def _report(self, where: str, found: Occurrences) -> int:
        self._say(f"{where}: {found.holding} of {found.looked_at} looked at, {found.ballots} ballots")
        return found.holding

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False, markup=False)
