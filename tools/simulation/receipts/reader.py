"""Textract in a history: it answers what stands on a page, throttles, or answers rubbish."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.parsers import ResponseParserError

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Refused, only
from tools.simulation.receipts.contents import CONTENTS, answer_to, number_of

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Answer = dict[str, Any]
MS, SECOND = 1_000, 1_000_000
AT_ONCE = 3  # pages that are read side by side
RUBBISH: tuple[Any, ...] = (
    {},
    {"ExpenseDocuments": "none"},
    {"ExpenseDocuments": [{"Blocks": [{"BlockType": "LINE", "Text": None, "Geometry": {}}]}]},
    {"ExpenseDocuments": [{"Blocks": [7]}]},
    ResponseParserError("not JSON"),
    AttributeError("'list' object has no attribute 'get'"),
)


class Reader:
    """The service. `busy` and `rubbish` are the odds that a call is throttled, or answered so."""

    name = "textract"

    def __init__(self, world: "World") -> None:
        self._world = world
        self.busy = self.rubbish = 0.0
        self.throttled = self.calls = 0
        self.rubbish_given: Counter[int] = Counter()  # by the content's number
        self._reading = 0
        self.operations: dict[str, Callable[[Call], Answer]] = {"AnalyzeExpense": self._analyze}

    def _analyze(self, call: Call) -> Answer:
        only("AnalyzeExpense", call.params, {"Document"})
        self._world.checker.page_asked()
        page = call.params["Document"]["Bytes"]
        number = number_of(page)
        if self._reading >= AT_ONCE or self._world.rng.random() < self.busy:
            self.throttled += 1
            raise Refused("ProvisionedThroughputExceededException", "You have exceeded your maximum rate")
        if CONTENTS[number].wrong == "refused":
            raise Refused("UnsupportedDocumentException", "Request has unsupported document format")
        self._wait()
        if CONTENTS[number].wrong == "rubbish" or self._world.rng.random() < self.rubbish:
            self.rubbish_given[number] += 1
            self._world.checker.rubbish_given()
            return self._rubbish()
        self.calls += 1
        return answer_to(page)

    def _wait(self) -> None:
        """A page takes a second or some, of which nothing else is held up."""
        self._reading += 1
        try:
            self._world.stage.pause(int(self._world.rng.uniform(800 * MS, 4 * SECOND)))
        finally:
            self._reading -= 1

    def _rubbish(self) -> Answer:
        found = self._world.rng.choice(RUBBISH)
        if isinstance(found, Exception):
            raise found
        answer: Answer = dict(found)
        return answer
