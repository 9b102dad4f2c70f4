"""`make try WATCH=yes`: what an edit brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.local_cloud import emulator, stack, trying
from tools.local_cloud.root_module import Applied, RootModule
from tools.local_cloud.runs import Run

OUTPUTS = '{"orders_url": {"value": "http://orders"}}'


class Theirs:
    """A root module; who edits it does one `edit` whenever nothing is left to do."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("infra/main.tf", "infra/.terraform/x", "src/orders/take.py", "src/orders/__pycache__/take.pyc"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("")
        self.folder, self.root = folder, RootModule(folder / "infra", folder / "src", None)
        self.run, self.edits, self.applied = Run(folder / "run"), list[Callable[[], object]](), list[str]()
        self.said: list[str] = []
        self.broken, self.pending = False, True  # one more look, after the last edit
        monkeypatch.setattr(emulator, "alive", lambda _: bool(self.edits or self.pending))
        monkeypatch.setattr(time, "sleep", lambda _: self.edit())
        monkeypatch.setattr(stack, "up_with", self._up_with)
        monkeypatch.setattr(RootModule, "apply", lambda _, *rest: self._apply("all"))
        monkeypatch.setattr(RootModule, "apply_code", lambda _, run, state, before, live: self._code(live))

    def write(self, name: str, text: str) -> Callable[[], object]:
        return lambda: (self.folder / name).write_text(text)

    def edit(self) -> None:
        self.pending = bool(self.edits)
        if self.edits:
            self.edits.pop(0)()

    def watched(self, *edits: Callable[[], object]) -> list[str]:
        self.edits = list(edits)
        assert trying.run(self.run, self.root, self.said.append, watch=True) == 0
        return self.applied

    def _up_with(self, run: Run, *_: Any, **__: Any) -> Applied:
        run.own()
        run.outputs_file.write_text(OUTPUTS)
        return Applied(OUTPUTS, {}, {"orders-take": "1"})

    def _apply(self, what: str) -> Applied:
        self.applied.append(what)
        if self.broken:
            raise CommandError("terraform plan failed")
        return Applied(OUTPUTS, {}, {"orders-take": str(len(self.applied) + 1)})

    def _code(self, live: Callable[[list[str]], None]) -> Applied:
        applied = self._apply("code")
        live(["orders-take"])
        return applied


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Theirs:
    return Theirs(tmp_path, monkeypatch)


def test_a_functions_edit_applies_its_code_alone_and_terraforms_everything(theirs: Theirs) -> None:
    code, terraform = theirs.write("src/orders/take.py", "1"), theirs.write("infra/main.tf", "# 2")
    assert theirs.watched(code, terraform) == ["code", "all"]
    assert "orders_url = http://orders" in theirs.said
    assert any(line.startswith("take.py: replaced orders-take: ") for line in theirs.said)
    assert any(line.startswith("main.tf: replaced orders-take: ") for line in theirs.said)
    assert theirs.said[-1] == "the local cloud is down: nothing is left to watch"


def test_what_programs_write_is_no_edit(theirs: Theirs) -> None:
    written = ("src/orders/__pycache__/take.pyc", "infra/.terraform/x", "src/orders/.take.py.swp")
    assert theirs.watched(*(theirs.write(name, "new") for name in written)) == []


def test_what_does_not_apply_is_said_and_the_next_edit_applies_all(theirs: Theirs) -> None:
    def breaks() -> None:
        theirs.broken = True
        theirs.write("src/orders/take.py", "def (")()

    def mends() -> None:
        theirs.broken = False
        theirs.write("src/orders/take.py", "")()

    assert theirs.watched(breaks, mends, theirs.write("src/orders/new.py", "")) == ["code", "all", "code"]
    assert "not applied: terraform plan failed" in theirs.said


def test_an_interrupt_says_what_is_still_up(theirs: Theirs) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="is up still, `make down` stops it"):
        theirs.watched(interrupt)
