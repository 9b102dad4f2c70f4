"""What the harvest's demo has found, what of it may not be, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from harvest import run_rows
from harvest.proof import Proof
from tools.bench import dollars
from tools.common.balance import print_balance, sides
from tools.common.text import visible
from tools.demo.harvest.acts import SMALL, SMALL_HOSTS, Done
from tools.demo.harvest.units import Units, billed
from tools.traffic.harvest import picture, rates
from tools.traffic.harvest.calls import CallWatch
from tools.traffic.harvest.rates import Made, Permitted, Stretch
from tools.traffic.queue_picture import Sample

TASKS_A_PARCEL = 25  # what a worker repeats at most that is killed
LEAST_FED, LEAST_WHOLE = 0.95, 0.92
SMALL_SECONDS, SMALL_SHARE = 12.0, 0.05  # whichever is more
QUIET_SECONDS, QUIET_SPARE = 5.0, 1.1  # after a lower rate was asked for
PROBLEMS_SHOWN = 20

Json = dict[str, Any]


@dataclass
class Found:
    """What a run came to. `said`: by its own API; `judged`: by the vendor's log."""

    run_id: str
    permitted: Permitted
    done: Done
    watch: CallWatch
    said: Json = field(default_factory=dict)
    judged: Json = field(default_factory=dict)
    proof: Proof | None = None
    stored: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    units: Units = field(default_factory=Units)

    @cached_property
    def arrivals(self) -> list[float]:
        """When calls came to the vendor."""
        return sorted(call.at for call in self.watch.calls)

    @property
    def gap(self) -> Stretch:
        """After everything was killed."""
        return rates.gap_after(self.arrivals, self.permitted, self.done.all_killed_at)

    @property
    def fed(self) -> Made:
        """While there was work to let out, without the gap."""
        return rates.made(self.arrivals, self.permitted, rates.fed(self.arrivals), [self.gap])

    @property
    def whole(self) -> Made:
        """From the first call to the last, without the gap."""
        return rates.made(self.arrivals, self.permitted, rates.whole(self.arrivals), [self.gap])

    @property
    def with_gap(self) -> Made:
        """From the first call to the last."""
        return rates.made(self.arrivals, self.permitted, rates.whole(self.arrivals))

    @property
    def halved(self) -> Made:
        """At half of the rate, from when it must have taken effect."""
        stretch = Stretch(self.done.halved_at + QUIET_SECONDS, self.done.restored_at)
        return rates.made(self.arrivals, self.permitted, stretch)

    @property
    def small_seconds(self) -> float:
        """From when the small group was added to its last call."""
        path = f"/v1/groups/{quote(SMALL, safe='')}/"
        its = [call.at for call in self.watch.calls if call.node.startswith(path) and call.right]
        return max(its) - self.done.small_at if its else float("inf")

    @property
    def small_bound(self) -> float:
        """How long it may take: 5 % of the run's time, or 12 s if that is more."""
        return max(SMALL_SECONDS, SMALL_SHARE * self.with_gap.seconds)

    @property
    def repeated(self) -> int:
        """Calls that were made again after a right answer, by the vendor's log."""
        return sum(self.judged["repeated"].values())

    @property
    def bins(self) -> list[Sample]:
        """Calls by second."""
        return picture.rates(self.arrivals, self.watch.began_at, self.watch.samples[-1].seconds)


def problems(found: Found) -> list[str]:
    """What is not as it must be."""
    return [*_not_complete(found), *_not_kept(found)]


def _not_complete(found: Found) -> Iterator[str]:
    """What is missing, or there twice."""
    if found.said["state"] != run_rows.COMPLETED:
        yield f"the run is {found.said['state']}: {found.said['causes']}"
    for level, (there, answered) in found.judged["complete"].items():
        stored = found.stored.get(level, (0, 0))
        if there != answered:
            yield f"{level}: the vendor has {there} and answered {answered}: {found.judged['missing']}"
        if level in ("data", "data groups") and stored != (there, there):
            yield f"{level}: {there} are there, and stored are {stored[0]} answers of {stored[1]} things"
    if found.proof is None or not found.proof.is_complete:
        yield "the rows of the ledger do not add up: " + (str(found.proof.problems) if found.proof else "no run")
    most = TASKS_A_PARCEL * found.done.workers_killed
    if found.repeated > most:
        yield f"{found.repeated} calls were repeated, over {most}: a parcel for each worker that was killed"


def _not_kept(found: Found) -> Iterator[str]:
    """What was too much, or too slow."""
    if found.judged["throttled"] or found.judged["over"]:
        yield f"{found.judged['throttled']} calls were answered 429, {found.judged['over']} were over the limit"
    if found.fed.share < LEAST_FED:
        yield f"{found.fed.share:.4f} of the permitted rate was reached while there was work, less than {LEAST_FED}"
    if found.whole.share < LEAST_WHOLE:
        yield f"{found.whole.share:.4f} of the permitted rate was reached in the whole run, less than {LEAST_WHOLE}"
    if found.halved.share > QUIET_SPARE:
        yield f"{QUIET_SECONDS:g} s after the rate was halved, {found.halved.share:.2f} of it were made"
    if found.small_seconds > found.small_bound:
        yield f"the small group took {found.small_seconds:.1f} s, over {found.small_bound:.1f}"
    if not (found.done.workers_killed and found.done.all_killed_at and found.done.small_at and found.done.restored_at):
        yield f"not everything was done to the run: {found.done}"


def show(console: Console, found: Found, bound: float) -> None:
    """What was found. `bound`: the share that can be reached without a refusal."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in (*_fetched(found), *_paced(found, bound)):
        table.add_row(name, value)
    console.print(table)
    _money(console, found)


def _fetched(found: Found) -> Iterator[tuple[str, str]]:
    """Whether all of it is there, once."""
    judged, killed = found.judged, len(found.done.killed)
    counts = found.proof.counts if found.proof else run_rows.Counts()
    complete = [f"{level} {answered:,} of {there:,}" for level, (there, answered) in judged["complete"].items()]
    stored = [f"{level} {answers:,}" for level, (answers, _) in sorted(found.stored.items())]
    workers = found.done.workers_killed
    yield "run", f"{found.run_id}: {found.said['state']}, {judged['calls']:,} calls in {found.with_gap.seconds:.1f} s"
    yield "complete", f"by the vendor's log: {', '.join(complete)}"
    yield "proven", f"{counts.expected:,} expected = {counts.settled:,} settled, summed again from the ledger's rows"
    yield "stored", f"{', '.join(stored)}: asked with DuckDB"
    most = f"at most {TASKS_A_PARCEL * workers}, a parcel each"
    yield "killed", f"{workers} workers and {killed - workers} others; calls repeated {found.repeated}, {most}"


def _paced(found: Found, bound: float) -> Iterator[tuple[str, str]]:
    """Whether it was as fast as it may be, and no faster."""
    judged, gap, halved = found.judged, found.gap, found.halved
    over = f"{judged['over']} over the limit, counted anew; at most {judged['most_in_window']} in any 10 s"
    yield "429s", f"{judged['throttled']}; {over}"
    yield "rate", f"{found.fed.share:.3f} of the permitted while there was work; the bound T/(T+J) is {bound:.3f}"
    yield "whole run", f"{found.whole.share:.3f} of the permitted, and {found.with_gap.share:.3f} with the gap"
    yield "gap", f"{gap.end - gap.begin:.1f} s after everything was killed"
    later = f"{QUIET_SECONDS:g} s after it was asked for"
    yield "halved", f"{halved.calls / max(0.1, halved.seconds):.1f} calls a second, from {later}"
    yield "small group", f"{found.small_seconds:.1f} s for its {SMALL_HOSTS} hosts, at most {found.small_bound:.1f}"


def _money(console: Console, found: Found) -> None:
    """Units and dollars."""
    priced = billed(found.units)
    by_service = dollars.by_service(priced)
    table = Table("service", "units counted", "dollars")
    for service, paid in by_service.items():
        names = [name for name in priced if dollars.prices()["dollars"][name]["service"] == service]
        counted = ", ".join(f"{priced[name]:,.0f} {name.replace('_', ' ')}" for name in names)
        table.add_row(service, counted, f"{paid:.5f}")
    calls = found.judged["calls"]
    table.add_row(
        "all", f"{found.units['write_units'] / calls:.3f} write units a call", f"{sum(by_service.values()):.5f}"
    )
    console.print(table)
    console.print(
        f"List prices of {dollars.prices()['read_on']}, {dollars.prices()['region']}; "
        "GB-seconds are by the durations of this machine."
    )


def show_picture(console: Console, found: Found, images: Sequence[Path]) -> None:
    """Calls and queues over time in blocks, and where the image is."""
    seconds = found.watch.samples[-1].seconds
    console.print(f"\ncalls a second (permitted {found.permitted.steps[0][1]:g}) and queue depth over {seconds:.0f} s")
    for line in picture.lines(found.bins, found.watch.samples, ("parcel", "turn", "store")):
        console.print(line, highlight=False, no_wrap=True, overflow="crop")
    as_image = ", ".join(map(str, images)) or "make demo PIPELINE=harvest PICTURE=yes (installs matplotlib)"
    console.print(f"as an image: {as_image}", soft_wrap=True)


def show_problems(console: Console, wrong: Sequence[str]) -> None:
    """What is wrong, if anything."""
    for problem in wrong[:PROBLEMS_SHOWN]:
        console.print(f"[red]problem:[/red] {visible(problem, 400)}", highlight=False, soft_wrap=True)


def balance(console: Console, found: Found, wrong: Sequence[str]) -> None:
    """The last line: what the vendor has was fetched, within what it permits."""
    there = sum(one for one, _ in found.judged["complete"].values())
    answered = sum(one for _, one in found.judged["complete"].values())
    things = sides(there, "things at the vendor", f"{answered:,} fetched", answered)
    rate = f"{found.judged['throttled']} answered 429; {found.fed.share:.3f} of the permitted rate"
    print_balance(console, f"{things}; {rate}", wrong, "all came out as the vendor counts")
