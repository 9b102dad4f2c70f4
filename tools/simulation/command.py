"""`make faults`: many histories in two processes, what was found, and the coverage matrix; or one
history again, told line by line.
"""

import argparse
import importlib
import json
import os
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tools.common.commands import CommandParser

if TYPE_CHECKING:
    from tools.simulation.pipeline import Pipeline

ENOUGH = 12_000  # histories, in which every fault at every call has fired; fewer may leave some out
HASH_SEED = "0"  # what iterates over sets must do so alike when a history is repeated


def run_command(package: str) -> int:
    """The command of the pipeline whose simulation is this package ("tools.simulation.votes").

    0 when all came out right, 1 when something was broken or a cell stayed empty.
    """
    parser = _parser()
    parser.set_defaults(work=lambda asked: _work(package, asked))
    return parser.run()


def _work(package: str, asked: argparse.Namespace) -> int:
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        os.execve(
            sys.executable,
            [sys.executable, "-m", package, *sys.argv[1:]],
            os.environ | {"PYTHONHASHSEED": HASH_SEED},
        )
    pipeline: Pipeline = importlib.import_module(f"{package}.pipeline").PIPELINE
    return _again(pipeline, asked.history, asked.any_call) if asked.history else _campaign(pipeline, asked)


def _parser() -> CommandParser:
    parser = CommandParser(prog="faults", description=__doc__)
    parser.add_variable("HISTORIES", int, ENOUGH, about="with fewer, what never fired is no failure")
    parser.add_variable("SEED", int, 1)
    parser.add_variable("MINUTES", float, 9.5, about="stop then, whatever has been run")
    parser.add_variable("HISTORY", default="", about="one history again, by its word")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where to write what was found")
    parser.add_argument(
        "--any-call", action="store_true", help="a call without a row in the matrix does not end its history"
    )
    parser.add_argument(
        "--brief", action="store_true", help="no matrix, empty cells do not count, a broken history is not shortened"
    )
    return parser


def _campaign(pipeline: "Pipeline", asked: argparse.Namespace) -> int:
    from tools.simulation.campaign import CHUNK, SHRINK_SECONDS, Found, chunk
    from tools.simulation.report import show

    console = Console(highlight=False)
    found, until = Found(), time.time() + 60 * asked.minutes
    sizes = [min(CHUNK, asked.histories - start) for start in range(0, asked.histories, CHUNK)]
    shrink = 0 if asked.brief else SHRINK_SECONDS
    began = time.time()
    columns = (TextColumn("histories"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with _pool(asked.processes) as pool, Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=asked.histories)
        running = [
            pool.submit(chunk, pipeline, number, asked.seed, size, until, shrink, asked.any_call)
            for number, size in enumerate(sizes)
        ]
        for done in as_completed(running):
            if done.cancelled():
                continue
            part = done.result()
            found.add(part)
            progress.advance(bar, part.histories)
            if part.broken or time.time() > until:
                for waiting in running:
                    waiting.cancel()
    few = asked.histories < ENOUGH
    seconds = time.time() - began
    good = show(console, pipeline, found, seconds=seconds, brief=asked.brief, any_call=asked.any_call, few=few)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        fired = [[*cell, number] for cell, number in sorted(found.fired.items())]
        asked.json.write_text(json.dumps({**vars(found), "fired": fired, "used": sorted(found.used)}, indent=1))
    return 0 if good else 1


def _pool(processes: int) -> Executor:
    """So many at once; one alone is this process itself: whoever ends it ends its work."""
    return ThreadPoolExecutor(1) if processes == 1 else ProcessPoolExecutor(processes)


def _again(pipeline: "Pipeline", word: str, any_call: bool) -> int:
    from tools.simulation.report import tell

    return 0 if tell(Console(highlight=False, soft_wrap=True), pipeline, word, any_call) else 1
