"""What the bench has to show, each as a figure and its limit.

Counted ones are the same in every run; timed ones are ratios.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tools.bench.votes import timed

Json = dict[str, Any]


class Target(NamedTuple):
    """A figure that must stay at or below its limit, or (`at_least`) at or above it."""

    what: str
    figure: float
    limit: float
    at_least: bool = False
    is_timed: bool = False

    @property
    def met(self) -> bool:
        """Whether it does."""
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def counted(found: Json) -> list[Target]:
    """Of the counted part of a result."""
    table, flows, rates = found["table"], found["flows"], found["rates"]["prod"]
    targets = [
        Target("write units a ballot, an epoch of 50,000", table["epoch 50000"]["write_units"], 1.1),
        Target("write units a ballot, an epoch of 5,000", table["epoch 5000"]["write_units"], 1.3),
        Target("read units a ballot", max(one["read_units"] for one in table.values()), 1.1),
        Target(
            "write units that UUIDs add",
            table["epoch 50000, uuid"]["write_units"] - table["epoch 50000"]["write_units"],
            0.05,
        ),
        Target("write units at 1,000 a second, prod", rates["1000"]["write_units"], 1.2),
    ]
    for rate, limit in (("1", 3.4), ("10", 3.0), ("100", 2.1)):
        if rate in rates:
            name = f"write units at {rate} a second, prod"
            targets.append(Target(name, rates[rate]["write_units"], limit))
    if "10000" in rates:
        targets.append(Target("write units at 10,000 a second, prod", rates["10000"]["write_units"], 1.15))
    ours = found["costs"]["table"]
    for other, share in (("plain", 3), ("idempotent", 6)):
        targets.append(
            Target(f"table's dollars, of {other}'s", ours / flows[f"{other}, 1"]["costs"]["DynamoDB"], 1 / share)
        )
    for a_request, shares in ((1, (2, 4)), (10, (3, 6))):
        mine = flows[f"sluice, {a_request}"]["costs"]["behind the API"]
        for other, share in zip(("plain", "idempotent"), shares, strict=True):
            theirs = flows[f"{other}, {a_request}"]["costs"]["behind the API"]
            targets.append(
                Target(f"dollars behind the API, {a_request} a request, of {other}'s", mine / theirs, 1 / share)
            )
    one, most = found["titles"]["1"]["write_units"], found["titles"][str(max(map(int, found["titles"])))]["write_units"]
    targets.append(Target("write units on one title, of those on the most titles", one / most, 1.0))
    targets.append(Target("votes wrong after redelivery", found["miscounts"]["sluice"]["redelivered"], 0))
    return targets


def _zip_bytes(function: Json) -> list[int]:
    """Of a function's packages, for this machine and for Lambda."""
    return [size for name, size in function.items() if name.endswith("_zip_bytes")]


def times(rounds: list[timed.Times], cold: Json) -> list[Target]:
    """Of the timed part."""

    def times_faster(than: str, us: str, what: str, limit: float) -> Target:
        return Target(what, timed.ratio(rounds, than, us), limit, at_least=True, is_timed=True)

    targets = [
        times_faster("idempotent process", "sluice process", "process: times idempotent a core", 6),
        times_faster("idempotent write", "sluice write", "write: times idempotent a core (votes in batches)", 10),
        times_faster(
            "idempotent receive, 100 a request",
            "sluice receive, 100 a request",
            "receive, 100 a request: times idempotent a core",
            4,
        ),
        Target(
            "receive, one a request, of its one queue call",
            timed.ratio(rounds, "answered receive, 1 a request", "call receive, 1 a request"),
            1.25,
            is_timed=True,
        ),
        Target(
            "receive by an ALB with tokens, one a request, of by the HTTP API",
            timed.ratio(rounds, "alb receive, 1 a request", "http_api receive, 1 a request"),
            1.05,
            is_timed=True,
        ),
    ]
    for function, one in cold.items():
        targets.append(Target(f"cold start of {function}, of bare clients", one["ratio"], 1.5, is_timed=True))
    if cold:
        biggest = max(max(_zip_bytes(one)) for one in cold.values())
        targets.append(Target("largest zip, MB", round(biggest / 1e6, 2), 5, is_timed=True))
    return targets
