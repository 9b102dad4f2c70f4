"""A check's hops: each proven or not, in words, with what to do about it."""

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """What became of a hop."""

    OK = "ok"
    UNPROVEN = "not proven"
    FAILED = "FAILED"
    SKIPPED = "not tried"


class Failed(Exception):
    """A hop does not work: what was found, and what to do about it."""

    def __init__(self, found: str, do: str) -> None:
        super().__init__(found)
        self.found, self.do = found, do


class Unproven(Failed):
    """A hop could not be tried now, which is no fault."""


class Hops:
    """Tries hops in turn and tells each on a line, and what to do on a line below it.

    `wide` is the width of the hops' names.
    """

    def __init__(self, say: Callable[[str], None], wide: int = 30) -> None:
        self._say, self._wide = say, wide
        self.states: dict[str, State] = {}

    def tried(self, name: str, work: Callable[[], str], *after: str) -> bool:
        """Try one: whether it works. It is not tried where one that it comes `after` failed.

        `work` says what it found, or raises Failed or Unproven.
        """
        broken = [one for one in after if self.states.get(one) in (State.FAILED, State.SKIPPED)]
        if broken:
            return self._told(name, State.SKIPPED, f"without {', '.join(broken)}")
        try:
            return self._told(name, State.OK, work())
        except Unproven as nothing:
            return self._told(name, State.UNPROVEN, nothing.found, nothing.do)
        except Failed as failed:
            return self._told(name, State.FAILED, failed.found, failed.do)

    @property
    def all_work(self) -> bool:
        """Whether none failed; what could not be proven now counts as working."""
        return not {State.FAILED, State.SKIPPED} & set(self.states.values())

    def _told(self, name: str, state: State, found: str, do: str = "") -> bool:
        self.states[name] = state
        self._say(f"{state:<10}  {name:<{self._wide}}  {found}")
        if do:
            self._say(f"{'':<10}  {'':<{self._wide}}  -> {do}")
        return state in (State.OK, State.UNPROVEN)
