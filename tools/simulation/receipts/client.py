"""Who sends receipts: customers over HTTP, who repeat what was not answered, upload what they are
told to, badly at times, and ask for the account.
"""

import json
from typing import TYPE_CHECKING, Any

from receipts.ids import batch_id_of
from tools.simulation.aws.errors import Refused
from tools.simulation.broken import Broken
from tools.simulation.receipts import deployed
from tools.simulation.receipts.parcels import TYPE, Parcel, parcel_of, way_of

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Json = dict[str, Any]
MS, SECOND = 1_000, 1_000_000
ATTEMPTS = 5
PUT_ATTEMPTS = 12
LATE_SECONDS = 780
ACCOUNTS = 2  # asked for while a batch is under way
UNKNOWN_SLOT = 77


class Clients:
    """All customers of one history.

    `waiting` counts requests that are still to come, or to be answered; `parcels` are the batches
    that they know, by their id, the one that was taken where a token was used for two.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.waiting = self.requests = self.uploads = self.again = self.asked = 0
        self.refused: list[Parcel] = []  # over their customer's limit
        self.parcels: dict[str, Parcel] = {}

    def begin(self) -> None:
        """All requests, at their times."""
        for plan in self._world.plan.batches:
            parcel = parcel_of(plan)
            parcel.batch_id = batch_id_of(parcel.customer, f"token-{plan.token}")
            self._at(plan.at * MS, lambda parcel=parcel: self._open(parcel, ATTEMPTS))
            if plan.again:
                self._at((plan.at + plan.again) * MS, lambda parcel=parcel: self._again(parcel))

    def _at(self, after: int, act: Any) -> None:
        """Do something so long (µs) after now: until then it is waited for."""
        self.waiting += 1

        def begin() -> None:
            self.waiting -= 1
            act()

        time = self._world.stage.now + after
        self._world.stage.at(time, begin)

    def _again(self, parcel: Parcel) -> None:
        self.again += 1
        self._open(parcel, ATTEMPTS)

    # --- POST /v1/batches ---

    def _open(self, parcel: Parcel, attempts: int) -> None:
        def over(answer: Any, died: BaseException | None) -> None:
            self.waiting -= 1
            status = answer["statusCode"] if died is None else 503
            match status:
                case 201:
                    self._opened(parcel, json.loads(answer["body"]))
                case 409:
                    self._world.checker.conflicts(parcel)
                case 429:
                    self._world.checker.over_limit(parcel)
                    self.refused.append(parcel)
                case 503 if attempts > 1:
                    pause = int(self._world.rng.uniform(5, 30) * SECOND)
                    self._at(pause, lambda: self._open(parcel, attempts - 1))
                case 503:
                    pass
                case _:
                    self._broken(f"accept answered {status}: {answer['body']}")

        self.waiting += 1
        self.requests += 1
        event = {
            "rawPath": "/v1/batches",
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": "POST", "path": "/v1/batches"}},
            "body": json.dumps(parcel.body()),
            "isBase64Encoded": False,
        }
        self._world.lambdas.invoke("accept", event, over)

    def _opened(self, parcel: Parcel, answer: Json) -> None:
        """Upload what is not there yet."""
        self._world.checker.opened(parcel, answer)
        parcel = self.parcels.setdefault(answer["batch_id"], parcel)
        parcel.opened = True
        for upload in answer["uploads"]:
            slot = upload.get("slot")
            if slot not in parcel.stored:
                self._send(parcel, slot, upload)
        for _ in range(ACCOUNTS):
            later = self._world.rng.choice((4, 60, 1_200)) * self._world.rng.random()
            self._at(int(later * SECOND), lambda: self.account(parcel, self._world.checker.told))

    # --- PUT ---

    def _send(self, parcel: Parcel, slot: int | None, upload: Json) -> None:
        body, soon = parcel.bytes_of(slot), int(self._world.rng.random() * 1_500 * MS)

        def put(after: int, content: bytes = body) -> None:
            self._at(after, lambda: self._put(parcel, slot, upload, content, PUT_ATTEMPTS))

        way = way_of(parcel, slot)
        late = {"after its address has expired": deployed.UPLOAD_SECONDS + 60, "much later": LATE_SECONDS}
        if way == "other bytes first":
            put(soon, body[:-1] + b"!")
            put(soon + SECOND)
        elif way != "never":
            put(late[way] * SECOND if way in late else soon)
        if way == "twice":
            put(soon + self._world.rng.choice((3, 400)) * SECOND)
        elif way == "deleted":
            self._at(soon + int(self._world.rng.random() * 4 * SECOND), lambda: self._delete(parcel, slot))
        elif way == "too many":
            self._at(soon, lambda: self._put_by_hand(parcel))

    def _put(self, parcel: Parcel, slot: int | None, upload: Json, content: bytes, attempts: int) -> None:
        if self._world.events.is_out(deployed.UPLOADS):
            if attempts > 1:
                pause = int(self._world.rng.uniform(20, 90) * SECOND)
                self._at(pause, lambda: self._put(parcel, slot, upload, content, attempts - 1))
            return
        try:
            self._world.cloud.addresses.put(upload["url"], content, upload["headers"])
        except Refused as refused:
            self._world.note(f"PUT of {slot} of {parcel.batch_id} is refused: {refused.code}")
            if content == parcel.bytes_of(slot) and refused.code != "AccessDenied":
                self._broken(f"S3 refuses what was announced: {refused}")
            return
        self._world.note(f"PUT of {slot} of {parcel.batch_id}")
        if content != parcel.bytes_of(slot):
            self._broken("S3 takes other bytes than were announced")
        self.uploads += 1
        parcel.stored.add(slot)

    def _delete(self, parcel: Parcel, slot: int | None) -> None:
        name = "archive.zip" if slot is None else f"{slot:03}"
        key = f"in/{parcel.batch_id}/{name}"
        if self._world.cloud.s3.buckets[deployed.UPLOADS].pop(key, None):
            self._world.note(f"DELETED {key}")
            self._world.expired.add(key)

    def _put_by_hand(self, parcel: Parcel) -> None:
        """Objects that nobody announced: of a slot that there is not, and of no batch."""
        s3 = self._world.cloud.client("s3", "operator")
        for name in (f"{UNKNOWN_SLOT:03}", "what.jpg"):
            key = f"in/{parcel.batch_id}/{name}"
            s3.put_object(Bucket=deployed.UPLOADS, Key=key, Body=b"\xff\xd8\xff by hand", ContentType=TYPE)
        parcel.by_hand.add(f"{UNKNOWN_SLOT:03}")

    # --- GET /v1/batches/{id} ---

    def account(self, parcel: Parcel, told: Any, after: int = 0, before: tuple[Json, ...] = ()) -> None:
        """Ask for a batch's account, all of its pages; `told` gets the parcel and them, or None."""

        def over(answer: Any, died: BaseException | None) -> None:
            self.waiting -= 1
            status = answer["statusCode"] if died is None else 503
            if status not in {200, 503}:
                self._broken(f"account answered {status} of a batch that was opened: {answer['body']}")
            if status == 503:
                told(parcel, None)
                return
            page = json.loads(answer["body"])
            if page["next"] is None:
                told(parcel, (*before, page))
            else:
                self.account(parcel, told, page["next"], (*before, page))

        self.waiting += 1
        self.asked += 1
        path = f"/v1/batches/{parcel.batch_id}"
        event = {
            "rawPath": path,
            "requestContext": {"http": {"method": "GET", "path": path}},
            "pathParameters": {"batch_id": parcel.batch_id},
            "queryStringParameters": {"after": str(after)},
        }
        self._world.lambdas.invoke("account", event, over)

    def _broken(self, detail: str) -> None:
        self._world.stage.stop(Broken("answers", detail))
