"""Who looks at what was read: people who close reviews, two at once at times, and who ask for a
report.
"""

import csv
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from receipts.ids import customer_key
from tools.simulation.broken import Broken
from tools.simulation.receipts.parcels import Parcel
from tools.simulation.receipts.plan import LOOKS, Look

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Json = dict[str, Any]
MS, SECOND = 1_000, 1_000_000
ATTEMPTS, AGAIN_SECONDS = 4, (3.0, 20.0)
ASKED_FOR_A_REPORT = 6
BY_HAND = {"kind": "purchase", "merchant": "By Hand Ltd", "date": "2026-05-06", "currency": "GBP"}


class People:
    """All of one history. `waiting` counts requests that are still to come, or to be answered."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.waiting = self.closed = self.conflicts = self.reports = 0

    def begin(self) -> None:
        """All that they will do."""
        for number, look in enumerate(self._world.plan.looks):
            self._later(look.at * MS, lambda look=look, number=number: self._look(look, number))  # type: ignore[misc]

    def _look(self, look: Look, number: int) -> None:
        parcels = list(self._world.clients.parcels.values())
        if not parcels:
            return
        parcel, what = parcels[look.batch % len(parcels)], LOOKS[look.what % len(LOOKS)]
        if what == "report":
            self.report(parcel, lambda lines: None, ASKED_FOR_A_REPORT)
            return
        people = [what == "accept"] if what != "two at once" else [True, False]
        for person, accepts in enumerate(people):
            self._review(parcel, f"{10 + number}{person}.50" if not accepts else "")

    def _review(self, parcel: Parcel, total: str) -> None:
        """Ask what is for review, and close all of it: with this total, or as it was read."""

        def over(status: int, said: str) -> None:
            if status == 200:
                for file in json.loads(said)["files"]:
                    self._close(parcel, file, total, ATTEMPTS)
            elif status != 503:
                self._broken(f"review answered {status} of a batch that was opened: {said}")

        self._ask("review", parcel, "review", None, over)

    def _close(self, parcel: Parcel, file: Json, total: str, attempts: int) -> None:
        file_id = file["file_id"]
        receipts = [one["receipt"] for one in file.get("receipts", ())] or [0]
        fields = {**BY_HAND, "total": total}
        corrections = [{"receipt": receipt, "fields": fields} for receipt in receipts] if total else []
        body = {"corrections": corrections, "accept": True}

        def over(status: int, said: str) -> None:
            if status == 200:
                self._is_closed(parcel, file_id, total, json.loads(said))
            elif status == 409:
                self.conflicts += 1
            elif status == 503 and attempts > 1:
                pause = int(self._world.rng.uniform(*AGAIN_SECONDS) * SECOND)
                self._later(pause, lambda: self._close(parcel, file, total, attempts - 1))
            elif status != 503:
                self._broken(f"closing the review of {file_id} was answered {status}: {said}")

        self._ask("review", parcel, f"review/{file_id}", body, over)

    def _is_closed(self, parcel: Parcel, file_id: str, total: str, said: Json) -> None:
        """Somebody was told that what they said is a fact."""
        self.closed += 1
        key = f"results/{customer_key(parcel.customer)}/{file_id}.{said['revision']}.json"
        kept = self._world.checker.document_of(key)
        totals = [one["total"]["value"] for one in kept["receipts"]] if kept else None
        if totals != [one["total"] for one in said["receipts"]] or (total and total not in (totals or ())):
            self._broken(f"{key} has the totals {totals}, where {total or 'what was read'} was said, and told {said}")

    # --- GET /v1/batches/{id}/report.csv ---

    def report(self, parcel: Parcel, then: Callable[[list[dict[str, str]] | None], None], attempts: int) -> None:
        """Ask for a batch's report, and again where it is not there yet; `then` gets its lines."""

        def over(status: int, said: str) -> None:
            if status == 200:
                self.reports += 1
                then(list(csv.DictReader(io.StringIO(said.removeprefix("\ufeff")))))
            elif status not in (202, 503):
                self._broken(f"report answered {status} of a batch that was opened: {said}")
            elif attempts > 1:
                self._later(6 * SECOND, lambda: self.report(parcel, then, attempts - 1))
            else:
                then(None)

        self._ask("report", parcel, "report.csv", None, over)

    def _ask(
        self, function: str, parcel: Parcel, path: str, body: Json | None, then: Callable[[int, str], None]
    ) -> None:
        self.waiting += 1

        def over(answer: Any, died: BaseException | None) -> None:
            self.waiting -= 1
            then(*((answer["statusCode"], answer["body"]) if died is None else (503, "")))

        parts = path.split("/")
        raw, method = f"/v1/batches/{parcel.batch_id}/{path}", "GET" if body is None else "POST"
        event = {
            "rawPath": raw,
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": method, "path": raw}},
            "pathParameters": {"batch_id": parcel.batch_id, **({"file_id": parts[1]} if parts[1:] else {})},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        self._world.lambdas.invoke(function, event, over)

    def _later(self, us: int, act: Callable[[], None]) -> None:
        self.waiting += 1

        def begin() -> None:
            self.waiting -= 1
            act()

        self._world.stage.at(self._world.stage.now + us, begin)

    def _broken(self, detail: str) -> None:
        self._world.stage.stop(Broken("answers", detail))
