"""What a vendor permits, as it declares it, and what of that can be reached.

Even slots (T + J) / N apart put at most N calls into any window T, wherever it begins, if J bounds
how far two calls may come closer to each other than their slots. So at most T / (T + J) of the
permitted rate is reached without a refusal.
"""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["pace", "budget"]
Per = Literal["account", "endpoint"]


class Limit(BaseModel):
    """So many calls in so many seconds, of the account, or of each endpoint (a level).

    `kind`: a pace is kept by even slots. A budget may be used up at once: a day's sum, whose window
    begins at multiples of `seconds` since the epoch, `offset_seconds` later where the vendor's
    midnight is not UTC's. `levels` are those that it is about; None: all.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    calls: int = Field(ge=1)
    seconds: float = Field(gt=0)
    per: Per = "account"
    kind: Kind = "pace"
    offset_seconds: float = 0
    levels: tuple[str, ...] | None = Field(default=None, strict=False)

    @property
    def rate(self) -> float:
        """Calls a second that it permits."""
        return self.calls / self.seconds

    def is_about(self, level: str) -> bool:
        """Whether calls of a level count."""
        return self.levels is None or level in self.levels


class Adaptive(BaseModel):
    """For a vendor that declares nothing: the rate is found, in calls a second.

    It begins at `start`, is halved at a throttle (once a window), and grows by a twentieth after a
    window without one, between `least` and `most`.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    start: float = Field(gt=0)
    least: float = Field(gt=0)
    most: float = Field(gt=0)
    window_seconds: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.least <= self.start <= self.most:
            raise ValueError("adaptive needs least <= start <= most")
        return self


class Declaration(BaseModel):
    """All that a vendor permits of an account.

    `concurrency`: calls at a time. Then each parcel's calls are made one after the other,
    `latency_ms` apart (what a call usually takes at most), and so many parcels are out at most.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    limits: tuple[Limit, ...] = Field(default=(), strict=False)
    concurrency: int | None = Field(default=None, ge=1)
    latency_ms: int = Field(default=500, ge=1)
    adaptive: Adaptive | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if not (self.paces or self.adaptive or self.concurrency):
            raise ValueError(
                'nothing bounds the calls: declare a limit of kind "pace", concurrency, or adaptive'
            )
        return self

    @property
    def paces(self) -> Sequence[Limit]:
        """The limits that are kept by even slots."""
        return [limit for limit in self.limits if limit.kind == "pace"]

    @property
    def budgets(self) -> Sequence[Limit]:
        """The limits that are sums."""
        return [limit for limit in self.limits if limit.kind == "budget"]

    def permitted(self) -> float:
        """Calls a second that it permits of one level at most; 0 where it does not say."""
        rates = [limit.rate for limit in self.paces]
        if self.concurrency:
            rates.append(self.concurrency * 1000 / self.latency_ms)
        if self.adaptive:
            rates.append(self.adaptive.most)
        return min(rates, default=0.0)

    def bound(self, spread_ms: float) -> float:
        """The share of the slowest pace that can be reached without a refusal: T / (T + J)."""
        slowest = min(self.paces, key=lambda limit: limit.rate, default=None)
        return bound(slowest, spread_ms) if slowest else 1.0

    def reachable(self, spread_ms: float) -> float:
        """Calls a second that are let out at most: what remains of each pace, and the others."""
        rates = [limit.rate * bound(limit, spread_ms) for limit in self.paces]
        return min([*rates, self.permitted()]) if rates else self.permitted()


def bound(limit: Limit, spread_ms: float) -> float:
    """The share of a pace that can be reached without a refusal, when J is `spread_ms`."""
    return limit.seconds / (limit.seconds + spread_ms / 1000)


def step_ms(limit: Limit, spread_ms: float) -> float:
    """How far apart a pace's slots are, when J is `spread_ms`."""
    return (1000 * limit.seconds + spread_ms) / limit.calls
