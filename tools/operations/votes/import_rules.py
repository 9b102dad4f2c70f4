"""What a row of another system means here: every guess is a person's, and said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.bearer import id_of
from shared.visible import shown
from tools.common.errors import CommandError
from tools.operations.votes.import_file import Row
from votes import reserved, stamps
from votes.ballot import Ballot, Code, Refusal
from votes.rules import Rules

TIMES = {"rfc3339": 0, "seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}  # µs each
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,9})?").fullmatch
FIELDS = ("voter_id", "title_id", "cast_at", "ballot_id", "votes")


@dataclass(frozen=True)
class Meaning:
    """How to read rows.

    `columns`: our name of a field or aspect → theirs. `scores`: their score → ours; where it is
    empty, whole numbers are themselves. `times`: how they write times, a key of TIMES.
    `issuer`: of the tokens whose subjects their voters are; None where ids are taken as they are.
    `since_us`, `until_us`: the time that ballots may be cast in.
    """

    rules: Rules
    since_us: int
    until_us: int
    columns: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[Decimal, int] = field(default_factory=dict)
    times: str = "rfc3339"
    issuer: str | None = None

    def name(self, ours: str) -> str:
        """What they call a field or an aspect."""
        return self.columns.get(ours, ours)

    def require(self, row: Row) -> list[str]:
        """The names in a first row that are not read. Raises CommandError where some lack."""
        needed = [self.name(one) for one in FIELDS[:3]]
        missing = [name for name in needed if name not in row.fields]
        scores = [self.name(one) for one in (*self.rules.aspects, "votes")]
        if missing or not row.fields.keys() & set(scores):
            raise CommandError(
                f"line {row.line} has no {', '.join(missing) or ' or '.join(scores)}: it has "
                f"{', '.join(row.fields) or 'nothing'}. Say what is what: COLUMNS=voter_id=user,overall=rating"
            )
        read = {*needed, *scores, self.name("ballot_id")}
        return [name for name in row.fields if name not in read]

    def ballot(self, row: Row) -> Ballot | Refusal:
        """The ballot in a row, or why it is none. The same row is the same ballot, by its stamp."""
        if row.wrong:
            return Refusal(Code.NOT_AN_OBJECT, row.wrong)
        cast_at = self._time(row.fields.get(self.name("cast_at")))
        votes = self._votes(row.fields)
        if isinstance(cast_at, Refusal):
            return cast_at
        if isinstance(votes, Refusal):
            return votes
        voter = _text(row.fields.get(self.name("voter_id")))
        if self.issuer is not None and isinstance(voter, str) and voter:
            voter = id_of(self.issuer, voter)
        raw = {"voter_id": voter, "title_id": _text(row.fields.get(self.name("title_id"))), "votes": votes}
        ballot_id = _text(row.fields.get(self.name("ballot_id"))) or stamps.content_id(raw | {"cast_at": cast_at})
        read = self.rules.read(raw | {"ballot_id": ballot_id, "cast_at": cast_at}, now_us=cast_at, queued=True)
        if isinstance(read, Ballot) and read.title_id == reserved.TITLE:
            return Refusal(Code.UNKNOWN_TITLE, f'the title "{reserved.TITLE}" is the service\'s own')
        return read

    def _time(self, value: object) -> int | Refusal:
        text = _text(value)
        cast_at = None
        if self.times == "rfc3339":
            cast_at = stamps.from_rfc3339(text) if isinstance(text, str) else None
        elif (number := _number(text)) is not None:
            cast_at = int(number * TIMES[self.times])
        if cast_at is None:
            return Refusal(Code.BAD_TIME, f"cast_at must be {_time_wanted(self.times)}; got {shown(value)}")
        if cast_at < self.since_us:
            return Refusal(Code.TOO_EARLY, f"cast at {stamps.shown(cast_at)}, before SINCE; got {shown(value)}")
        if cast_at > self.until_us:
            return Refusal(Code.TOO_LATE, f"cast at {stamps.shown(cast_at)}, in the future; got {shown(value)}")
        return cast_at

    def _votes(self, fields: Mapping[str, Any]) -> object:
        """Aspect → score in our scale; whatever else "votes" holds, for the rules to refuse."""
        given = fields.get(self.name("votes"))
        if given is not None and not isinstance(given, dict):
            return given
        votes: dict[str, Any] = dict(given or {})
        for aspect in self.rules.aspects:
            value = fields.get(self.name(aspect))
            if value not in (None, ""):
                votes[aspect] = value
        for aspect, value in votes.items():
            if value is not None:
                votes[aspect] = self._score(aspect, value)
                if isinstance(votes[aspect], Refusal):
                    return votes[aspect]
        return votes

    def _score(self, aspect: str, value: object) -> int | Refusal:
        number = None if isinstance(value, bool) else _number(_text(value))
        if number is None:
            return Refusal(Code.BAD_SCORE, f"votes.{aspect[:40]} must be a number; got {shown(value)}")
        if self.scores:
            if number not in self.scores:
                return Refusal(Code.BAD_SCORE, f"SCORES does not say what {shown(value)} of {aspect[:40]} becomes")
            return self.scores[number]
        if number != number.to_integral_value():
            return Refusal(
                Code.BAD_SCORE,
                f"{shown(value)} of {aspect[:40]} is no whole number: say what it becomes, SCORES=3.5=4,…",
            )
        return int(number)


def columns_of(text: str) -> dict[str, str]:
    """`voter_id=user,overall=rating`, read. Raises CommandError."""
    pairs = _pairs(text, "COLUMNS=voter_id=user,overall=rating")
    return dict(pairs)


def scores_of(text: str, rules: Rules) -> dict[Decimal, int]:
    """`0.5=1,1=1,1.5=2`, read: what each of their scores becomes. Raises CommandError."""
    scores: dict[Decimal, int] = {}
    for theirs, ours in _pairs(text, "SCORES=0.5=1,1=1,1.5=2"):
        number, score = _number(theirs), _number(ours)
        if number is None or score is None or score != int(score) or not rules.lowest <= score <= rules.highest:
            raise CommandError(
                f"SCORES: {theirs}={ours} must give a whole number from {rules.lowest} to {rules.highest}"
            )
        if number in scores:
            raise CommandError(f"SCORES says twice what {theirs} becomes")
        scores[number] = int(score)
    return scores


def since_of(text: str | None) -> int:
    """SINCE, in microseconds: a day or a time with a zone. Raises CommandError."""
    example = "SINCE=2015-01-01: no ballot of the file may be older, so that times that were misread show"
    try:
        since = datetime.fromisoformat(text or "")
    except ValueError:
        raise CommandError(
            f"{'SINCE is missing' if not text else f'SINCE={text!r} is no time'}, as in {example}"
        ) from None
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    since_us = int(since.timestamp()) * 1_000_000
    if since_us < 0:
        raise CommandError(f"SINCE={text!r} is before 1970, where stamps begin, as in {example}")
    return since_us


def _pairs(text: str, example: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not (equals and name.strip() and value.strip()) for name, equals, value in pairs):
        raise CommandError(f"it must be pairs, as in {example}")
    if len({name.strip() for name, _, _ in pairs}) != len(pairs):
        raise CommandError(f"a name stands there twice; it must be pairs, as in {example}")
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _text(value: object) -> object:
    """A number as the text that it was in the file, near enough; anything else as it is."""
    if isinstance(value, bool):
        return value
    return str(value) if isinstance(value, int | float) else value


def _number(text: object) -> Decimal | None:
    return Decimal(text) if isinstance(text, str) and _NUMBER(text) else None


def _time_wanted(times: str) -> str:
    if times == "rfc3339":
        return "an RFC 3339 time with a zone (or say TIMES=seconds|milliseconds|microseconds)"
    return f"{times} since 1970"
