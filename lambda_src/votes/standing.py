"""What a voter's ballots say of a title now, and what a change of it does to the tallies.

Ballots of one voter on one title are merged aspect by aspect, the later stamp `(cast_at,
ballot_id)` winning; so their order of arrival does not matter, and a ballot that comes twice
changes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from votes.ballot import Ballot

Key = tuple[str, str]  # (voter_id, title_id)
Delta = dict[str, int]  # counter of a title's row → what to add to it; see `counter`

VOTERS = "voters"


class AspectVote(NamedTuple):
    """One aspect of a standing vote: the score, None for withdrawn, and its ballot's stamp."""

    score: int | None
    cast_at: int
    ballot_id: str


Standing = dict[str, AspectVote]  # by aspect; one never voted on is absent


class Change(NamedTuple):
    """One standing vote as an entry found it and as it leaves it.

    `before` holds scores only, because that is all the tallies need to take back; None means that
    there was no vote.
    """

    voter_id: str
    title_id: str
    before: dict[str, int] | None
    after: Standing

    @property
    def key(self) -> Key:
        """The vote that it changes."""
        return (self.voter_id, self.title_id)


def counter(aspect: str, score: int) -> str:
    """The attribute of a title's row that counts standing votes of this aspect with this score."""
    return f"{aspect}#{score}"


def scores(standing: Standing) -> dict[str, int]:
    """The scores that count: aspect → score, without the withdrawn."""
    return {aspect: vote.score for aspect, vote in standing.items() if vote.score is not None}


def cast(standing: Standing | None, ballot: Ballot) -> Standing | None:
    """The standing vote with `ballot` merged in; None when the ballot changes nothing.

    `standing` is left as it is.
    """
    merged = None
    cast_at, ballot_id = ballot.cast_at, ballot.ballot_id
    for aspect, score in ballot.votes.items():
        latest = standing.get(aspect) if standing else None
        if latest is None or (cast_at, ballot_id) > (latest.cast_at, latest.ballot_id):
            if merged is None:
                merged = dict(standing or ())
            merged[aspect] = AspectVote(score, cast_at, ballot_id)
    return merged


def changes(before: Mapping[Key, Standing], ballots: Iterable[Ballot]) -> list[Change]:
    """Fold the ballots over the standing votes that there are before.

    Gives the votes they change, in the order in which they were first changed.
    """
    now: dict[Key, Standing] = {}
    for ballot in ballots:
        key = (ballot.voter_id, ballot.title_id)
        merged = cast(now.get(key) or before.get(key), ballot)
        if merged is not None:
            now[key] = merged
    return [
        Change(*key, scores(before[key]) if key in before else None, after)
        for key, after in now.items()
    ]


def stands_in(change: Change, ballot: Ballot) -> bool:
    """Whether the change leaves something of this ballot standing."""
    after = change.after
    return any(
        (vote := after.get(aspect)) is not None and vote[1:] == (ballot.cast_at, ballot.ballot_id)
        for aspect in ballot.votes
    )


def add_delta(delta: Delta, change: Change) -> None:
    """Add to a title's delta what the change takes from and gives to its counters."""
    before, after = change.before or {}, scores(change.after)
    for aspect, score in before.items():
        name = counter(aspect, score)
        delta[name] = delta.get(name, 0) - 1
    for aspect, score in after.items():
        name = counter(aspect, score)
        delta[name] = delta.get(name, 0) + 1
    delta[VOTERS] = delta.get(VOTERS, 0) + bool(after) - bool(before)


def without_zeros(sums: dict[str, Delta]) -> dict[str, Delta]:
    """The deltas that change something: no zeros in them, and no titles left as they were."""
    kept = {title: {name: n for name, n in delta.items() if n} for title, delta in sums.items()}
    return {title: delta for title, delta in kept.items() if delta}
