"""What the stand-in has, permits and does wrong; all may be set, and changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

WINDOWS = ("fixed", "sliding", "bucket")
WAITS = ("seconds", "date", "epoch", "left", "list", "fraction", "rubbish", "none")


@dataclass(frozen=True)
class Limit:
    """At most `calls` in `seconds`, by a window that is fixed (aligned at `phase`), sliding, or a
    bucket.
    """

    calls: int
    seconds: float
    window: str = "fixed"
    phase: float = 0.0

    def __post_init__(self) -> None:
        if self.window not in WINDOWS or self.calls < 1 or self.seconds <= 0:
            raise ValueError(f"a limit has calls, seconds and a window of {', '.join(WINDOWS)}: {self}")


@dataclass(frozen=True)
class Settings:
    """The stand-in's settings; shares are of 1, times are seconds.

    `groups`: hosts by the group's name. A host has 1 to `data_groups` data groups, and a share
    `vanish` (`appear`) of hosts vanishes (appears) in the first `life` seconds. `wait`: how a 429
    says when to come again. `closed`: from when to when (seconds since its start) it answers 429 to
    all. `poison`: data groups whose answer is no JSON. `rotate`: refresh tokens are good once.
    """

    seed: int = 1
    groups: Mapping[str, int] = field(default_factory=lambda: {"small": 3, "large": 40})
    data_groups: int = 5
    points: int = 5
    groups_page: int = 50
    hosts_page: int = 100
    limits: tuple[Limit, ...] = (Limit(1000, 60.0),)
    concurrency: int = 0
    wait: str = "seconds"
    latency: tuple[float, float] = (0.05, 0.8)
    errors: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 30.0
    errors_in_ok: float = 0.0
    vanish: float = 0.0
    appear: float = 0.0
    life: float = 60.0
    closed: tuple[float, float] = (0.0, 0.0)
    poison: tuple[str, ...] = ()
    repeat_cursor: bool = False
    token_seconds: float = 3600.0
    rotate: bool = True

    def __post_init__(self) -> None:
        if self.wait not in WAITS:
            raise ValueError(f"wait is one of {', '.join(WAITS)}, not {self.wait!r}")

    def changed(self, said: Mapping[str, Any]) -> Settings:
        """These settings with some of them otherwise, as JSON says them. Raises ValueError."""
        known = {one.name for one in fields(self)}
        if unknown := sorted(said.keys() - known):
            raise ValueError(f"there is no setting {', '.join(unknown)}: there are {', '.join(sorted(known))}")
        try:
            return replace(self, **{name: _read(name, value) for name, value in said.items()})
        except TypeError as error:
            raise ValueError(f"these settings cannot be read: {error}") from error

    def plain(self) -> dict[str, Any]:
        """As JSON has them."""
        return asdict(self)


def _read(name: str, value: Any) -> Any:
    if name == "limits":
        return tuple(Limit(**one) for one in value)
    return tuple(value) if isinstance(value, list) else value
