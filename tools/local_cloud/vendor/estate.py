"""What the stand-in has: groups of very unequal size, their hosts, the hosts' data groups, data.

Everything follows from the seed and the names, so two stand-ins of one seed have the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from tools.local_cloud.vendor.settings import Settings

NAMES = ("cpu", "memory", "disk", "network", "processes", "queues", "threads", "errors", "latency", "cache")
ALWAYS = float("inf")
CALLS_A_HOST = 4.0  # with 1 to 5 data groups: the listing of them, and three on average


@dataclass(frozen=True, slots=True)
class Host:
    """A host, and from when to when it is there (seconds since the stand-in's start)."""

    name: str
    born: float = 0.0
    gone: float = ALWAYS


def unequal(seed: int, groups: int, calls: int) -> dict[str, int]:
    """Groups, hosts by name, of about so many calls in all: few large ones and a long tail."""
    rng = random.Random(seed)  # noqa: S311 (a seeded world)
    weights = [1 / rank for rank in range(1, groups + 1)]
    rng.shuffle(weights)
    hosts = (calls - groups) / CALLS_A_HOST
    return {f"group-{n:03}": max(1, round(hosts * weight / sum(weights))) for n, weight in enumerate(weights)}


def chances(seed: int, *about: object) -> tuple[float, float, float, float]:
    """Four numbers from 0 to 1, always the same ones about the same thing."""
    digest = blake2b(repr((seed, about)).encode(), digest_size=16).digest()
    a, b, c, d = (int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in (0, 4, 8, 12))
    return a, b, c, d


class Estate:
    """All groups, in the order in which they are listed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hosts: dict[str, list[Host]] = {}
        self._moving: set[str] = set()
        self._by_name: dict[tuple[str, str], Host] = {}
        self.born: dict[str, float] = {}
        for group, hosts in settings.groups.items():
            self.add(group, hosts)

    def add(self, group: str, hosts: int, at: float = 0.0) -> None:
        """A group that is listed from then on, with so many hosts."""
        self.born[group] = at
        made = self._hosts[group] = [self._host(group, n) for n in range(hosts)]
        if any(host.born > 0 or host.gone < ALWAYS for host in made):
            self._moving.add(group)
        self._by_name.update({(group, host.name): host for host in made})

    def groups(self, at: float) -> list[str]:
        """The groups that there are."""
        return [group for group, born in self.born.items() if born <= at]

    def hosts(self, group: str, at: float) -> list[Host] | None:
        """A group's hosts, as they are listed then; None where there is no such group."""
        if group not in self._hosts or self.born[group] > at:
            return None
        found = self._hosts[group]
        return [host for host in found if host.born <= at < host.gone] if group in self._moving else found

    def all_hosts(self, group: str) -> list[Host]:
        """A group's hosts, whenever they are there."""
        return self._hosts[group]

    def host(self, group: str, name: str, at: float) -> Host | None:
        """A host that is there then."""
        found = self._by_name.get((group, name))
        return found if found and found.born <= at < found.gone else None

    def data_groups(self, group: str, host: str) -> list[str]:
        """A host's data groups."""
        return _data_groups(self._settings.seed, self._settings.data_groups, group, host)

    def points(self, group: str, host: str, data_group: str) -> list[dict[str, float]]:
        """What is in a data group."""
        values = chances(self._settings.seed, "points", group, host, data_group)
        return [{"at": n * 60, "value": round(values[n % 4] * (n + 1), 3)} for n in range(self._settings.points)]

    def _host(self, group: str, number: int) -> Host:
        settings, name = self._settings, f"{group}-host-{number:05}"
        vanishes, appears, when, _ = chances(settings.seed, "life", group, number)
        if vanishes < settings.vanish:
            return Host(name, gone=when * settings.life)
        return Host(name, born=when * settings.life if appears < settings.appear else 0.0)


@lru_cache(50_000)
def _data_groups(seed: int, most: int, group: str, host: str) -> list[str]:
    number = 1 + int(chances(seed, "data groups", group, host)[0] * most)
    return [NAMES[n % len(NAMES)] + (f"-{n // len(NAMES)}" if n >= len(NAMES) else "") for n in range(number)]


def calls_of(settings: Settings) -> Mapping[str, int]:
    """How many calls of each level a whole harvest of what lasts makes, without overlaps."""
    estate = Estate(settings)
    hosts = {group: [one for one in estate.all_hosts(group) if one.gone == ALWAYS] for group in settings.groups}
    pages = {group: max(1, -(-len(found) // settings.hosts_page)) for group, found in hosts.items()}
    return {
        "groups": max(1, -(-len(hosts) // settings.groups_page)),
        "hosts": sum(pages.values()),
        "data groups": sum(map(len, hosts.values())),
        "data": sum(len(estate.data_groups(group, one.name)) for group, found in hosts.items() for one in found),
    }
