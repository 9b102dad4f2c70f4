"""Settings of the functions: the environment variables Terraform gives them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Json, PositiveInt

from harvest.limits import Declaration

Text = Annotated[str, Field(min_length=1)]
MOST_TASKS = 50  # of a parcel: its row stays small, and what a killed worker repeats


class Vendor(BaseModel):
    """Whose API: the vendor's file, its address, and the account that its limits are of."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    url: str = Field(pattern=r"^https?://")
    account: str = Field(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")


class Pacing(BaseModel):
    """How slots are given and kept; milliseconds unless a name says otherwise.

    `lead_ms`: from a parcel's release to its first slot. `ahead_ms`: what is let out beyond.
    `tick_ms`: between two looks of the pacer, and of a worker at the wish. `tolerance_ms`: how late
    a slot may still be used. `clock_ms`: how far a clock may be wrong; `way_ms`: how much longer
    one call may be on its way than another. `call_ms`: the longest call; `grace_ms` after it a
    claim is over. A parcel has at most `tasks_a_parcel`, in at most `parcel_seconds`. A turn takes
    `turn_seconds`; a pacer that was not heard of for `silent_ms` is missed; one that has nothing to
    give for `doze_seconds` ends, and is woken again. A run that took `idle_turns` without progress
    is stopped. A parcel that killed `tries` workers is split, a single task quarantined; one that
    failed `attempts` times has failed.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    lead_ms: PositiveInt = 700
    ahead_ms: PositiveInt = 1000
    tick_ms: PositiveInt = 250
    tolerance_ms: PositiveInt = 100
    clock_ms: int = Field(default=10, ge=0)
    way_ms: int = Field(default=50, ge=0)
    call_ms: PositiveInt = 10_000
    grace_ms: PositiveInt = 3_000
    tasks_a_parcel: int = Field(default=25, ge=1, le=MOST_TASKS)
    parcel_seconds: float = Field(default=5, gt=0)
    turn_seconds: float = Field(default=60, gt=0)
    silent_ms: PositiveInt = 2_000
    doze_seconds: float = Field(default=120, gt=0)
    idle_turns: PositiveInt = 20
    tries: PositiveInt = 3
    attempts: PositiveInt = 5
    least_share: float = Field(default=0.9, gt=0, lt=1)  # the plan's: see terraform

    @property
    def spread_ms(self) -> int:
        """J: how far two calls may come closer to each other than their slots."""
        return 2 * self.clock_ms + self.way_ms + self.tolerance_ms

    def end_ms(self, last_slot: float) -> int:
        """When a claim is over whose last slot this is: nobody holds it then."""
        return int(last_slot) + self.call_ms + self.grace_ms

    def tasks_of(self, declared: Declaration) -> int:
        """The most tasks of a parcel: few enough that a slow vendor's take no minutes."""
        rate = declared.reachable(self.spread_ms)
        fit = int(rate * self.parcel_seconds) if rate else self.tasks_a_parcel
        return max(1, min(self.tasks_a_parcel, fit))


class _Paced(BaseModel):
    ledger_table: Text
    accounts_table: Text
    turn_queue_url: Text
    vendor: Json[Vendor]
    limits: Json[Declaration]
    pace: Json[Pacing]


class StartSettings(_Paced):
    """start's. A run may come to know `most_calls` before it asks, if nobody says otherwise."""

    most_calls: PositiveInt = 200_000
    vendor_secret_arn: Text


class RunsSettings(_Paced):
    """runs'."""


class PaceSettings(_Paced):
    """pace's."""

    parcel_queue_url: Text
    store_queue_url: Text
    quarantine_bucket: Text


class WorkSettings(_Paced):
    """work's. `vendor_secret_arn`: where the vendor's token is, and what it is given for."""

    parcel_queue_url: Text
    results_bucket: Text
    quarantine_bucket: Text
    vendor_secret_arn: Text


class StoreSettings(BaseModel):
    """store's."""

    ledger_table: Text
    store_queue_url: Text
    results_bucket: Text
