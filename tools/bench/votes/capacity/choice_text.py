"""What was chosen, for people: prices, why others fell out, and the sizing to paste."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from tools.bench.votes.capacity.billing_modes import Mode
from tools.bench.votes.capacity.choose import LEAST_MB, Choice


def as_text(choice: Choice, asked: frozenset[str]) -> str:
    """All of it."""
    wanted = ", ".join(sorted(asked)) or "nothing of its entrance"
    lines = [f"{choice.settings.environment} under {choice.curve.name}, asked for {wanted}:"]
    for part, offers in choice.dollars.items():
        priced = ", ".join(f"{name} {dollars:,.2f}" for name, dollars in offers.items())
        lines.append(f"  {part}, dollars a month: {priced}")
    lines += ["fell out:", *(f"  {why}" for why in choice.fell_out)]
    lines += ["to paste into votes_sizing.tf, over these settings; keep what else its objects have:", *sizing(choice)]
    return "\n".join(lines)


def sizing(choice: Choice) -> Iterator[str]:
    """The settings that were chosen, as HCL."""
    settings = choice.settings
    yield f"    counting = {{ shards = {settings.shards} }}"
    yield "    sizing = {"
    for function in LEAST_MB:
        yield f"      {function} = {{ memory_mb = {settings.memory_mb[function]} }}"
    yield "    }"
    yield "    capacity = {"
    for table, modes in choice.modes.items():
        yield f"      {table} = {{ {_mode(choice, table, modes)} }}"
    yield "    }"
    yield f'    api = {{ entrance = "{choice.entrance}" }}'
    if choice.entrance == "alb":
        yield "    # and its network, as docs/reference/entrances.md says, in place of alb = null"


def _mode(choice: Choice, table: str, modes: dict[str, Mode]) -> str:
    fixed = {kind: mode.units for kind, mode in modes.items() if mode.units is not None}
    if fixed:
        kinds = (f"{kind} = {{ least = {one.least:.0f}, most = {one.most:.0f} }}" for kind, one in fixed.items())
        return f"provisioned = {{ {', '.join(kinds)} }}"
    warm = {kind: ceil(choice.settings.capacity[f"{table} {kind}"].least) for kind in ("read", "write")}
    units = ", ".join(f"{kind}_units = {number}" for kind, number in warm.items())
    return f"on_demand = {{ warm = {{ {units} }} }}"
