"""The ways in, what each gives and what it costs: an HTTP API, a load balancer, a function URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.bench.dollars import MONTH_HOURS, cost, prices

ASKS = ("token", "waf", "domain")
# One of a load balancer's units: new connections a second, GB an hour (targets are functions).
CONNECTIONS_A_UNIT, GB_A_UNIT = 25.0, 0.4
ADDRESSES = 2  # public, one a zone


@dataclass(frozen=True)
class Requests:
    """A month's requests by the hour, which a load balancer's units are billed by.

    `hours`: requests of each hour that has any; `bytes_each` there and back; `a_connection`: how
    many share a connection.
    """

    hours: tuple[float, ...]
    times_a_month: float
    bytes_each: float
    answer_bytes: float
    access_line_bytes: float
    a_connection: float = 1.0

    @property
    def month(self) -> float:
        """All of a month's."""
        return sum(self.hours) * self.times_a_month


@dataclass(frozen=True)
class Entrance:
    """A way in: what it gives, and its dollars a month."""

    gives: frozenset[str]
    dollars: Callable[[Requests, frozenset[str]], float]

    def lacks(self, asked: frozenset[str]) -> list[str]:
        """What is asked and not given."""
        return sorted(asked - self.gives)


def _http_api(requests: Requests, _: frozenset[str]) -> float:
    return cost("api_requests", requests.month) + _logged(requests) + _answered(requests)


def _alb(requests: Requests, asked: frozenset[str]) -> float:
    """Hours, addresses and units; a web ACL with a rule where one is asked for."""
    gb = requests.bytes_each / 1e9
    units = sum(
        max(number / 3_600 / requests.a_connection / CONNECTIONS_A_UNIT, number * gb / GB_A_UNIT)
        for number in requests.hours
    )
    dollars = cost("alb_hours", MONTH_HOURS) + cost("ipv4_hours", ADDRESSES * MONTH_HOURS)
    dollars += cost("lcu_hours", units * requests.times_a_month)
    if "waf" in asked:
        monthly = prices()["monthly"]
        dollars += monthly["web_acl"]["price"] + monthly["web_acl_rule"]["price"]
        dollars += cost("waf_requests", requests.month)
    return dollars + _answered(requests)


def _function_url(requests: Requests, _: frozenset[str]) -> float:
    return _answered(requests)


def _logged(requests: Requests) -> float:
    return cost("access_log_bytes", requests.month * requests.access_line_bytes)


def _answered(requests: Requests) -> float:
    return cost("answer_bytes", requests.month * requests.answer_bytes)


# An HTTP API takes no web ACL; a load balancer has no throttle, and a function's reserved
# concurrency limits it; a function URL has IAM or nothing, and no name of one's own.
# By the names that Terraform has for them.
ENTRANCES: Mapping[str, Entrance] = {
    "http_api": Entrance(frozenset({"token", "domain"}), _http_api),
    "alb": Entrance(frozenset(ASKS), _alb),
    "function_url": Entrance(frozenset(), _function_url),
}
