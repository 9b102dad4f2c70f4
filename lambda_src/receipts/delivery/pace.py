"""A lane's pace, on two knobs: rows a transaction, and rest between two transactions.

Fewer rows do not shorten a commit whose delay is fixed, only resting relieves it; and resting does
not shorten one that is too large. So a transaction over the budget turns both at once. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

# A lane starts with so few, and never takes fewer: one row at a time helps no database.
LEAST_ROWS, STEP_ROWS = 10, 10
MOST_ROWS = 1_000
FIRST_REST_MS = 100
RECOVERY = 0.8  # of the rest, after a transaction within the budget


class Budget(BaseModel):
    """What a lane may ask of the database.

    A transaction has at most `most_rows` rows and should take at most `latency_ms`; between two a
    lane rests for at most `most_rest_ms`. A lane that finds nothing more to do stays for
    `linger_seconds`, longer than a slot: the ticks of its slot have gone into its own.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    most_rows: int = Field(default=500, ge=1, le=MOST_ROWS)
    latency_ms: PositiveInt = 250
    most_rest_ms: int = Field(default=5_000, ge=0, le=60_000)
    linger_seconds: int = Field(default=6, ge=0, le=60)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a lane goes now. `doubles` until the first transaction over the budget."""

    rows: int = LEAST_ROWS
    rest_ms: int = 0
    doubles: bool = True

    def after(self, latency_ms: float, rows: int, budget: Budget) -> Pace:
        """The pace after a transaction of that many rows, which took so long.

        One that was not full says nothing of larger ones: then there are no more rows than before.
        """
        if latency_ms > budget.latency_ms:
            rest = min(budget.most_rest_ms, max(FIRST_REST_MS, 2 * self.rest_ms))
            return Pace(max(_least(budget), self.rows // 2), rest, doubles=False)
        rest = int(self.rest_ms * RECOVERY) if self.rest_ms > FIRST_REST_MS else 0
        if rows < self.rows:
            return replace(self, rest_ms=rest)
        more = 2 * self.rows if self.doubles else self.rows + STEP_ROWS
        return replace(self, rows=min(budget.most_rows, more), rest_ms=rest)


def left_off(rows: int | None, rest_ms: int | None, budget: Budget) -> Pace:
    """The pace that a tick carries on, within the budget; the first one where it carries none."""
    if rows is None:
        return Pace(_least(budget))
    held = min(budget.most_rest_ms, rest_ms or 0)
    return Pace(max(_least(budget), min(budget.most_rows, rows)), held, doubles=False)


def _least(budget: Budget) -> int:
    return min(LEAST_ROWS, budget.most_rows)
