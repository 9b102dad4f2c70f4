"""`make try DIR=… SOURCE=… WATCH=yes`: a root module of one's own, applied after each edit."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from tools.common import private
from tools.common.errors import CommandError
from tools.environment.outputs import NONE, pipelines_in
from tools.local_cloud import emulator, stack
from tools.local_cloud.exclusive import lasting_run
from tools.local_cloud.root_module import Applied, RootModule, changed
from tools.local_cloud.runs import Run

Say = Callable[[str], None]
Replaced = Callable[[Sequence[str]], None]  # ← functions that have new code
Files = Mapping[Path, tuple[int, int]]  # → when it was changed (ns), its size

LOOKS_EVERY = 0.2  # seconds


def run(run: Run, root: RootModule, say: Say, *, port: int | None = None, watch: bool = False) -> int:
    """Apply it, say what is up, and go on with its edits until Ctrl-C or `make down` if asked to.

    Raises CommandError.
    """
    files = _files(root)
    with lasting_run(run):
        applied = stack.up_with(run, say, root, port=port)
    for line in _up(run):
        say(line)
    if not watch:
        return 0
    say("watching for edits: Ctrl-C ends that, and leaves the local cloud up")
    try:
        return _watch(run, root, applied, files, say)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("the local cloud is up still, `make down` stops it") from None


def _up(run: Run) -> Iterator[str]:
    outputs = run.outputs()
    yield f"up: outputs are in {run.outputs_file}"
    pipelines = pipelines_in(outputs)
    for name, value in outputs.items():
        if name in pipelines:
            yield f"{name}: {value.get('api_url') or 'no api_url among its outputs'}"
        elif isinstance(value, str | int | float):
            yield f"{name} = {value}"
    if not pipelines:
        yield f"make status, logs and redrive have nothing to read: {NONE}"


def _watch(run: Run, root: RootModule, applied: Applied, files: Files, say: Say) -> int:
    """Apply each edit, until the local cloud is down.

    What does not apply is said, and waits for the next edit: then all of it is applied.
    """
    broken = False
    while emulator.alive(run):
        if (now := _files(root)) == files:
            time.sleep(LOOKS_EVERY)
            continue
        edited, files = _edited(files, now), now
        code_alone = not broken and all(root.source and path.is_relative_to(root.source) for path in edited)
        replaced = _teller(edited, "no function is another" if code_alone else "applied", say)
        try:
            with lasting_run(run):
                applied = _apply(run, root, applied, replaced, code_alone=code_alone)
            broken = False
        except CommandError as error:
            say(f"not applied: {error}")
            broken = True
    say("the local cloud is down: nothing is left to watch")
    return 0


def _apply(run: Run, root: RootModule, before: Applied, replaced: Replaced, *, code_alone: bool) -> Applied:
    state = run.state()
    applied = root.apply_code(run, state, before, replaced) if code_alone else root.apply(run, state)
    private.write(run.outputs_file, applied.outputs)
    if not code_alone:
        replaced(changed(before.hashes, applied.hashes))
    return applied


def _teller(edited: Sequence[Path], otherwise: str, say: Say) -> Replaced:
    """What says which functions an edit replaced, `otherwise` where none, and how long it took."""
    began = time.monotonic()

    def replaced(names: Sequence[str]) -> None:
        said = f"replaced {', '.join(names)}" if names else otherwise
        say(f"{', '.join(path.name for path in edited[:3])}: {said}: {time.monotonic() - began:.1f} s")

    return replaced


def _edited(before: Files, now: Files) -> list[Path]:
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def _files(root: RootModule) -> Files:
    """What an edit of it can be: its .tf and other files, its variables, its functions."""
    folders = [root.folder, *([root.source] if root.source else [])]
    paths = chain(chain.from_iterable(map(_below, folders)), [root.variables] if root.variables else [])
    found = {}
    for path in paths:
        try:
            stat = path.stat()
        except FileNotFoundError:  # an editor's own, gone meanwhile
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):  # no link to a folder is followed: it may lead back
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        yield from (Path(here, name) for name in files if not name.startswith("."))
