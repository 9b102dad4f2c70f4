"""The load that the demonstration sends: ballots on real films, drawn by their real vote counts.

All that clients do wrong is in it. A seed and a time give the same load again. What is expected of
each request stands beside it, so that a good ballot that is refused shows as well as a bad one that
is taken.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from tools.traffic.votes.bad_input import BAD_BALLOTS, BAD_REQUESTS, Request, ballots_request

ASPECTS = ("story", "acting", "visuals", "music", "overall")
TITLES = Path(__file__).with_name("data") / "titles.csv"
CLOSED, NOT_OPEN, OPEN = "festival-award-closed", "premiere-not-open", "audience-award-open"
Ballot = dict[str, Any]


class Film(NamedTuple):
    """A film of data/titles.csv, with its rating (0 to 10) and its votes elsewhere."""

    title_id: str
    title: str
    rating: float
    votes: int


@dataclass(frozen=True)
class Load:
    """What is sent.

    Over HTTP in any order, over HTTP after all that, and as messages put on the ingest queue by
    hand.
    """

    requests: Sequence[Request]
    late: Sequence[Request]
    by_hand: Sequence[str]
    by_hand_ballots: Sequence[Ballot]  # those of them that are good
    by_hand_reasons: Sequence[str]  # why the others must end in quarantine
    catalogue: str  # CSV
    films: Sequence[Film]
    windows: dict[str, str] = field(default_factory=lambda: {CLOSED: "title-closed", NOT_OPEN: "title-not-open"})

    @property
    def ballots(self) -> int:
        """How many ballots are sent in all, good and bad."""
        return sum(len(request.ballots) for request in (*self.requests, *self.late)) + self.ballots_by_hand

    @property
    def ballots_by_hand(self) -> int:
        """How many of them come by hand: a message may hold several."""
        return len(self.by_hand_ballots) + len(self.by_hand_reasons)

    @property
    def titles(self) -> list[str]:
        """Every title that may be voted on."""
        return [film.title_id for film in self.films] + [CLOSED, NOT_OPEN, OPEN]


def films() -> list[Film]:
    """The 1,000 films with the most votes, as they stand in data/titles.csv."""
    with TITLES.open(newline="") as file:
        return [
            Film(row["title_id"], row["title"], float(row["imdb_rating"]), int(row["imdb_votes"]))
            for row in csv.DictReader(file)
        ]


def build(seed: int, size: int, now: datetime, *, stamped: float = 0.6) -> Load:
    """A load of about `size` ballots (a little more: late retries and bad input come on top).

    `stamped`: the share of ballots that come with their client's stamp; only those can be sent
    again and change nothing.
    """
    rng = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    listed = films()
    ballots = _Drawing(rng, listed, now, voters=max(20, size // 3), stamped=stamped).ballots(size)
    requests = _pack(rng, ballots)
    late = [request for request in requests if _is_repeatable(request)][: max(10, size // 100)]
    requests += BAD_REQUESTS
    rng.shuffle(requests)
    hand = [
        {"voter_id": f"by-hand-{index}", "title_id": listed[index].title_id, "votes": {"overall": 1 + index % 5}}
        for index in range(5)
    ]
    messages = [*(json.dumps(ballot) for ballot in hand[:3]), json.dumps({"ballots": hand[3:]})]
    bad = [
        ("this is no JSON", "not-json"),
        ("[1, 2, 3]", "not-a-message"),
        (json.dumps(hand[0] | {"voter_id": "by-hand-bad-score", "votes": {"story": 9}}), "bad-score"),
        (json.dumps(hand[0] | {"voter_id": "by-hand-aspect", "votes": {"plot": 3}}), "unknown-aspect"),
        (json.dumps(hand[0] | {"voter_id": "not an identifier"}), "bad-identifier"),
        (json.dumps(hand[0] | {"voter_id": "by-hand-closed", "title_id": CLOSED}), "title-closed"),
    ]
    return Load(
        requests,
        late,
        [*messages, *(body for body, _ in bad)],
        hand,
        [reason for _, reason in bad],
        _catalogue(now),
        listed,
    )


def _is_repeatable(request: Request) -> bool:
    """Whether sending it again changes nothing: each ballot comes with its client's stamp."""
    return request.status == 202 and all("ballot_id" in ballot for ballot in request.ballots)


def _catalogue(now: datetime) -> str:
    day = timedelta(days=1)
    rows = [
        ("title_id", "name", "opens", "closes"),
        (CLOSED, "Festival award (closed yesterday)", (now - 30 * day).isoformat(), (now - day).isoformat()),
        (NOT_OPEN, "Premiere (opens tomorrow)", (now + day).isoformat(), ""),
        (OPEN, "Audience award (open now)", (now - day).isoformat(), (now + day).isoformat()),
    ]
    return "".join(",".join(row) + "\n" for row in rows)


@dataclass
class _Drawing:
    """Draws ballots one after the other; remembers them to change, withdraw and repeat them."""

    rng: random.Random
    films: Sequence[Film]
    now: datetime
    voters: int
    stamped: float
    earlier: list[Ballot] = field(default_factory=list)

    def ballots(self, size: int) -> list[Ballot]:
        """So many."""
        weights = [film.votes for film in self.films]
        drawn = self.rng.choices(self.films, weights=weights, k=size)
        return [self._one(index, film) for index, film in enumerate(drawn)]

    def _one(self, index: int, film: Film) -> Ballot:
        chance = self.rng.random()
        if chance < 0.07 and (repeatable := self._earlier(stamped=True)):
            return repeatable
        if chance < 0.21 and (before := self._earlier(stamped=False)):
            votes: dict[str, int | None] = {aspect: self.rng.randint(1, 5) for aspect in self._some(ASPECTS)}
            if chance < 0.13:  # withdraws instead
                votes = dict.fromkeys(self._some(list(before["votes"])), None)
            return self._remember(index, before["voter_id"], before["title_id"], votes)
        title_id = film.title_id
        if chance > 0.98:
            title_id = self.rng.choice((CLOSED, NOT_OPEN, OPEN))
        return self._remember(index, f"voter-{self.rng.randrange(self.voters):05d}", title_id, self._scores(film))

    def _scores(self, film: Film) -> dict[str, int | None]:
        return {aspect: min(5, max(1, round(self.rng.gauss(film.rating / 2, 0.8)))) for aspect in self._some(ASPECTS)}

    def _some(self, aspects: Sequence[str]) -> list[str]:
        return self.rng.sample(aspects, self.rng.randint(1, len(aspects)))

    def _earlier(self, *, stamped: bool) -> Ballot | None:
        earlier = self.rng.choice(self.earlier) if self.earlier else None
        return None if earlier and stamped and "ballot_id" not in earlier else earlier

    def _remember(self, index: int, voter_id: str, title_id: str, votes: dict[str, int | None]) -> Ballot:
        ballot: Ballot = {"voter_id": voter_id, "title_id": title_id, "votes": votes}
        if self.rng.random() < self.stamped:  # clients' own stamps, in no order, some of them equal
            at = self.now - timedelta(
                seconds=self.rng.randrange(3600), microseconds=self.rng.choice((0, 0, 500_000, 123_456))
            )
            zone = self.rng.choice((UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-8))))
            ballot |= {"ballot_id": f"b-{index:06d}", "cast_at": at.astimezone(zone).isoformat().replace("+00:00", "Z")}
        self.earlier.append(ballot)
        return ballot


def _pack(rng: random.Random, ballots: Sequence[Ballot]) -> list[Request]:
    """Ballots as clients send them: most alone, some in batches, one in the largest batch.

    Bad ones stand among good ones.
    """
    requests: list[Request] = []
    position = 0
    while position < len(ballots):
        size = 500 if position == 0 and len(ballots) > 2000 else rng.randint(5, 60) if rng.random() < 0.07 else 1
        part = list(ballots[position : position + size])
        position += size
        spoilt: dict[int, str] = {}
        if len(part) > 1 and rng.random() < 0.5:
            bad, code = rng.choice(BAD_BALLOTS)
            at = rng.randrange(len(part))
            part[at:at] = [bad]
            part, spoilt = part[:500], {at: code}
        requests.append(replace(ballots_request(part), refused=spoilt))
    return requests
