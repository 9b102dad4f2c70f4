"""A vendor in memory that notes each call: groups of very unequal size, four levels, pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from harvest.parcels import Task

SECOND = 1_000_000  # µs


@dataclass
class Vendor:
    """Groups of so many hosts, each with so many data groups; what it was asked, and when (µs).

    `closed` (µs): until then it refuses. `poison`: a task that kills its worker.
    """

    groups: dict[str, int]
    parts: int = 3
    page: int = 200
    closed: int = 0
    latency: tuple[float, float] = (0.05, 0.4)
    asked: list[tuple[int, Task]] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    refused: int = 0
    limit: int | None = None  # calls a second beyond which it refuses for a second

    def call(self, at: int, task: Task) -> tuple[str, list[Task]]:
        """How a call ends, and the tasks that it names."""
        self.asked.append((at, task))
        if self.limit and sum(at - SECOND < other for other, _ in self.asked[-2 * self.limit :]) > self.limit:
            self.closed = max(self.closed, at + SECOND)
        if at < self.closed:
            self.refused += 1
            return "throttled", []
        if task.id in self.poison:
            return "poison", []
        if task.id in self.failing:
            return "failing", []
        return "ok", self.named(task)

    def named(self, task: Task) -> list[Task]:
        """The tasks that an answer names."""
        if task.level == "groups":
            return [Task("hosts", (group,)) for group in self.groups]
        group = task.path[0]
        if task.level == "hosts":
            first = int(task.page or 0)
            last = min(first + self.page, self.groups[group])
            hosts = [Task("data-groups", (group, f"h{n}")) for n in range(first, last)]
            return hosts + ([Task("hosts", (group,), str(last))] if last < self.groups[group] else [])
        if task.level == "data-groups":
            return [Task("data", (*task.path, f"d{n}")) for n in range(self.parts)]
        return []

    @property
    def repeats(self) -> int:
        """Calls of what had been asked for before."""
        return len(self.asked) - len({task.id for _, task in self.asked})

    def between(self, first: float, last: float) -> int:
        """Calls that came between these times (µs)."""
        return sum(first <= at < last for at, _ in self.asked)

    def most_in(self, seconds: float) -> int:
        """The most calls in any window of so long."""
        times, first, most = sorted(at for at, _ in self.asked), 0, 0
        for index, at in enumerate(times):
            while times[first] <= at - seconds * SECOND:
                first += 1
            most = max(most, index - first + 1)
        return most
