"""The audit: rebuild the tallies from the standing votes, as of a cut, and say where they differ.

It must never find a difference.

The cut is where the last closed epoch ends. Votes that later entries have put since are taken back
to what they were before the first of those entries. So it may run while ballots are counted,
and shows no difference that is not there. A large one takes long, so it goes page by page and its
State can be kept: whoever has it goes on from there.

No function uses this: an operator's command does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from shared import clock
from votes import aspects, entry, last_entry, standing
from votes.entry import Content, Kind
from votes.journal import Journal
from votes.rows import Entry, UnreadableVote, Vote, read_vote
from votes.standing import Delta, Key
from votes.tallies import Bounds, Fold, Tallies, read_titles

SNAPSHOTS, PAUSE_SECONDS = 20, 0.5

Token = dict[str, Any]  # where a scan goes on, as DynamoDB gave it


class Row(NamedTuple):
    """A standing vote, with its key."""

    key: Key
    vote: Vote


class Page(NamedTuple):
    """Some rows of votes, and where the next page starts (None: there is none)."""

    rows: list[Row]
    next: Token | None


class Source(Protocol):
    """What the audit reads. Pages may be of any size; every read is strongly consistent."""

    def fold(self) -> Fold | None: ...
    def tallies(self) -> Iterable[Mapping[str, Delta]]: ...
    def votes(self, start: Token | None = None, title_id: str | None = None) -> Iterable[Page]: ...
    def entries(self, shard: int, after: int) -> Iterator[Entry]: ...


class Unsettled(Exception):
    """The cut cannot be compared with, for what the message says: audit again, from the start."""


class Difference(NamedTuple):
    """A title's counter ("voters" or "aspect#score") that is not what the votes say."""

    title_id: str
    counter: str
    tallied: int
    rebuilt: int


@dataclass(slots=True)
class Report:
    """What was compared, as of which epoch and cut (shard → entry), and the differences."""

    epoch: int = 0
    cut: Bounds = field(default_factory=dict)
    votes: int = 0
    rewound: int = 0
    titles: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """An audit on its way: the cut, the tallies then, and what was rebuilt of the votes so far."""

    fold: Fold
    tallied: dict[str, Delta]
    title_id: str | None = None
    rebuilt: dict[str, Delta] = field(default_factory=dict)
    later: set[Key] = field(default_factory=set)  # put by entries after the cut
    votes: int = 0
    next: Token | None = None
    read: bool = False  # every page


def audit(
    source: Source, title_id: str | None = None, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Compare every title's tallies (or one title's) with the standing votes.

    `progress` is called with the number of votes read, page by page. Raises Unsettled,
    UnreadableEntry, UnreadableVote, NewerVersion or the client's errors.
    """
    state = begin(source, title_id)
    for _ in read_on(source, state):
        progress(state.votes)
    return finish(source, state)


def begin(source: Source, title_id: str | None = None) -> State:
    """Fix the cut, and read the tallies as they were then."""
    fold, tallied = _snapshot(source)
    if title_id is not None:
        tallied = {title: row for title, row in tallied.items() if title == title_id}
    # Where nothing was ever folded, there were no votes as of then.
    return State(fold, tallied, title_id, read=not fold.epoch)


def read_on(source: Source, state: State) -> Iterator[State]:
    """Read the pages of votes that are left; `state` is yielded, whole, after each.

    A state kept then can be gone on with.
    """
    if state.read:
        return
    for page in source.votes(state.next, state.title_id):
        for key, vote in page.rows:
            state.votes += 1
            if state.fold.holds(key[0], vote.n):
                _add(state.rebuilt, key[1], standing.scores(vote.standing))
            else:
                state.later.add(key)
        state.next, state.read = page.next, page.next is None
        yield state


def finish(source: Source, state: State) -> Report:
    """Take back the later votes, and compare."""
    rebuilt = {title: dict(row) for title, row in state.rebuilt.items()}
    if state.fold.epoch:
        for key, before in _before(source, state.fold, state.later).items():
            _add(rebuilt, key[1], before)
    report = Report(state.fold.epoch, state.fold.upto, state.votes, len(state.later))
    report.titles = len(state.tallied.keys() | rebuilt.keys())
    report.differences = list(_differences(state.tallied, rebuilt))
    return report


def _snapshot(source: Source) -> tuple[Fold, dict[str, Delta]]:
    """The fold row and all tallies as they were at one time.

    That is between two equal reads of the fold row, with no epoch open.
    """
    for turn in range(SNAPSHOTS):
        if turn:
            clock.sleep(PAUSE_SECONDS)
        fold = _without_view(source.fold())
        if fold and fold.open:
            continue
        tallied: dict[str, Delta] = {}
        for page in source.tallies():
            tallied |= page
        if _without_view(source.fold()) == fold:
            return fold or Fold(0, {}, 0, 0), tallied
    raise Unsettled(
        f"an epoch was open or closed at each of {SNAPSHOTS} looks at the tallies: "
        "try again when less is counted"
    )


def _without_view(fold: Fold | None) -> Fold | None:
    """What is audited are the titles' rows, which a view is not in."""
    return fold and replace(fold, mark=None, view=None)


def _before(source: Source, fold: Fold, later: set[Key]) -> dict[Key, dict[str, int]]:
    """The scores that these votes had at the cut: what the first entry after it says of before."""
    scores: dict[Key, dict[str, int]] = {}
    for shard in range(fold.shards):
        cut = fold.upto.get(shard, 0)
        for journalled in source.entries(shard, cut):
            content = last_entry.content_of(shard, journalled)
            _require_whole(content, cut, f"entry {journalled.n} of shard {shard}")
            for change in content.changes:
                if change.key in later:
                    scores.setdefault(change.key, change.before or {})
    if missing := len(later) - len(scores):
        raise Unsettled(
            f"{missing} votes were put by entries that are not in the journal any more: "
            "has it been folded for 30 days?"
        )
    return scores


def _require_whole(content: Content, cut: int, what: str) -> None:
    """Raise Unsettled for an entry after the cut that does not say what it changed."""
    if content.kind is Kind.MENDED:
        raise Unsettled(f"{what}, since the cut, was mended: audit again when it is folded")
    erased = any(change.voter_id == entry.ERASED for change in content.changes)
    if erased or (content.kind is Kind.ERASURE and content.put_by > cut):
        raise Unsettled(
            f"{what}, since the cut, has to do with a voter who was erased meanwhile: audit again"
        )


def _add(rebuilt: dict[str, Delta], title_id: str, scores: Mapping[str, int]) -> None:
    """Count one standing vote."""
    row = rebuilt.setdefault(title_id, {})
    counters = [standing.counter(aspect, score) for aspect, score in scores.items()]
    if scores:
        counters.append(standing.VOTERS)
    for counter in counters:
        row[counter] = row.get(counter, 0) + 1


def _differences(
    tallied: Mapping[str, Delta], rebuilt: Mapping[str, Delta]
) -> Iterator[Difference]:
    for title_id in sorted(tallied.keys() | rebuilt.keys()):
        left, right = tallied.get(title_id, {}), rebuilt.get(title_id, {})
        for counter in sorted(left.keys() | right.keys()):
            if left.get(counter, 0) != right.get(counter, 0):
                yield Difference(title_id, counter, left.get(counter, 0), right.get(counter, 0))


class TableSource:
    """The deployed tables, by name.

    `client` is a DynamoDB client that may GetItem and Scan tallies, Scan votes and Query the
    journal.
    """

    def __init__(
        self, client: Any, journal_table: str, votes_table: str, tallies_table: str
    ) -> None:
        self._client, self._votes, self._tallies = client, votes_table, tallies_table
        self._aspects = aspects.by_get(client, votes_table)
        self.fold = Tallies(client, tallies_table).fold
        self.entries = Journal(client, journal_table, votes_table).entries

    def tallies(self) -> Iterator[dict[str, Delta]]:
        """Every title's counters, page by page."""
        for items, _ in self._scan(self._tallies):
            yield read_titles(items)

    def votes(self, start: Token | None = None, title_id: str | None = None) -> Iterator[Page]:
        """Every standing vote (or those on one title) from there on, page by page."""
        for items, last in self._scan(self._votes, start):
            wanted = [
                item
                for item in items
                if not aspects.is_it(item) and title_id in (None, item["title_id"]["S"])
            ]
            yield Page([_row(item, self._aspects.name_of) for item in wanted], last)

    def _scan(
        self, table: str, start: Token | None = None
    ) -> Iterator[tuple[list[dict[str, Any]], Token | None]]:
        while True:
            after = {"ExclusiveStartKey": start} if start else {}
            answer = self._client.scan(TableName=table, ConsistentRead=True, **after)
            start = answer.get("LastEvaluatedKey")
            yield answer["Items"], start
            if not start:
                return


def _row(item: dict[str, Any], name_of: Callable[[int], str]) -> Row:
    key = (item["voter_id"]["S"], item["title_id"]["S"])
    try:
        return Row(key, read_vote(item, name_of))
    except UnreadableVote as error:
        raise UnreadableVote(f"{error} (voter {key[0]}, title {key[1]})") from error
