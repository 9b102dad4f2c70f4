"""What a history keeps in buckets, and what it reads: a document once, a line for each refusal, and
no page that was read before.
"""

import hashlib
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from tools.simulation.aws.calls import Call
from tools.simulation.receipts import deployed
from tools.simulation.receipts.contents import number_of
from tools.simulation.receipts.pointers import Pointers

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Json = dict[str, Any]


class Kept:
    """Objects and reads of one history."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.pointers: Pointers
        self.documents: dict[str, tuple[int, bytes]] = {}  # by key: when it was put, and what
        self.lines: list[Json] = []  # of the quarantine
        self.reads: Counter[tuple[str, str, bytes]] = Counter()  # pages, by customer and file
        self._looked: dict[int, tuple[int, str, str]] = {}  # by invocation: when, customer, file
        self._paid: dict[int, Counter[bytes]] = defaultdict(Counter)
        self._done: dict[int, bool] = {}  # by invocation: whether its file was not to be read
        self._rubbish: Counter[int] = Counter()  # answers in a row, by invocation

    def broken(self, check: str, detail: str) -> None:
        """Something is not as it must be."""
        raise NotImplementedError

    def looked_up(self, item: Json | None) -> None:
        """A function looks a row up: of `read`, it is the file that it is about."""
        actor = self._world.stage.current
        if actor is None or actor.context.function != "read" or not item:
            return
        if "item" in item and item["item"]["S"].startswith("file#"):
            file_id = item["item"]["S"].removeprefix("file#")
            self._looked[id(actor.context)] = (self._world.stage.now, item["customer_id"]["S"], file_id)
            self._paid.pop(id(actor.context), None)
            self._done[id(actor.context)] = item["state"]["S"] != "received"
            self._rubbish[id(actor.context)] = 0

    def page_asked(self) -> None:
        """The reader is asked."""
        actor = self._world.stage.current
        if actor is not None and self._done.get(id(actor.context)):
            self.broken("read twice", f"the reader is asked though the row said that it is done: {actor.name}")

    def rubbish_given(self) -> None:
        """The reader has answered rubbish."""
        if (actor := self._world.stage.current) is not None:
            self._rubbish[id(actor.context)] += 1

    def judge_rubbish(self, file: tuple[str, str]) -> None:
        """A file is refused for the reader's answers: for two in a row, of the third receive on."""
        actor = self._world.stage.current
        given = self._rubbish[id(actor.context)] if actor is not None else 0
        receives = self.pointers.receives_of(file)
        if given < 2 or 0 < receives < 3:
            self.broken("quarantine", f"{file} is refused for {given} answers at receive {receives}")

    def page_read(self, call: Call) -> None:
        """The reader has answered."""
        actor = self._world.stage.current
        if actor is None or id(actor.context) not in self._looked:
            self.broken("read", "a page is read of no file")
            return
        page = call.params["Document"]["Bytes"]
        looked_at, customer, file_id = self._looked[id(actor.context)]
        key = next(
            (key for key in self.documents if key.endswith(f"{file_id}.json") and self._is_of(key, customer)), ""
        )
        if key and self.documents[key][0] < looked_at:
            self.broken("read twice", f"{page!r} is read though {key} was there when its row was looked up")
        self.reads[customer, file_id, page] += 1
        paid = self._paid[id(actor.context)]
        paid[page] += 1
        broken = any(cell.call.startswith("read textract") for cell in self._world.plan.cells())
        if paid[page] > 1 and not broken and not self._world.reader.rubbish_given[number_of(page)]:
            self.broken("read twice", f"{page!r} is read {paid[page]} times for one message")

    def _is_of(self, key: str, customer: str) -> bool:
        held = json.loads(self.documents[key][1])
        return bool(held["customer_id"] == customer)

    def object_put(self, call: Call) -> None:
        """A function has put an object."""
        bucket, key, body = (call.params[name] for name in ("Bucket", "Key", "Body"))
        if bucket == deployed.QUARANTINE:
            self._shelved(body)
        elif key.startswith("results/"):
            if key in self.documents:
                self.broken("document", f"{key} is put though there is one")
            self.documents[key] = (self._world.stage.now, body)
        elif key.startswith("images/"):
            if hashlib.sha256(body).hexdigest()[:32] != key.rsplit("/", 1)[-1]:
                self.broken("image", f"{key} holds other bytes than its name says")
            self._world.expired.discard(key)

    def _shelved(self, body: bytes) -> None:
        for line in map(json.loads, body.decode().splitlines()):
            if not line["reason"] or not line["detail"]:
                self.broken("quarantine", f"a line gives no reason: {line}")
            self.lines.append(line)

    def has_line(self, batch_id: str, reason: str, **of: object) -> bool:
        """Whether the quarantine has a line of a batch with this reason, and these values."""
        return any(
            line.get("batch_id") == batch_id
            and line["reason"] == reason
            and all(line.get(name) == value for name, value in of.items())
            for line in self.lines
        )

    def document_of(self, key: str) -> Json | None:
        """A document, as it stands in the bucket."""
        found = self._world.cloud.s3.buckets[deployed.DOCUMENTS].get(key)
        return None if found is None else json.loads(found.body)
