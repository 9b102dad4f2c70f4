"""What must be so of deliveries when a history is over: ledger, database and report agree."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from receipts.ids import file_id_of
from tools.simulation.broken import Broken
from tools.simulation.receipts.contents import content_of
from tools.simulation.receipts.parcels import Parcel
from tools.simulation.receipts.standing import Fact

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

SECOND = 1_000_000
REPORTS_WITHIN = 900 * SECOND
ATTEMPTS = 60
ENDS = {"stands", "refused", "no-receipt", "not-readable", "not-here", "same", "ignored"}


def check_deliveries(world: "World") -> None:
    """Raises Broken."""
    _rows(world)
    for parcel in world.clients.parcels.values():
        _report(world, parcel)
    if world.plan.calm:
        _calm(world)


def _rows(world: "World") -> None:
    """Each fact stands, or was refused; and nothing stands that is no fact."""
    rows, wanted = world.server.rows, set()
    for (batch_id, item), row in world.checker.ledger.rows.items():
        if not item.startswith("file#") or "revisions" not in row:
            continue
        for revision, fate in enumerate(row["revisions"]["S"]):
            fact = Fact(row["customer_id"]["S"], item.removeprefix("file#"), revision)
            keys = set(world.checker.standing.facts(fact) or ())
            wanted |= keys
            if fate == "w" or (fate == "d" and not keys <= rows.keys()):
                raise Broken("lost", f"fact {revision} of {item} of {batch_id} is {fate!r} in the end")
            if fate == "r" and keys <= rows.keys() and not world.events.fired["strict"]:
                raise Broken("explained", f"{fact} is refused in the end, and all of it stands")
    if strange := rows.keys() - wanted:
        raise Broken("rows", f"{strange} stand in the database, and the ledger knows no such fact")


def _report(world: "World", parcel: Parcel) -> None:
    """The report says of every file what stands of it."""
    told: list[Any] = []
    world.people.report(parcel, told.append, ATTEMPTS)
    world.stage.run(world.stage.now + REPORTS_WITHIN, lambda: bool(told))
    if told == [None] and world.plan.skew:
        return  # by a clock that is minutes off no answer is ever new enough
    if not told or told[0] is None:
        raise Broken("report", f"it is not to be had of {parcel.batch_id} in the end")
    stand = Counter(key[1] for key in world.server.rows if key[0] == parcel.customer)
    for line in told[0]:
        if line["verdict"] not in ENDS:
            raise Broken("report", f"{parcel.batch_id} has {line} in the end")
        if line["rows_standing"] and int(line["rows_standing"]) != stand[line["file_id"]]:
            raise Broken("report", f"{parcel.batch_id} has {line}, where {stand[line['file_id']]} rows stand")


def _calm(world: "World") -> None:
    """Nothing went wrong, so nothing was tried in vain, or twice but for what was refused."""
    lanes = world.checker.lanes
    if lanes.failures:
        raise Broken("calm", f"{lanes.failures} connections in vain though nothing went wrong")
    parcels = world.clients.parcels.values()
    uploads = Counter((one.customer, file_id_of(content_of(number))) for one in parcels for number in one.contents)
    again = world.clients.uploads - sum(len(parcel.stored) for parcel in parcels)
    for key, times in world.checker.standing.sent.items():
        if times > uploads[key[0], key[1]] + again and not world.checker.standing.refused:
            raise Broken("calm", f"{key} was sent {times} times though nothing went wrong")
