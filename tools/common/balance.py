"""The last line of a demo and of the rehearsal: whether it all came out, in words and in colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from tools.common.text import counted


def print_balance(
    console: Console, balance: str, problems: Sequence[str], well: str = "all came out as counted directly"
) -> None:
    """Print a sum and whether it came out. `well`: what to say where there are no problems."""
    how = well if not problems else f"FAILED, {counted(len(problems), 'problem')}"
    console.print(f"{balance}: {how}", style="bold red" if problems else "bold green", highlight=False, soft_wrap=True)


def sides(total: int, of: str, parts: str, accounted: int) -> str:
    """One sum: "43 entries = 26 read + 17 quarantined, 0 missing"; ≠ where it does not come out."""
    more = f", {accounted - total:,} too many" if accounted > total else ""
    missing = max(0, total - accounted)
    return f"{total:,} {of} {'=' if total == accounted else '≠'} {parts}, {missing:,} missing{more}"
