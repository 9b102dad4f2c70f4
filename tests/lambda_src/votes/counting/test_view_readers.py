"""What readers see while tallies look, fold and die, at every call: what was so, and never less
than what was seen before.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from shared import clock, settings
from tests.support.counted import SHARDS, Counted, Crash
from tools.simulation.aws.calls import Call
from tools.simulation.votes.ballots import START_US, expected
from tools.simulation.votes.deployed import ENVIRONMENTS
from votes.counting import Counting
from votes.folding import Folding
from votes.journal import Journal
from votes.results import Results
from votes.settings import ResultsSettings
from votes.shards import shard_of
from votes.tallies import Tallies

FOLD_SECONDS = 100
TITLES = ("t0", "t1")
BY_SHARD = sorted((f"v{n}" for n in range(20)), key=lambda voter: shard_of(voter, SHARDS))
VOTERS = BY_SHARD[:2] + BY_SHARD[-2:]
# one after the other: an entry of each shard, a slot's tally, time until a fold is due
ACTS = ("count", "tally", "count", "tally", "count", "tally", "count", "later", "tally", "count", "tally")
TALLIES = [place for place, act in enumerate(ACTS) if act == "tally"]


class Steps:
    """Steps in at the calls of a reader or a tallier: lets another go first, or ends it there."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.others: dict[tuple[str, int], Callable[[], Any]] = {}

    def before(self, call: Call) -> None:
        self._step(call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        self._step(call)

    def _step(self, call: Call) -> None:
        place = self.places.get(call.caller, 0)
        self.places[call.caller] = place + 1
        if other := self.others.pop((call.caller, place), None):
            other()

    def at(self, caller: str, place: int, other: Callable[[], Any]) -> None:
        """Counted from now."""
        self.places[caller], self.others[caller, place] = 0, other


def dies() -> None:
    raise Crash


class Rig(Counted):
    """Writers, tallies and readers; what was shown is remembered, title by title."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.cloud.dynamodb.create_table("catalogue", ("title_id", "S"))
        self.steps = Steps()
        self.cloud.meddler = self.steps
        variables = ENVIRONMENTS["results"] | {"TALLIES_TABLE": "tallies", "CATALOGUE_TABLE": "catalogue"}
        self._config = settings.load(ResultsSettings, variables)
        self.truths: list[dict[str, dict[str, int]]] = [{}]
        self.shown = dict.fromkeys(TITLES, 0)
        monkeypatch.setattr(clock, "monotonic", lambda: (self.now - START_US) / 1e6)

    def act(self, name: str) -> None:
        if name == "count":
            self.vote()
        elif name == "tally":
            self.tally("tally")
        else:
            self.later(FOLD_SECONDS)

    def vote(self) -> None:
        """An entry of each shard; every title changes with it, some counters go down."""
        turn = len(self.truths)
        for voter in (VOTERS[turn % 2], VOTERS[turn % 2 + 2]):
            music = None if turn % 3 else 3
            made = [
                self.ballot(voter, title, story=(turn + place) % 3 + 1, music=music)
                for place, title in enumerate(TITLES)
            ]
            self.cast += made
            Counting(self.journal, SHARDS, self.now_us).count(shard_of(voter, SHARDS), made)
        self.truths.append(expected(self.cast)[1])

    def tally(self, caller: str) -> None:
        client = self.cloud.client("dynamodb", caller)
        journal, tallies = Journal(client, "journal", "votes"), Tallies(client, "tallies")
        Folding(journal, tallies, SHARDS, 1000, self.now_us, FOLD_SECONDS).fold(10**9)

    def dying(self, place: int) -> None:
        """A tally that ends at its so-and-so-manieth call, before it or after."""
        self.steps.at("tally", place, dies)
        with suppress(Crash):
            self.tally("tally")
        self.steps.others.clear()

    def read(self, least: dict[str, int] | None = None) -> None:
        """A new reader looks at every title: what it says was so, no earlier than `least`."""
        least = least or dict(self.shown)
        for title in TITLES:
            client = self.cloud.client("dynamodb", "reader")
            at = self.place_of(title, Results(self._config, client).handle(asked(title)), least[title])
            self.shown[title] = max(at, self.shown[title])

    def place_of(self, title: str, answer: Any, least: int) -> int:
        body = json.loads(answer["body"])
        said = {"voters": body.get("voters", 0)} | {
            f"{aspect}#{score}": n
            for aspect, one in body.get("aspects", {}).items()
            for score, n in one["histogram"].items()
        }
        said = {name: n for name, n in said.items() if n}
        found = [place for place, truth in enumerate(self.truths) if truth.get(title, {}) == said]
        assert found, f"{title} shows {said}, which was never so"
        assert found[-1] >= least, f"{title} shows what was so at {found}, after {least} was shown"
        return next(place for place in found if place >= least)


def asked(title: str) -> dict[str, Any]:
    path = f"/v1/titles/{title}/results"
    return {
        "rawPath": path,
        "requestContext": {"http": {"method": "GET", "path": path}},
        "pathParameters": {"title_id": title},
    }


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Rig]:
    return lambda: Rig(monkeypatch)


def until(rig: Rig, upto: int) -> Rig:
    """What happened before this act, read after each."""
    for act in ACTS[:upto]:
        rig.act(act)
        rig.read()
    return rig


def rest(rig: Rig, since: int) -> None:
    """What happens after it, and that in the end all is shown and folded."""
    for act in (*ACTS[since:], "later", "tally"):
        rig.act(act)
        rig.read()
    assert set(rig.shown.values()) == {len(rig.truths) - 1}
    fold = rig.tallies.fold()
    assert fold
    assert (fold.view, fold.open, rig.audit().differences) == (None, None, [])


def length(rig: Rig, act: int) -> int:
    until(rig, act).steps.places.clear()
    rig.tally("tally")
    return rig.steps.places["tally"]


def test_it_looks_and_folds(rig: Callable[[], Rig]) -> None:
    made, views = rig(), []
    for act in ACTS:
        made.act(act)
        if act == "tally":
            fold = made.tallies.fold()
            assert fold
            views.append((fold.epoch, fold.view is not None))
    assert views == [(1, False), (1, True), (1, True), (2, False), (2, True)]


@pytest.mark.parametrize("act", TALLIES)
@pytest.mark.parametrize("gap", [0, 2, 4])
def test_a_tally_dies_anywhere_within_a_reader(rig: Callable[[], Rig], act: int, gap: int) -> None:
    """The reader is before its first call, between its two, or at its end."""
    for place in range(length(rig(), act) + 1):
        made = until(rig(), act)
        made.steps.at("reader", gap, lambda made=made, place=place: made.dying(place))  # type: ignore[misc]
        made.read()
        made.read()
        made.dying(place)
        made.read()
        rest(made, act)


@pytest.mark.parametrize("act", TALLIES)
@pytest.mark.parametrize("late", [-50, 0, FOLD_SECONDS])
def test_another_tally_goes_first_anywhere_within_one(rig: Callable[[], Rig], act: int, late: int) -> None:
    """After more was counted, which the one does not know; by a clock that is behind, or when a
    fold is due.
    """

    def another(made: Rig) -> None:
        made.read()
        made.vote()
        made.later(late)
        made.tally("another")
        made.later(-late)
        made.read()

    for place in range(length(rig(), act) + 1):
        made = until(rig(), act)
        made.steps.at("tally", place, lambda made=made: another(made))  # type: ignore[misc]
        made.tally("tally")
        made.steps.others.clear()
        made.read()
        rest(made, act + 1)


def test_a_worker_that_remembers_the_view_shows_what_was_so(rig: Callable[[], Rig]) -> None:
    """It is at most a second behind others, and never goes back."""
    made = rig()
    reader = Results(made._config, made.cloud.client("dynamodb", "reader"))
    shown, fresh = dict.fromkeys(TITLES, 0), [(0, dict.fromkeys(TITLES, 0))]
    for act in ACTS * 3:
        made.act(act)
        for title in TITLES:
            least = max(shown[title], *(seen[title] for at, seen in fresh if made.now - at >= 1_000_000), 0)
            shown[title] = made.place_of(title, reader.handle(asked(title)), least)
        made.read()
        fresh.append((made.now, dict(made.shown)))
        made.later(0.3)
