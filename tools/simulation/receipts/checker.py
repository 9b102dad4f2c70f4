"""Watches a history, row by row, as it happens: no state goes back, nothing is read twice, no file
is refused without a line, nobody is charged beyond a limit, and every account adds up.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.messages import Message
from tools.simulation.broken import Broken
from tools.simulation.receipts import deployed
from tools.simulation.receipts.fates import Fates
from tools.simulation.receipts.kept import Kept
from tools.simulation.receipts.lanes import Lanes
from tools.simulation.receipts.ledger import Ledger
from tools.simulation.receipts.parcels import Parcel
from tools.simulation.receipts.pointers import Pointers
from tools.simulation.receipts.standing import Standing

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Json = dict[str, Any]
Item = dict[str, Any]


class Checker(Kept):
    """What is known of one history's batches and files."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self.ledger = Ledger(self)
        self.used: dict[tuple[str, str], Item] = {}  # rows of days
        self.pointers = Pointers(self)
        self.lanes, self.standing, self.fates = Lanes(self), Standing(self), Fates(self)
        self.database = world.server.rows

    # --- what the general part tells ---

    def effect(self, call: Call, answer: Json) -> None:
        """A call took effect."""
        if call.service == "dynamodb":
            if call.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
                self._row_written(call)
            elif call.operation == "GetItem":
                self.looked_up(answer.get("Item"))
        elif call.operation == "PutObject":
            self.object_put(call)
        elif call.service == "textract":
            self.page_read(call)
        elif call.service == "database":
            self.lanes.effect(call)
            self.standing.effect(call)
        elif call.operation == "ReceiveMessage":
            self.lanes.effect(call)
        elif call.operation.startswith("ChangeMessageVisibility"):
            self._world.woken(self._world.cloud.sqs.queue(call.params["QueueUrl"]))

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Messages leave one queue and join another in here: pointers, to be sent at once."""
        yield

    def replaced(self, messages: Sequence[Message]) -> None:
        """These messages are not on their queue any more."""
        self.pointers.replaced(messages)

    def _row_written(self, call: Call) -> None:
        table = call.params["TableName"].rsplit("-", 1)[-1]
        place = self._world.table(table).key_of(call.params.get("Key") or call.params["Item"])
        row = self._world.table(table).items.get(place)
        if table == "ledger":
            self.ledger.written(place, row, call.operation)
        elif place[1].startswith("day#"):
            self._charged(place, row or {})

    def _charged(self, place: tuple[str, str], row: Item) -> None:
        """A customer's day: no unit goes down, none passes its limit."""
        before = self.used.get(place, {})
        for unit, most in deployed.LIMITS.items():
            was, now = (int(of.get(unit, {"N": "0"})["N"]) for of in (before, row))
            if not was <= now <= most:
                self.broken("usage", f"{place} has {now} {unit}, where there were {was} and {most} are allowed")
        self.used[place] = row

    # --- what clients are told ---

    def opened(self, parcel: Parcel, answer: Json) -> None:
        """A client was told that its batch is open: all of it stands by then."""
        batch_id = answer["batch_id"]
        row = self.ledger.rows.get((batch_id, "#batch"))
        if batch_id != parcel.batch_id or row is None or "ready" not in row:
            self.broken("opened", f"{parcel.batch_id} was answered as open, as {batch_id}, and is not ready")
        slots = [upload.get("slot") for upload in answer["uploads"]]
        wanted = [None] if parcel.archive is not None else list(range(len(parcel.contents)))
        if slots != wanted:
            self.broken("opened", f"{batch_id} has uploads {slots}, where {wanted} were announced")
        if (named := self.ledger.announced(batch_id)) != (parcel.names if parcel.archive is None else []):
            self.broken("opened", f"{batch_id} was answered as open with a manifest of {named}")
        charged = self.charges(parcel.customer)
        if batch_id not in charged:
            self.broken("usage", f"{batch_id} was opened, and its customer is not charged for it")

    def over_limit(self, parcel: Parcel) -> None:
        """A client was told that its batch would pass a limit: it has left nothing behind."""
        row = self.ledger.rows.get((parcel.batch_id, "#batch"))
        others = any(actor.context.function == "accept" for actor in self._world.stage.actors)
        disturbed = any(cell.call.startswith("accept") for cell in self._world.plan.cells())
        disturbed = disturbed or bool(self._world.events.fired["outage"]) or self._world.events.uses_later
        if row is not None and "ready" not in row and not others and not disturbed:
            self.broken("opened", f"{parcel.batch_id} was refused for a limit, and its token is not free")

    def conflicts(self, parcel: Parcel) -> None:
        """A client was told that its token stands for another batch."""
        if parcel.batch_id not in self._world.clients.parcels and (parcel.batch_id, "#batch") not in self.ledger.rows:
            mine = [one for one in self._world.plan.batches if one.token == parcel.plan.token]
            if len(mine) < 2:
                self.broken("answers", f"409 for {parcel.batch_id}, whose token nobody else has used")

    def told(self, parcel: Parcel, pages: tuple[Json, ...] | None) -> None:
        """A client was told an account, or that it cannot be had."""
        if pages is None:
            if self._world.plan.calm:
                self.broken("account", "it is not to be had though nothing went wrong")
            return
        lines = [line for page in pages for line in page["files"]]
        names = Counter(name for line in lines for name in line["names"])
        ids = Counter(line["file_id"] for line in lines if "file_id" in line)
        twice = [one for one, times in (ids + names).items() if times > 1]
        if twice and not self._moved_between(pages):
            self.broken("account", f"{parcel.batch_id}: twice in one account: {twice}")
        for page in pages:
            self._adds_up(parcel, page, lines if len(pages) == 1 else None)

    def _moved_between(self, pages: tuple[Json, ...]) -> bool:
        """Whether the account changed between two of its pages."""
        return any(page["counts"] != pages[0]["counts"] for page in pages)

    def _adds_up(self, parcel: Parcel, page: Json, lines: list[Json] | None) -> None:
        counts = page["counts"]
        total, expected = sum(counts.values()), len(parcel.names)
        extra = len(parcel.by_hand)
        whole = parcel.archive is not None and total <= 1 + extra  # not looked at yet, or refused as one
        if not (whole or expected <= total <= expected + extra):
            self.broken("account", f"{parcel.batch_id} counts {total} of {expected} files: {counts}")
        if lines is not None:
            shown = Counter(line["state"] for line in lines)
            if any(shown[state] != n for state, n in counts.items() if state != "same"):
                self.broken("account", f"{parcel.batch_id} counts {counts} and shows {dict(shown)}")
        if page["open"] != (counts["received"] > 0) and not counts["expected"]:
            self.broken("account", f"{parcel.batch_id} is open: {page['open']}, with {counts}")

    # --- what is known ---

    def charges(self, customer: str) -> dict[str, tuple[str, str]]:
        """What a customer is charged for: marks, with the row that holds each."""
        return {
            name.removeprefix("charged#"): place
            for place, row in self.used.items()
            for name in row
            if place[0] == customer and name.startswith("charged#")
        }

    def states(self) -> Counter[str]:
        """How many files are in which state."""
        return Counter(row["state"]["S"] for row in self.ledger.files())

    def open_batches(self) -> list[str]:
        """Batches of which something may still come, or is not read."""
        return self.ledger.open_batches()

    def broken(self, check: str, detail: str) -> None:
        """Something is not as it must be."""
        self._world.stage.stop(Broken(check, detail))
