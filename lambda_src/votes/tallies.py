"""The tallies and the fold row, as DynamoDB keeps them.

Every write is one item under one condition.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import dynamo, fanout
from shared.dynamo import number, whole
from shared.versions import require_known
from votes.shards import shard_of
from votes.standing import Delta
from votes.view import Mark, View, pack, unpack

VERSION = 1
FOLD = "#fold"  # the fold row's title_id; no identifier can hold a '#'
NO_COUNTERS = {"title_id", "epoch", "v"}  # what a title's row holds beside its counters

Item = dict[str, Any]
Bounds = dict[int, int]  # shard → number of an entry


@dataclass(frozen=True, slots=True)
class Open:
    """An epoch whose range is fixed and which is not yet closed.

    It ends with the entries `ends`; `fixed_at` is in µs since 1970.
    """

    epoch: int
    ends: Bounds
    fixed_at: int


@dataclass(frozen=True, slots=True)
class Fold:
    """The fold row.

    It holds the last closed epoch, the entries up to which all are counted, when its range was
    fixed (µs since 1970), the tables' shards, and the epoch that is open.

    `mark` names the view that stands in the row, `view` is that view where it begins after the last
    closed epoch and can be read: a release from before closes epochs and leaves views as they are.
    """

    epoch: int
    upto: Bounds
    as_of: int
    shards: int
    open: Open | None = field(default=None)
    mark: Mark | None = field(default=None)
    view: View | None = field(default=None)

    @property
    def seen(self) -> Bounds:
        """The entries up to which results show all; `upto` or past it."""
        return {**self.upto, **self.view.seen} if self.view else self.upto

    @property
    def shown_at(self) -> int:
        """As of when results are (µs since 1970)."""
        return self.view.at if self.view else self.as_of

    def holds(self, voter_id: str, n: int) -> bool:
        """Whether a vote of theirs that entry n put is counted."""
        return n <= self.upto.get(shard_of(voter_id, self.shards), 0)

    def shows(self, voter_id: str, n: int) -> bool:
        """Whether results show a vote of theirs that entry n put."""
        return n <= self.seen.get(shard_of(voter_id, self.shards), 0)


class Tallies:
    """The tallies table. `client` is a DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def fold(self) -> Fold | None:
        """The fold row; None before the first epoch."""
        item = self._client.get_item(
            TableName=self._table, Key={"title_id": {"S": FOLD}}, ConsistentRead=True
        ).get("Item")
        return read_fold(item) if item else None

    def create_fold(self, shards: int) -> None:
        """Create the fold row, unless there is one."""
        row = {
            "title_id": {"S": FOLD},
            "epoch": number(0),
            "upto": {"M": {}},
            "as_of": number(0),
            "shards": number(shards),
        }
        self._unless_refused(
            self._client.put_item,
            Item=row | {"v": number(VERSION)},
            ConditionExpression="attribute_not_exists(title_id)",
        )

    def fix(self, opened: Open, mark: Mark | None = None) -> bool:
        """Fix the range of an epoch; False when an epoch is open, or this is not the next one.

        And when another view stands than the one of that mark (None: there is none): it may have
        seen more than the range takes in, and results would go back.
        """
        value = {
            "epoch": number(opened.epoch),
            "ends": _bounds(opened.ends),
            "fixed_at": number(opened.fixed_at),
        }
        return self._set("#open", {"M": value}, opened.epoch - 1, mark)

    def look(self, view: View, mark: Mark | None) -> bool:
        """Put the view in the place of the one of that mark; False when that is not what is there,
        or an epoch is open, or closed since.
        """
        value = {
            "base": number(view.base),
            "place": number(view.place),
            "at": number(view.at),
            "seen": _bounds(view.seen),
            "ballots": number(view.ballots),
            "full": {"BOOL": view.full},
            "sums": {"B": pack(view.sums)},
        }
        return self._set("#view", {"M": value}, view.base, mark)

    def _set(self, name: str, value: Item, last: int, mark: Mark | None) -> bool:
        """Set one of `open` and `view` after epoch `last`, while none is open."""
        names = {"#open": "open", "#view": "view"}
        values = {":value": value, ":last": number(last)}
        same = "attribute_not_exists(#view)"
        if mark:
            same = "#view.#base = :base AND #view.#place = :place"
            names |= {"#base": "base", "#place": "place"}
            values |= {":base": number(mark[0]), ":place": number(mark[1])}
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": FOLD}},
            UpdateExpression=f"SET {name} = :value",
            ConditionExpression=f"epoch = :last AND attribute_not_exists(#open) AND {same}",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def add(self, epoch: int, deltas: Mapping[str, Delta]) -> int:
        """Add to each title's counters: how many titles were added to.

        Left as they are: those to which this epoch or a later one has been added.
        """
        return sum(
            fanout.each(lambda title: self._add(epoch, title, deltas[title]), sorted(deltas))
        )

    def close(self, opened: Open, upto: Bounds) -> bool:
        """Close the epoch, everything up to `upto` being counted; False when it is not open."""
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": FOLD}},
            UpdateExpression=(
                "SET epoch = :epoch, upto = :upto, as_of = :as_of REMOVE #open, #view"
            ),
            ConditionExpression="#open.epoch = :epoch",
            ExpressionAttributeNames={"#open": "open", "#view": "view"},
            ExpressionAttributeValues={
                ":epoch": number(opened.epoch),
                ":upto": _bounds(upto),
                ":as_of": number(opened.fixed_at),
            },
        )

    def _add(self, epoch: int, title_id: str, delta: Delta) -> bool:
        names = {f"#{index}": counter for index, counter in enumerate(delta)}
        values = {f":{index}": number(change) for index, change in enumerate(delta.values())}
        sums = ", ".join(f"#{index} :{index}" for index in range(len(delta)))
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": title_id}},
            UpdateExpression=f"ADD {sums} SET epoch = :epoch, v = if_not_exists(v, :v)",
            ConditionExpression="attribute_not_exists(epoch) OR epoch < :epoch",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values | {":epoch": number(epoch), ":v": number(VERSION)},
        )

    def _unless_refused(self, write: Any, **request: Any) -> bool:
        return dynamo.unless_refused(write, TableName=self._table, **request)


def read_fold(item: Item) -> Fold:
    """The fold row's item, as a Fold. Raises NewerVersion."""
    require_known("the fold row", int(item["v"]["N"]), VERSION)
    epoch = int(item["epoch"]["N"])
    view = item["view"]["M"] if "view" in item else None
    mark = (int(view["base"]["N"]), int(view["place"]["N"])) if view else None
    return Fold(
        epoch=epoch,
        upto=_read_bounds(item["upto"]),
        as_of=int(item["as_of"]["N"]),
        shards=int(item["shards"]["N"]),
        open=_read_open(item["open"]["M"]) if "open" in item else None,
        mark=mark,
        view=_read_view(view, mark) if view and mark and mark[0] == epoch else None,
    )


def read_titles(items: Iterable[Item], view: View | None = None) -> dict[str, Delta]:
    """The counters of the titles among these rows of the table, which may hold the fold row too.

    With a view, which was read before the rows, as results show them.
    """
    rows = {item["title_id"]["S"]: item for item in items}
    return {title: shown(title, row, view) for title, row in rows.items() if title != FOLD}


def all_shown(pages: Iterable[Iterable[Item]], view: View | None) -> Iterator[dict[str, Delta]]:
    """All titles' counters as results show them, a page of rows at a time.

    The view was read before them. Last come those titles that the view alone has.
    """
    left = dict(view.sums) if view else {}
    for page in pages:
        counters = read_titles(page, view)
        left = {title: delta for title, delta in left.items() if title not in counters}
        yield counters
    yield left


def shown(title_id: str, row: Item, view: View | None) -> Delta:
    """A title's counters as results show them; of the view, which was read before its row, too."""
    counters = _counters(row)
    for name, n in view.of_title(title_id, whole(row, "epoch")).items() if view else ():
        counters[name] = counters.get(name, 0) + n
    return counters


def _counters(row: Item) -> Delta:
    return {name: int(row[name]["N"]) for name in row.keys() - NO_COUNTERS}


def _read_open(item: Item) -> Open:
    return Open(int(item["epoch"]["N"]), _read_bounds(item["ends"]), int(item["fixed_at"]["N"]))


def _read_view(item: Item, mark: Mark) -> View | None:
    sums = unpack(item["sums"]["B"])
    if sums is None:
        return None
    return View(
        *mark,
        at=int(item["at"]["N"]),
        seen=_read_bounds(item["seen"]),
        ballots=int(item["ballots"]["N"]),
        full=item["full"]["BOOL"],
        sums=sums,
    )


def _bounds(bounds: Mapping[int, int]) -> Item:
    return {"M": {str(shard): number(n) for shard, n in sorted(bounds.items())}}


def _read_bounds(value: Item) -> Bounds:
    return {int(shard): int(n["N"]) for shard, n in value["M"].items()}
