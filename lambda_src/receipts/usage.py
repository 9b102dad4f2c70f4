"""Usage: what each customer has sent in a day, held below ceilings in the units that cost.

Beside that the table remembers, by customer, in which batch a file came first, and which file has
taken a fingerprint. `client` is a DynamoDB client; its errors pass through as ClientError.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from receipts.settings import Limits
from shared import dynamo
from shared.dynamo import number, whole

DAY_SECONDS = 86_400
KEPT_DAYS = 3  # of a day's row: nobody is charged for a day that is gone
SEEN_DAYS = 400  # a receipt may be handed in a second time a tax year later

Item = dict[str, Any]


class OverLimit(NamedTuple):
    """A ceiling that a customer would pass: of what, how much it allows, how much is used."""

    unit: str
    most: int
    used: int


class First(NamedTuple):
    """Who came first with a fingerprint: a file, and the batch that it came in."""

    file_id: str
    batch_id: str


class Usage:
    """The table of what customers use."""

    def __init__(self, client: Any, table: str, limits: Limits) -> None:
        self._client, self._table, self._limits = client, table, limits

    def charge(self, customer_id: str, at: int, mark: str, **units: int) -> OverLimit | None:
        """Add units ("batches", "files", "bytes") to a customer's day; why not, if not.

        `at` (µs) says which day; `mark` names what is charged: once, however often it is asked.
        Nothing is added where one ceiling would be passed.
        """
        names = {f"#{unit}": unit for unit in units} | {"#mark": f"charged#{mark}"}
        if self._added(customer_id, at, names, {"#mark": {"BOOL": True}}, units):
            return None
        row = self._row(customer_id, at)
        return None if names["#mark"] in row else self._passed(row, units)

    def charge_pixels(self, customer_id: str, at: int, pixels: int) -> OverLimit | None:
        """Add a picture's pixels to a customer's day; why not, if not.

        It carries no mark, there would be too many: `Ledger.claim_pixels` comes before it. A crash
        between the two leaves one picture uncharged, an answer that is lost charges it twice.
        """
        units = {"pixels": pixels}
        if self._added(customer_id, at, {"#pixels": "pixels"}, {}, units):
            return None
        return self._passed(self._row(customer_id, at), units)

    def first_with(self, customer_id: str, fingerprint: str, mine: First, at: int) -> First:
        """Who of a customer's came first with this fingerprint: `mine`, unless another did."""
        key = self._key(customer_id, f"seen#{fingerprint}")
        item = {
            **key,
            "file_id": {"S": mine.file_id},
            "batch_id": {"S": mine.batch_id},
            "ttl": number(at // 1_000_000 + SEEN_DAYS * DAY_SECONDS),
        }
        new = dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=item,
            ConditionExpression="attribute_not_exists(customer_id)",
        )
        there = item if new else (self._get(key) or item)
        return First(there["file_id"]["S"], there["batch_id"]["S"])

    def _added(
        self, customer_id: str, at: int, names: Item, marks: Item, units: dict[str, int]
    ) -> bool:
        rest = {unit: getattr(self._limits, unit) - n for unit, n in units.items()}
        if min(rest.values()) < 0:
            return False
        below = [f"(attribute_not_exists(#{u}) OR #{u} <= :rest_{u})" for u in units]
        mark = ["attribute_not_exists(#mark)"] if marks else []
        set_mark = "#mark = :mark, " if marks else ""
        added = ", ".join(f"#{unit} :{unit}" for unit in units)
        values = {f":{unit}": number(n) for unit, n in units.items()}
        values |= {f":rest_{unit}": number(n) for unit, n in rest.items()}
        values |= {":ttl": number(at // 1_000_000 + KEPT_DAYS * DAY_SECONDS)}
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=self._key(customer_id, day_of(at)),
            UpdateExpression=f"SET {set_mark}#ttl = :ttl ADD {added}",
            ConditionExpression=" AND ".join(mark + below),
            ExpressionAttributeNames=names | {"#ttl": "ttl"},
            ExpressionAttributeValues=values | {f":{n[1:]}": value for n, value in marks.items()},
        )

    def _passed(self, row: Item, units: dict[str, int]) -> OverLimit:
        used = {unit: whole(row, unit) for unit in units}
        over = [unit for unit, n in units.items() if used[unit] + n > getattr(self._limits, unit)]
        unit = (over or list(units))[0]
        return OverLimit(unit, getattr(self._limits, unit), used[unit])

    def _row(self, customer_id: str, at: int) -> Item:
        return self._get(self._key(customer_id, day_of(at))) or {}

    def _get(self, key: Item) -> Item | None:
        found: Item | None = self._client.get_item(
            TableName=self._table, Key=key, ConsistentRead=True
        ).get("Item")
        return found

    @staticmethod
    def _key(customer_id: str, period: str) -> Item:
        return {"customer_id": {"S": customer_id}, "period": {"S": period}}


def day_of(at: int) -> str:
    """The row of a customer's day (UTC), `at` in microseconds."""
    return f"day#{datetime.fromtimestamp(at // 1_000_000, UTC).date().isoformat()}"
