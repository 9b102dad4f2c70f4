"""Every design on the same terms, side by side in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from tools.bench.harvest import report
from tools.bench.harvest.crawls import DESIGNS, Crawl
from tools.bench.harvest.ours import Harvest
from tools.bench.harvest.trial import Terms

Json = dict[str, Any]


def trials(terms: Terms, say: Callable[[str], None]) -> dict[str, Json]:
    """What each design came to, ours last."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        ours = pool.submit(harvested, terms)
        begun = {design.name: pool.submit(crawled, number, terms) for number, design in enumerate(DESIGNS)}
        found = {}
        for name, one in [*begun.items(), (report.OURS, ours)]:
            found[name] = one.result()
            say(f"{name}: {found[name]['seconds']:.0f} s of virtual time")
    return found


def crawled(number: int, terms: Terms) -> Json:
    """A plainer design's figures, by its place in the list."""
    return _plain(Crawl(DESIGNS[number], terms).run().plain())


def harvested(terms: Terms) -> Json:
    """Ours."""
    return _plain(Harvest(terms).run().plain())


def _plain(found: Json) -> Json:
    return found | {"dollars": report.paid(found["units"])}
