"""Settings of the functions: the environment variables Terraform gives them."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)

from shared import entrance
from votes.ballot import Identifier
from votes.rules import Rules


class Scale(BaseModel):
    """The whole numbers a score may be, both ends included."""

    model_config = ConfigDict(extra="forbid", strict=True)
    lowest: int = Field(ge=-1000, le=1000)
    highest: int = Field(ge=-1000, le=1000)

    @model_validator(mode="after")
    def _in_order(self) -> "Scale":
        if self.highest <= self.lowest:
            raise ValueError("highest must be greater than lowest")
        return self


def _distinct(aspects: list[str]) -> list[str]:
    if len(set(aspects)) != len(aspects):
        raise ValueError("an aspect is named twice")
    return aspects


Aspects = Annotated[list[Identifier], Field(min_length=1, max_length=50), AfterValidator(_distinct)]
Text = Annotated[str, Field(min_length=1)]
MOST_COUNTERS = 250  # of a title: tally adds to them in one update, whose expression may have 4 KB
MOST_BALLOTS = 500  # of any request: what one may cost is measured with so many
UnlistedTitles = Literal["accept", "quarantine"]


class _Voting(BaseModel):
    aspects: Json[Aspects]
    scale: Json[Scale]

    @model_validator(mode="after")
    def _fits_a_row(self) -> Self:
        counters = len(self.aspects) * (self.scale.highest - self.scale.lowest + 1)
        if counters > MOST_COUNTERS:
            raise ValueError(
                f"ASPECTS and SCALE make {counters} counters a title, {MOST_COUNTERS} is the most: "
                "take fewer or a shorter scale"
            )
        return self

    def rules(self) -> Rules:
        """The rules for ballots in this environment."""
        return Rules(self.aspects, self.scale.lowest, self.scale.highest)


class MostBallots(BaseModel):
    """The most ballots of a request: of a voter, and of a token with the trusted scope."""

    model_config = ConfigDict(extra="forbid", strict=True)
    voter: int = Field(ge=1, le=MOST_BALLOTS)
    trusted: int = Field(ge=1, le=MOST_BALLOTS)


class ReceiveSettings(_Voting, entrance.EntranceSettings):
    """receive's."""

    ingest_queue_url: Text
    keys_table: Text
    witness_share: PositiveInt
    voter_from: Literal["body", "token"]
    trusted_scope: str | None = None
    most_ballots: Json[MostBallots]


class ProcessSettings(_Voting):
    """process's."""

    ingest_queue_url: Text
    count_queue_url: Text
    quarantine_bucket: Text
    catalogue_table: Text
    keys_table: Text
    unlisted_titles: UnlistedTitles
    shards: PositiveInt
    witness_share: PositiveInt


class WriteSettings(_Voting):
    """write's."""

    count_queue_url: Text
    tick_queue_url: Text
    votes_table: Text
    journal_table: Text
    quarantine_bucket: Text
    keys_table: Text
    shards: PositiveInt
    slot_seconds: PositiveInt
    witness_share: PositiveInt
    packed_votes: bool


class TallySettings(BaseModel):
    """tally's."""

    tick_queue_url: Text
    votes_table: Text
    journal_table: Text
    tallies_table: Text
    shards: PositiveInt
    epoch_changes: PositiveInt
    fold_seconds: NonNegativeInt


class ResultsSettings(_Voting, entrance.EntranceSettings):
    """results's."""

    tallies_table: Text
    catalogue_table: Text
    rankings_bucket: Text


class RankSettings(_Voting):
    """rank's."""

    tallies_table: Text
    rankings_bucket: Text


class VoteSettings(entrance.EntranceSettings):
    """vote's."""

    voter_from: Literal["body", "token"]
    votes_table: Text
    tallies_table: Text


class ProbeSettings(_Voting):
    """probe's; `receive_function` is the ARN of receive's alias."""

    receive_function: Text
    voter_from: Literal["body", "token"]
    votes_table: Text
    tallies_table: Text
