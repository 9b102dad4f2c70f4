"""What the rehearsal found: a table for people, and build/rehearse/report.json."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.common.balance import print_balance, sides
from tools.common.text import counted


@dataclass
class Report:
    """By environment: what was shown, and seconds by phase; and every problem in words."""

    began: float = field(default_factory=time.monotonic)
    accounts: dict[str, str] = field(default_factory=dict)
    # what → environment → how it came out
    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    # phase → environment → seconds
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    # what was sent, in the plural, and what became of it → how many of each, of all environments
    sums: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, what: str, fate: str, *, sent: int = 0, settled: int = 0) -> None:
        """Add what an environment was sent, or what its API says of it at the end."""
        all_sent, all_settled = self.sums.get((what, fate), (0, 0))
        self.sums[what, fate] = all_sent + sent, all_settled + settled

    def show(self, what: str, environment: str, outcome: str, problems: list[str] | None = None) -> None:
        """Note how something came out in an environment: `outcome`, or with these problems."""
        self.problems += problems or []
        self.shown.setdefault(what, {})[environment] = f"FAILED ({len(problems)})" if problems else outcome

    @contextmanager
    def phase(self, name: str, environment: str) -> Iterator[None]:
        """Measure a phase in an environment, also one that fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds.setdefault(name, {})[environment] = round(time.monotonic() - began, 1)

    def print(self, console: Console) -> None:
        """Print the table, and every problem."""
        table = Table("", *(f"{name}\n{number}" for name, number in self.accounts.items()))
        for what, outcomes in self.shown.items():
            table.add_row(what, *(_coloured(outcomes.get(name, "–")) for name in self.accounts))
        table.add_section()
        for phase, seconds in self.seconds.items():
            table.add_row(
                f"seconds: {phase}", *(f"{seconds[name]:.1f}" if name in seconds else "–" for name in self.accounts)
            )
        console.print(table)
        for problem in self.problems:
            console.print(f"[red]problem:[/red] {escape(problem)}", highlight=False, soft_wrap=True)

    def print_balance(self, console: Console) -> None:
        """Print the last line: what was sent, and whether all came out."""
        parts = [
            sides(sent, f"{what} sent", f"{settled:,} {fate}", settled)
            for (what, fate), (sent, settled) in self.sums.items()
        ]
        took = f"{counted(len(self.accounts), 'account')} in {time.monotonic() - self.began:.0f} s"
        print_balance(console, "; ".join([*parts, took]), self.problems, "all came out as it must")

    def write(self, file: Path) -> None:
        """Write the same as JSON."""
        fields = {"accounts": self.accounts, "shown": self.shown, "seconds": self.seconds, "problems": self.problems}
        fields["seconds_in_all"] = round(time.monotonic() - self.began, 1)
        file.write_text(json.dumps(fields, indent=2) + "\n")


def _coloured(outcome: str) -> str:
    return f"[red]{outcome}[/red]" if outcome.startswith("FAILED") else outcome
