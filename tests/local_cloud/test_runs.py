"""Whatever of a run is lost or garbled, one sentence says the way out, and it works: `make down`
stops what runs.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.environment.staging import staged
from tools.local_cloud import emulator, fault_proxy, processes, stack
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment

WAY_OUT = r"`make down`, then `make up`, begins again from nothing"
GARBLED = {
    "empty": b"",
    "half": b'{"pid": 1',
    "no text": b"\xff\xfe\x00",
    "another kind": b"[]",
    "of an older release": b'{"pid": 1, "started": 1.0, "endpoint": "http://127.0.0.1:1"}',
    "other types": b'{"pid": "x", "started": null, "endpoint": 1}',
    "deep": b"[" * 100_000,
}


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("content", GARBLED.values(), ids=list(GARBLED))
def test_garbled_state_and_outputs(run: Run, content: bytes) -> None:
    run.own()
    for file in (run.state_file, run.outputs_file):
        file.write_bytes(content)
    for read in (run.state, run.outputs, lambda: emulator.start(run), lambda: Deployment.local(run)):
        with pytest.raises(CommandError, match=WAY_OUT):
            read()
    stack.down(run)
    assert run.state() == {}
    with pytest.raises(CommandError, match="run `make up` first"):
        run.outputs()


def _lost(run: Run) -> None:
    run.state_file.unlink()


def _half(run: Run) -> None:
    run.state_file.write_text('{"pid": 1')


def _folder_instead(run: Run) -> None:
    run.state_file.unlink()
    run.state_file.mkdir()
    (run.state_file / "x").touch()


def _all_lost(run: Run) -> None:
    shutil.rmtree(run.folder)


def _leader_killed(run: Run) -> None:
    os.kill(run.state()["pid"], 9)


@pytest.mark.parametrize("ruin", [_lost, _half, _folder_instead, _all_lost, _leader_killed])
def test_down_stops_what_runs_all_the_same(run: Run, ruin: Callable[[Run], None]) -> None:
    fault_proxy.start(run)
    ruin(run)
    assert stack.down(run)
    assert processes.marked(run.mark) == []
    assert not stack.down(run)


def test_what_runs_on_without_its_state_is_stopped_before_another_starts(run: Run) -> None:
    first = emulator.start(run)
    run.state_file.unlink()
    second = emulator.start(run, port=first["port"])
    assert second["pid"] != first["pid"]
    assert not processes.is_running(first["pid"], first["started"])


def test_something_else_in_a_folders_place(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(CommandError, match="move away what is there"), Run(tmp_path / "run").locked():
        pass
    (tmp_path / "other" / "lock").mkdir(parents=True)
    with Run(tmp_path / "other").locked():
        pass


def test_who_is_at_work_is_named(tmp_path: Path) -> None:
    with Run(tmp_path).locked(), pytest.raises(CommandError, match=rf"process {os.getpid()}\) is at work in .*end it"):
        Run(tmp_path).locked().__enter__()


@pytest.mark.usefixtures("umask")
def test_state_and_logs_are_their_owners_alone(run: Run) -> None:
    run.folder.mkdir()
    run.folder.chmod(0o777)
    fault_proxy.start(run)
    run.state_file.with_name("outputs.json").touch()
    with run.locked():
        pass
    staged(Path(__file__).parents[2] / "environments" / "local", run.folder)
    assert run.folder.stat().st_mode & 0o777 == 0o700
    for name in ("state.json", "emulator.log", "proxy.log", "proxy/state.json", "lock"):
        assert (run.folder / name).stat().st_mode & 0o777 == 0o600, name
    assert json.loads(run.state_file.read_text())["token"]


def test_a_port_that_another_program_has_is_told(run: Run, tmp_path: Path) -> None:
    state = emulator.start(run)
    clone = Run(tmp_path / "clone")
    with pytest.raises(CommandError, match=f"port {state['port']} .*another program may have it"):
        emulator.start(clone, port=state["port"])
    assert clone.state() == {}
    assert processes.is_running(state["pid"], state["started"])
