"""Watches journal, votes and tallies of a history: what the journal decides, that votes and heads
follow it, that folds are right.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from tools.simulation.aws.calls import Call
from tools.simulation.broken import Broken
from tools.simulation.votes.ballots import nonzero
from tools.simulation.votes.cells import FOLD
from tools.simulation.votes.standins import SMALL, later_release
from tools.simulation.votes.stored import ASPECTS, names_in, standing_of
from tools.simulation.votes.views import Entry, Key, Views, add_entry, bounds_of, difference
from votes.ballot import Ballot

if TYPE_CHECKING:
    from tools.simulation.votes.world import World

Stamp = tuple[int, str]
PATIENCE_US = 400_000_000  # a backstop and more


class Decided(NamedTuple):
    """What the journal says of one aspect of a standing vote."""

    stamp: Stamp
    score: int | None


class Counted:
    """What one history has counted."""

    def __init__(self, world: "World") -> None:
        self._world = world
        # what was put on a queue, as the first message that held it says
        self.known: dict[str, Ballot] = {}
        # "count" or "quarantine", by every message it came in
        self.verdicts: dict[str, set[str]] = defaultdict(set)
        self.decided: dict[Key, dict[str, Decided]] = defaultdict(dict)
        self.entries: dict[int, list[Entry]] = defaultdict(list)
        self.rows: dict[Key, Any] = {}
        self.aspects: list[str] = []
        self.tallies: dict[str, Counter[str]] = defaultdict(Counter)
        self.epochs = 0
        self._folded: dict[int, int] = {}
        self.views = Views(lambda: world.stage.now)

    def _row_put(self, call: Call, _: dict[str, Any]) -> None:
        item = call.params["Item"]
        if "entry" in item:
            self._appended(int(item["shard"]["N"]), int(item["n"]["N"]), item["entry"]["B"])

    def _appended(self, shard: int, n: int, body: bytes) -> None:
        entries = self.entries[shard]
        place = f"entry {n} of shard {shard}"
        if n != len(entries) + 1:
            self._broken(
                "journal", f"{place} was appended {'again' if n <= len(entries) else 'before the one before it'}"
            )
        self._head_near(place, shard, n)
        self._finished(shard, n - 1, "journal", f"{place} was appended", since=n - 1)
        content = later_release().modules["entry"].decode(body)
        entry = Entry({}, {}, content.added)
        for change in content.changes:
            key = (change.voter_id, change.title_id)
            decided = self.decided[key]
            if shard_of(change.voter_id, self._world.shards) != shard:
                self._broken("shard", f"{place} holds a vote of {change.voter_id}, who belongs to another shard")
            before = (
                {aspect: held.score for aspect, held in decided.items() if held.score is not None} if decided else None
            )
            if change.before != before:
                self._broken("journal", f"{place} found {change.before} for {key}, where {before} stood")
            if not decided.keys() <= change.after.keys():
                self._broken("order", f"{place} loses aspects of {key}: {sorted(decided.keys() - change.after.keys())}")
            for aspect, held in change.after.items():
                self._decide(place, key, aspect, Decided((held.cast_at, held.ballot_id), held.score))
            entry.before[key], entry.after[key] = change.before or {}, change.after
        entries.append(entry)

    def _head_near(self, place: str, shard: int, n: int) -> None:
        """The head lags behind by no more entries than a release from before finishes a message."""
        done = int(self._world.table("journal").items[shard, 0]["done"]["N"])
        if n > done + SMALL["last_entry"]["HEAD_EVERY"]:
            self._broken("head", f"{place} was appended while the head says {done}")

    def _decide(self, place: str, key: Key, aspect: str, now: Decided) -> None:
        decided = self.decided[key]
        if aspect in decided and now.stamp < decided[aspect].stamp:
            self._broken("order", f"{place} puts {aspect} of {key} back from {decided[aspect]} to {now}")
        ballot = self.known.get(now.stamp[1])
        as_cast = ballot is not None and (ballot.voter_id, ballot.title_id, ballot.cast_at) == (*key, now.stamp[0])
        if not as_cast or ballot is None or ballot.votes.get(aspect, -1) != now.score:
            self._broken("unexpected", f"{place} says {now} of {aspect} of {key}, which nobody cast: {ballot}")
        if "count" not in self.verdicts[now.stamp[1]]:
            self._broken("unexpected", f"{place} counts ballot {now.stamp[1]}, which belongs in quarantine")
        decided[aspect] = now

    def _votes_put(self, call: Call, _: dict[str, Any]) -> None:
        votes = self._world.table("votes").items
        for statement in call.params["Statements"]:
            parameters = statement["Parameters"]
            place = 0 if statement["Statement"].startswith("INSERT") else 3
            key = (parameters[place]["S"], parameters[place + 1]["S"])
            row = votes.get(key)
            if row is None or row is self.rows.get(key):
                continue
            if key == ASPECTS:
                self._aspects_named(names_in(votes))
            else:
                self._vote_put(key, row)
            self.rows[key] = row

    def _aspects_named(self, names: list[str]) -> None:
        """A number once given means the same aspect for ever."""
        if names[: len(self.aspects)] != self.aspects or len(set(names)) < len(names):
            self._broken("aspects", f"the aspects are {names}, where they were {self.aspects}")
        self.aspects = names

    def _vote_put(self, key: Key, row: Any) -> None:
        n = int(row["n"]["N"])
        entries = self.entries[shard_of(key[0], self._world.shards)]
        if not 0 < n <= len(entries) or key not in entries[n - 1].after:
            self._broken(
                "journal first",
                f"the vote {key} was put by entry {n}, which is not in the journal (or does not hold it)",
            )
        if key in self.rows and n < int(self.rows[key]["n"]["N"]):
            self._broken("order", f"the vote {key} went back to entry {n} from {self.rows[key]['n']['N']}")
        if standing_of(row, self._world.table("votes").items) != {
            aspect: tuple(held) for aspect, held in entries[n - 1].after[key].items()
        }:
            self._broken("votes", f"the vote {key} is not what its entry {n} says")

    def _updated(self, call: Call, _: dict[str, Any]) -> None:
        table, key = call.params["TableName"], call.params["Key"]
        if table.endswith("-journal"):
            shard, n = int(key["shard"]["N"]), int(key["n"]["N"])
            if n:
                self._mended(shard, n)
            else:
                self._head_moved(shard)
        elif table.endswith("-tallies") and key["title_id"]["S"] == FOLD:
            if "REMOVE" in call.params["UpdateExpression"]:
                self._epoch_closed()
            elif "#view" in call.params["UpdateExpression"]:
                self._viewed()
            else:
                self._range_fixed()

    def _head_moved(self, shard: int) -> None:
        done = int(self._world.table("journal").items[shard, 0]["done"]["N"])
        entries = self.entries[shard]
        if done > len(entries):
            self._broken("head", f"the head of shard {shard} is at {done}, past its last entry {len(entries)}")
        self._finished(shard, done, "head", f"the head of shard {shard} is at {done}")

    def _range_fixed(self) -> None:
        opened = self._world.table("tallies").items[(FOLD,)]["open"]["M"]
        for shard, end in opened["ends"]["M"].items():
            where = f"its range was fixed up to entry {end['N']} of shard {shard}"
            if int(end["N"]) > len(self.entries[int(shard)]):
                self._broken("epoch", f"{where}, past its last one")
            self._finished(int(shard), int(end["N"]), "epoch", where)
        ends = self.upto() | bounds_of(opened["ends"])
        if any(end < self.views.seen.get(shard, 0) for shard, end in ends.items()) and not self._may_go_back():
            self._broken("results", f"a range ends at {ends}, before {self.views.seen}, which results show")
        self.views.fix(self._beyond(ends))

    def _viewed(self) -> None:
        """The view must be what the journal says from the last closed epoch to what it has seen."""
        view = self._world.table("tallies").items[(FOLD,)]["view"]["M"]
        seen = bounds_of(view["seen"])
        for shard, n in seen.items():
            self._finished(shard, n, "view", f"a view has seen entry {n} of shard {shard}")
        for shard, n in seen.items():
            since = self.views.seen.get(shard, self._folded.get(shard, 0))
            if n < since or n > len(self.entries[shard]):
                self._broken("view", f"a view has seen shard {shard} up to entry {n}, after {since}")
            for entry in self.entries[shard][since:n]:
                add_entry(self.views.sums, entry)
        found = later_release().modules["view"].unpack(view["sums"]["B"])
        if nonzero(found) != nonzero(self.views.sums):
            self._broken("view", f"a view of {seen}: {difference(found, nonzero(self.views.sums))}")
        self.views.look(seen, self.tallies)

    def _beyond(self, ends: Mapping[int, int]) -> dict[str, Counter[str]]:
        """The tallies with the entries up to there."""
        both = defaultdict(Counter, {title: Counter(counts) for title, counts in self.tallies.items()})
        for shard, end in ends.items():
            for entry in self.entries[shard][self._folded.get(shard, 0) : end]:
                add_entry(both, entry)
        return both

    def _may_go_back(self) -> bool:
        """Where a shard stops among what was seen, its part is shown no more: it was damaged, or is
        of a later release than the one that folds.
        """
        return bool(self._world.events.fired["damage"]) or self._world.events.uses_later

    def _finished(self, shard: int, upto: int, check: str, where: str, since: int = 1) -> None:
        """The votes of all entries from `since` up to there are put."""
        since = max(1, since)
        for n, entry in enumerate(self.entries[shard][since - 1 : upto], since):
            for key in entry.after:
                if key not in self.rows or int(self.rows[key]["n"]["N"]) < n:
                    self._broken(check, f"{where}, and the vote {key} of entry {n} is not put")

    def _mended(self, shard: int, n: int) -> None:
        """An entry that could not be read says nothing any more: what is put of it stands, the rest
        must come again.
        """
        entry = self.entries[shard][n - 1]
        votes = self._world.table("votes").items
        for key in entry.after:
            standing = standing_of(votes[key], votes) if key in votes else {}
            self.decided[key] = {
                aspect: Decided((cast_at, by), score) for aspect, (score, cast_at, by) in standing.items()
            }
        self.entries[shard][n - 1] = Entry({}, {}, {})
        for ballot_id in {held.ballot_id for after in entry.after.values() for held in after.values()}:
            self._conserved(ballot_id, f"entry {n} of shard {shard} was mended")

    def _conserved(self, ballot_id: str, when: str) -> None:
        raise NotImplementedError

    # --- the fold ---

    def upto(self) -> dict[int, int]:
        """The entries up to which all are counted, by shard."""
        row = self._world.table("tallies").items.get((FOLD,))
        return bounds_of(row["upto"]) if row else {}

    def _epoch_closed(self) -> None:
        """The tallies must be what the journal says up to the bounds."""
        self.epochs += 1
        for shard, end in self.upto().items():
            for n in range(self._folded.get(shard, 0) + 1, end + 1):
                if n > len(self.entries[shard]):
                    self._broken("epoch", f"the fold is past the last entry of shard {shard}")
                add_entry(self.tallies, self.entries[shard][n - 1])
            self._folded[shard] = end
        expected = nonzero(
            self.tallies
        )  # below zero, too: after an entry was mended and before the tallies are repaired
        found = self.tallied()
        if found != expected:
            self._broken("epoch", f"epoch closed with {difference(found, expected)}")
        self.views.close(self.tallies)

    def tallied(self) -> dict[str, dict[str, int]]:
        """The tallies as they are, without zeros."""
        found: dict[str, dict[str, int]] = {}
        for (title,), row in self._world.table("tallies").items.items():
            counts = {
                name: int(value["N"])
                for name, value in row.items()
                if name not in {"title_id", "epoch", "v"} and "N" in value
            }
            if title != FOLD and (counts := {name: n for name, n in counts.items() if n}):
                found[title] = counts
        return found

    def others_went_on(self, shard: int) -> None:
        """A damaged entry is about to be mended: its shard must have stopped, and no other."""
        if not self._world.undisturbed():
            return
        upto = self.upto()
        waited = self._world.stage.now - PATIENCE_US
        for (other, n), row in self._world.table("journal").items.items():
            if (
                n
                and other not in self._world.events.stopped_shards
                and int(row["appended_at"]["N"]) < waited
                and upto.get(other, 0) < n
            ):
                self._broken(
                    "shard stops alone",
                    f"shard {shard} has an unreadable entry, and entry {n} of shard {other} is not counted",
                )

    def _broken(self, check: str, detail: str) -> NoReturn:
        self._world.stage.stop(Broken(check, detail))


def shard_of(voter_id: str, shards: int) -> int:
    """As docs/votes/counting.md says it; shares nothing with the pipeline."""
    return int.from_bytes(blake2b(voter_id.encode(), digest_size=8).digest(), "big") % shards
