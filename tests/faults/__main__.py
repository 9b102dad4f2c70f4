"""`make faults`: many histories in two processes, what was found, and the coverage matrix; or one history again, told line by line."""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

HASH_SEED = "0"  # what iterates over sets must do so alike when a history is repeated


def main() -> int:
    """0 when all came out right, 1 when something was broken or a cell stayed empty."""
    asked = _arguments()
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        os.execve(sys.executable, [sys.executable, "-m", "tests.faults", *sys.argv[1:]], os.environ | {"PYTHONHASHSEED": HASH_SEED})
    return _again(asked.history, asked.any_call) if asked.history else _campaign(asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--histories", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=9.5, help="stop then, whatever has been run")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--history", default="", help="one history again, by its word")
    parser.add_argument("--json", type=Path, help="where to write what was found")
    parser.add_argument("--any-call", action="store_true", help="a call without a row in the matrix does not end its history")
    parser.add_argument("--brief", action="store_true", help="no matrix, empty cells do not count, a broken history is not shortened")
    return parser.parse_args()


def _campaign(asked: argparse.Namespace) -> int:
    from tests.faults.campaign import CHUNK, SHRINK_SECONDS, Found, chunk
    from tests.faults.report import show

    console = Console(highlight=False)
    found, until = Found(), time.time() + 60 * asked.minutes
    sizes = [min(CHUNK, asked.histories - start) for start in range(0, asked.histories, CHUNK)]
    began = time.time()
    columns = (TextColumn("histories"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ProcessPoolExecutor(asked.processes) as pool, Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=asked.histories)
        running = [
            pool.submit(chunk, number, asked.seed, size, until, 0 if asked.brief else SHRINK_SECONDS, asked.any_call)
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
    good = show(console, found, seconds=time.time() - began, brief=asked.brief, any_call=asked.any_call)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        fired = [[*cell, number] for cell, number in sorted(found.fired.items())]
        asked.json.write_text(json.dumps({**vars(found), "fired": fired, "used": sorted(found.used)}, indent=1))
    return 0 if good else 1


def _again(word: str, any_call: bool) -> int:
    from tests.faults.report import tell

    return 0 if tell(Console(highlight=False, soft_wrap=True), word, any_call) else 1


if __name__ == "__main__":
    sys.exit(main())
