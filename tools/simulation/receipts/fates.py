"""What the ledger says of facts: a letter for each revision of a file. One that is said to stand
stands, one that is said to be refused was, and whatever is neither is waited for.
"""

from typing import TYPE_CHECKING, Any

from tools.simulation.receipts.standing import Fact

if TYPE_CHECKING:
    from tools.simulation.receipts.checker import Checker

Item = dict[str, Any]
Place = tuple[str, str]
WAITS, STANDS, REFUSED = "wdr"
NEXT = {WAITS: WAITS + STANDS + REFUSED, STANDS: STANDS, REFUSED: WAITS + STANDS + REFUSED}
REASON = "refused-by-database"


class Fates:
    """The letters of one history."""

    def __init__(self, checker: "Checker") -> None:
        self._checker = checker

    def written(self, place: Place, before: Item, row: Item) -> None:
        """The row of a file that was read was written."""
        was, now = (of.get("revisions", {"S": ""})["S"] for of in (before, row))
        if len(now) not in (len(was), len(was) + 1) or any(b not in NEXT[a] for a, b in zip(was, now, strict=False)):
            self._checker.broken("facts", f"{place} had the facts {was!r} and has {now!r}")
        if now[len(was) :] not in ("", WAITS):
            self._checker.broken("facts", f"{place} has a new fact that waits for nothing: {now!r}")
        for revision, fate in enumerate(now):
            if was[revision : revision + 1] != fate:
                self._fate(place, row, revision, fate)
        self._waits(place, row, now)

    def _fate(self, place: Place, row: Item, revision: int, fate: str) -> None:
        fact = Fact(row["customer_id"]["S"], place[1].removeprefix("file#"), revision)
        wanted = self._checker.standing.facts(fact)
        if wanted is None:
            self._checker.broken("facts", f"{place} has fact {revision}, and there is no such document")
            return
        stand = [key in self._checker.database for key in wanted]
        if fate == STANDS and not all(stand):
            self._checker.broken("facts", f"{fact} is said to stand, and {stand} of its rows do")
        if fate == REFUSED:
            self._explained(place, row, fact)

    def _explained(self, place: Place, row: Item, fact: Fact) -> None:
        """A refusal says which SQLSTATE and which constraint, and the quarantine keeps a line."""
        refused = self._checker.standing.refused
        whys = [why for key, why in refused.items() if key[1] == fact.file_id and key[3] == fact.revision]
        detail = row["detail"]["S"]
        if not any(all(part in detail for part in why if part) for why in whys):
            self._checker.broken("explained", f"{fact} is refused with {detail!r}, where the database said {whys}")
        line = {"file_id": fact.file_id, "revision": fact.revision}
        if not self._checker.has_line(place[0], REASON, **line):
            self._checker.broken("explained", f"{fact} is refused, and no line says so")

    def _waits(self, place: Place, row: Item, now: str) -> None:
        """What waits is found by a sweep, and the state is what became of all of it."""
        state, waiting = row["state"]["S"], row.get("waiting", {"S": ""})["S"]
        if (WAITS in now) != waiting.startswith("delivery#"):
            self._checker.broken("lost", f"{place} has the facts {now!r}, and waits for {waiting!r}")
        if WAITS not in now and state != ("delivered" if STANDS in now else "quarantined"):
            self._checker.broken("facts", f"{place} is {state}, with the facts {now!r}")
