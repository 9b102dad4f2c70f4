"""What many histories came to, for people: the counts, the coverage matrix, and a broken history
told line by line.
"""

from rich.console import Console
from rich.table import Table

from tools.simulation.broken import Broken
from tools.simulation.campaign import Found
from tools.simulation.cells import KINDS, PHASES, Cell, possible
from tools.simulation.faults import AnyCall, Faults
from tools.simulation.pipeline import Pipeline

LEGEND = (
    "Rows: every call of every handler. Columns: the fault, < before the call takes effect, > after it. "
    "A number: how often it fired,\n"
    "in histories that came out right all the same (survived). "
    "–: cannot be: nothing is throttled after its effect; only a batch fails\n"
    "in part, and one that reads has no effect to hide. "
    "slow: the call outlives its function and its messages' visibility, then goes on."
)


def show(
    console: Console, pipeline: Pipeline, found: Found, *, seconds: float, brief: bool, any_call: bool, few: bool
) -> bool:
    """Print it; whether all is well. Of `few` histories, what never fired is counted alone."""
    empty = [] if brief or found.broken else _missing(pipeline, found)
    if not brief:
        _matrix(console, pipeline, found)
        _events(console, pipeline, found)
        _counts(console, found)
    fired = f"{found.fired.total():,} faults fired at calls, {found.events.total():,} others"
    console.print(f"{found.histories:,} histories in {seconds:.0f} s; {fired}")
    if few and empty:
        console.print(f"{len(empty)} calls, cells and events never fired in so few histories")
        empty = []
    for name in empty:
        console.print(f"never fired: {name}", markup=False, soft_wrap=True)
    if found.broken:
        said = f"BROKEN {found.broken['check']}: {found.broken['detail']}"
        console.print(said, markup=False, style="bold red", soft_wrap=True)
        console.print(f"repeat it: make faults HISTORY={found.broken['history']}", markup=False, soft_wrap=True)
        if not brief:
            tell(console, pipeline, found.broken["history"], any_call)
    return not (empty or found.broken)


def _missing(pipeline: Pipeline, found: Found) -> list[str]:
    """Calls never made, cells and events that never fired."""
    calls = [f"call {call}" for call in pipeline.matrix.calls if not found.calls[call]]
    cells = [f"{cell.kind} {cell.phase} {cell.call}" for cell in pipeline.matrix.cells if not found.fired[cell]]
    return calls + cells + [f"event {event}" for event in pipeline.events if not found.events[event]]


def _matrix(console: Console, pipeline: Pipeline, found: Found) -> None:
    table = Table(title="Coverage", box=None, pad_edge=False, padding=(0, 1), title_justify="left")
    table.add_column("call", no_wrap=True)
    table.add_column("made", justify="right")
    columns = [(kind, phase) for kind in KINDS for phase in PHASES]
    for kind, phase in columns:
        table.add_column(f"{kind}{'<' if phase == 'before' else '>'}", justify="right", no_wrap=True)
    for call in pipeline.matrix.calls:
        cells = [str(found.fired[Cell(call, *column)]) if possible(call, *column) else "–" for column in columns]
        table.add_row(call, str(found.calls[call]), *cells)
    wide = Console(file=console.file, width=max(console.width, 190), highlight=False)
    wide.print(table)
    wide.print(LEGEND, style="dim")


def _events(console: Console, pipeline: Pipeline, found: Found) -> None:
    table = Table(title="To the system", box=None, pad_edge=False, padding=(0, 1), title_justify="left")
    for event in pipeline.events:
        table.add_row(event, f"{found.events[event]:,}")
    console.print(table)


def _counts(console: Console, found: Found) -> None:
    table = Table(title="Found", box=None, pad_edge=False, padding=(0, 1), title_justify="left")
    check = found.broken["check"] if found.broken else ""
    for name in ("lost", "unexpected", "duplicated"):
        table.add_row(name, str(int(check == name)))
    for name, number in found.counts.items():
        table.add_row(name, f"{number:,}")
    console.print(table)


def tell(console: Console, pipeline: Pipeline, word: str, any_call: bool = False) -> bool:
    """Run one history and tell what happens in it; whether it comes out right."""
    plan = pipeline.from_word(word)
    console.print(str(plan), markup=False)
    with pipeline.installed():
        world = pipeline.world(plan, trace=True, meddler=AnyCall if any_call else Faults)
        try:
            world.run()
            said = "it comes out right"
        except Broken as broken:
            said = f"BROKEN {broken}"
    for line in world.trace or ():
        console.print(line, markup=False, soft_wrap=True)
    console.print(said, markup=False)
    return not said.startswith("BROKEN")
