"""The stage: who waits can be woken before its time, and a process ends as a whole."""

from collections.abc import Callable

import pytest

from tools.simulation.stage import Actor, Crash, Endless, Stage

SECOND = 1_000_000


def _on(stage: Stage, work: Callable[[], object], context: object = None) -> Actor:
    actor = Actor("a", work)
    actor.context = context
    stage.start(actor, lambda answer, died: None)
    return actor


def test_who_is_woken_goes_on_at_once_and_not_again_when_its_time_comes() -> None:
    stage, seen = Stage(0), []

    def work() -> None:
        for _ in range(2):
            stage.pause(10 * SECOND)
            seen.append(stage.now // SECOND)

    actor = _on(stage, work)
    stage.at(3 * SECOND, lambda: stage.wake(actor))
    stage.run(60 * SECOND)
    assert seen == [3, 13]


def test_a_crash_ends_all_of_its_process_and_nobody_else() -> None:
    stage, ended = Stage(0), []

    def works(name: str, seconds: int) -> Callable[[], None]:
        def work() -> None:
            try:
                stage.pause(seconds * SECOND)
                ended.append(name)
                if name == "crashes":
                    raise Crash
            finally:
                if name == "waits":
                    stage.pause(SECOND)  # a dead process waits for nothing
                    ended.append("too late")

        return work

    mine, other = object(), object()
    _on(stage, works("crashes", 1), mine)
    _on(stage, works("waits", 5), mine)
    _on(stage, works("another", 5), other)
    stage.run(60 * SECOND)
    assert ended == ["crashes", "another"]
    assert not stage.actors


def test_who_has_crashed_or_is_out_of_time_calls_nobody() -> None:
    stage, ended = Stage(0), []

    def work(ends: Callable[[], None], name: str) -> Callable[[], None]:
        def works() -> None:
            try:
                ends()
            finally:
                stage.pause(0)  # as a call would
                ended.append(name)

        return works

    _on(stage, work(stage.crash, "crashed"), object())
    _on(stage, work(lambda: stage.pause(5 * SECOND), "late"), object()).deadline = 2 * SECOND
    stage.run(60 * SECOND)
    assert ended == []
    assert not stage.actors


def test_a_run_without_an_end_says_so() -> None:
    stage = Stage(0)

    def more() -> None:
        stage.at(stage.now, more)

    stage.at(0, more)
    stage.most_steps = 100
    with pytest.raises(Endless, match="100 steps"):
        stage.run(SECOND)
