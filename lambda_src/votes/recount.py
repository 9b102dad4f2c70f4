"""The audit: rebuild the tallies from the standing votes, as of a cut, and say where they differ. It must find nothing, ever.

The cut is where the last closed epoch ends. Votes that later entries have put since are taken back to what the first of those
entries found (its `before`). So it may run while ballots are counted, and shows no difference that is not there.

No function uses this: an operator's command does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from shared import clock
from votes import entry, standing
from votes.journal import Entry, Journal, Vote, read_vote
from votes.shards import shard_of
from votes.standing import Delta, Key
from votes.tallies import FOLD, Bounds, Fold, Tallies

SNAPSHOTS, PAUSE_SECONDS = 20, 0.5
NO_TITLES_ROW = {"title_id", "epoch", "v"}


class Row(NamedTuple):
    """A standing vote, with its key."""

    key: Key
    vote: Vote


class Source(Protocol):
    """What the audit reads. Pages may be of any size; every read is strongly consistent."""

    def fold(self) -> Fold | None: ...
    def tallies(self) -> Iterable[Mapping[str, Delta]]: ...
    def votes(self) -> Iterable[list[Row]]: ...
    def entries(self, shard: int, after: int, upto: int) -> Iterator[Entry]: ...


class Unsettled(Exception):
    """The tallies could not be read between two epochs, or the journal does not reach back to the cut: try again in a quieter time."""


class Difference(NamedTuple):
    """One counter of one title that is not what the votes say; `counter` is "voters" or "aspect#score"."""

    title_id: str
    counter: str
    tallied: int
    rebuilt: int


@dataclass(slots=True)
class Report:
    """What was compared, as of which epoch and cut (shard → entry), and the differences, by title and counter."""

    epoch: int = 0
    cut: Bounds = field(default_factory=dict)
    votes: int = 0
    rewound: int = 0
    titles: int = 0
    differences: list[Difference] = field(default_factory=list)


def audit(source: Source, title_id: str | None = None, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Compare every title's tallies (or one title's) with the standing votes.

    `progress` is told the number of votes read, page by page. Raises Unsettled, UnreadableEntry, NewerVersion or the client's errors.
    """
    fold, tallied = _snapshot(source)
    if title_id is not None:
        tallied = {title: row for title, row in tallied.items() if title == title_id}
    report = Report(fold.epoch, fold.upto)
    rebuilt: dict[str, Delta] = {}
    if not fold.epoch:  # nothing was ever folded: as of then there were no votes
        return _compared(report, tallied, rebuilt)
    later: dict[Key, Vote] = {}
    for page in source.votes():
        for key, vote in page:
            if title_id is not None and key[1] != title_id:
                continue
            report.votes += 1
            if vote.n > fold.upto.get(shard_of(key[0], fold.shards), 0):
                later[key] = vote
            else:
                _add(rebuilt, key[1], standing.scores(vote.standing))
        progress(report.votes)
    report.rewound = len(later)
    for key, before in _before(source, fold, later).items():
        _add(rebuilt, key[1], before)
    return _compared(report, tallied, rebuilt)


def _snapshot(source: Source) -> tuple[Fold, dict[str, Delta]]:
    """The fold row and all tallies as they were at one time: between two equal reads of the fold row, with no epoch open."""
    for turn in range(SNAPSHOTS):
        if turn:
            clock.sleep(PAUSE_SECONDS)
        fold = source.fold()
        if fold and fold.open:
            continue
        tallied = {title: row for page in source.tallies() for title, row in page.items()}
        if source.fold() == fold:
            return fold or Fold(0, {}, 0, 0), tallied
    raise Unsettled(f"an epoch was open or closed at each of {SNAPSHOTS} looks at the tallies: try again when less is counted")


def _before(source: Source, fold: Fold, later: Mapping[Key, Vote]) -> dict[Key, dict[str, int]]:
    """The scores that these votes had at the cut: what the first entry after it that touched them found."""
    ends: Bounds = {}
    for (voter_id, _), vote in later.items():
        shard = shard_of(voter_id, fold.shards)
        ends[shard] = max(ends.get(shard, 0), vote.n)
    found: dict[Key, dict[str, int]] = {}
    for shard, end in ends.items():
        for journalled in source.entries(shard, fold.upto.get(shard, 0), end):
            for change in entry.decode(journalled.body):
                if change.key in later:
                    found.setdefault(change.key, change.before or {})
    if missing := len(later) - len(found):
        raise Unsettled(f"{missing} votes were put by entries that are not in the journal any more: has it been folded for 30 days?")
    return found


def _add(rebuilt: dict[str, Delta], title_id: str, scores: Mapping[str, int]) -> None:
    """Count one standing vote."""
    row = rebuilt.setdefault(title_id, {})
    for counter in [standing.counter(aspect, score) for aspect, score in scores.items()] + [standing.VOTERS] * bool(scores):
        row[counter] = row.get(counter, 0) + 1


def _compared(report: Report, tallied: Mapping[str, Delta], rebuilt: Mapping[str, Delta]) -> Report:
    report.titles = len(tallied.keys() | rebuilt.keys())
    report.differences = list(_differences(tallied, rebuilt))
    return report


def _differences(tallied: Mapping[str, Delta], rebuilt: Mapping[str, Delta]) -> Iterator[Difference]:
    for title_id in sorted(tallied.keys() | rebuilt.keys()):
        left, right = tallied.get(title_id, {}), rebuilt.get(title_id, {})
        for counter in sorted(left.keys() | right.keys()):
            if left.get(counter, 0) != right.get(counter, 0):
                yield Difference(title_id, counter, left.get(counter, 0), right.get(counter, 0))


class TableSource:
    """The deployed tables, by name. `client` is a DynamoDB client that may GetItem and Scan tallies, Scan votes and Query the journal."""

    def __init__(self, client: Any, journal_table: str, votes_table: str, tallies_table: str) -> None:
        self._client, self._votes, self._tallies = client, votes_table, tallies_table
        self.fold = Tallies(client, tallies_table).fold
        self.entries = Journal(client, journal_table, votes_table).entries

    def tallies(self) -> Iterator[dict[str, Delta]]:
        """Every title's counters, page by page."""
        for items in self._scan(self._tallies):
            rows = {item["title_id"]["S"]: item for item in items if item["title_id"]["S"] != FOLD}
            yield {title: {name: int(item[name]["N"]) for name in item.keys() - NO_TITLES_ROW} for title, item in rows.items()}

    def votes(self) -> Iterator[list[Row]]:
        """Every standing vote, page by page."""
        for items in self._scan(self._votes):
            yield [Row((item["voter_id"]["S"], item["title_id"]["S"]), read_vote(item)) for item in items]

    def _scan(self, table: str) -> Iterator[list[dict[str, Any]]]:
        start: dict[str, Any] = {}
        while True:
            answer = self._client.scan(TableName=table, ConsistentRead=True, **start)
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
