"""What must be so when a history of receipts is over, whatever happened in it."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from receipts.documents import fingerprint
from tools.simulation.broken import Broken
from tools.simulation.receipts import deployed
from tools.simulation.receipts.contents import CONTENTS, PAGE_PIXELS, content_of, number_of, truth
from tools.simulation.receipts.parcels import WHOLE, Parcel

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Json = dict[str, Any]
SECOND = 1_000_000
ANSWERS_WITHIN = 120 * SECOND
CLOCKS_AGREE_US = 610 * SECOND  # in which all clocks have seen that an upload comes no more
MARKS_LEFT = 3  # by workers that ended for another cause: then a file is refused for it
MOST_PIXELS = 3 * PAGE_PIXELS  # of a file: an answer that is lost charges them twice
CHARGING = ("(pixels)", "usage (charge)", "(shelve)", "(quarantined)")
EXPIRED = ("expected", "upload-expired")
GONE = ("quarantined", "bytes-gone")
REFUSED = "refused-by-database"


def check_end(world: "World") -> None:
    """Raises Broken."""
    if world.plan.skew:
        world.stage.run(world.stage.now + CLOCKS_AGREE_US)
    for parcel in world.clients.parcels.values():
        _account(world, parcel)
    _documents(world)
    _usage(world)
    _archives_charged(world)
    if world.plan.calm:
        _calm(world)


def _account(world: "World", parcel: Parcel) -> None:
    """The account says of every file what must have become of it, once."""
    answers: list[Any] = []
    world.clients.account(parcel, lambda _, pages: answers.append(pages))
    world.stage.run(world.stage.now + ANSWERS_WITHIN, lambda: bool(answers))
    if not answers or answers[0] is None:
        raise Broken("account", f"it is not to be had of {parcel.batch_id} in the end")
    pages = answers[0]
    world.checker.told(parcel, pages)
    if any(page["open"] for page in pages):
        raise Broken("account", f"{parcel.batch_id} is open in the end: {pages[0]['counts']}")
    lines = [line for page in pages for line in page["files"]]
    own = [line for line in lines if not set(line["names"]) & parcel.by_hand]
    if parcel.archive is not None and len(own) == 1 and "place" not in own[0]:
        _whole(world, parcel, own[0])
        return
    named = Counter(_named(parcel, name) for line in own for name in line["names"])
    if parcel.archive in WHOLE or named != Counter(parcel.names):
        raise Broken("lost", f"{parcel.batch_id} accounts for {sorted(named)} in the end, not {parcel.names}")
    for line in own:
        for name in line["names"]:
            _line(world, parcel, _named(parcel, name), line)
    for line in lines:
        if set(line["names"]) & parcel.by_hand and (line["state"], line["reason"]) != ("quarantined", "unknown-slot"):
            raise Broken("account", f"what nobody announced is {line}")


def _named(parcel: Parcel, name: str) -> str:
    """A file's name; an entry whose archive is gone is known by its place alone."""
    return parcel.names[int(name.removeprefix("entry "))] if name.startswith("entry ") else name


def _whole(world: "World", parcel: Parcel, line: Json) -> None:
    """An archive of which nothing was taken out."""
    said = (line["state"], line.get("reason"))
    allowed = {("quarantined", WHOLE.get(parcel.archive or ""))} if parcel.archive in WHOLE else set()
    if None not in parcel.stored:
        allowed = {EXPIRED}
    elif _is_gone(world, parcel, None):
        allowed |= {GONE, EXPIRED}
    if said == ("quarantined", "over-daily-limit") and _would_pass(world, parcel, parcel.units().get("#entries", {})):
        return
    if said not in allowed:
        raise Broken("account", f"the archive {parcel.batch_id} is {said} in the end, where {allowed} is right")


def _line(world: "World", parcel: Parcel, name: str, line: Json) -> None:
    place = parcel.names.index(name)
    said = (line["state"], line.get("reason"))
    if place >= len(parcel.contents):
        if said != ("ignored", "ignored") and said != GONE:
            raise Broken("account", f"{name} of {parcel.batch_id} is {said}, and nobody sent it")
        return
    slot = None if parcel.archive is not None else place
    allowed = _ends_of(world, parcel, place)
    if slot not in parcel.stored:
        allowed = {EXPIRED}
    elif _is_gone(world, parcel, slot):
        allowed |= {GONE} | ({EXPIRED} if slot is not None else set())
    number = parcel.contents[place]
    if said in allowed or (slot in parcel.stored and _is_allowed(world, parcel, number, *said)):
        _same_file(parcel, place, line)
        return
    raise Broken("account", f"{name} of {parcel.batch_id} is {said} in the end, where {allowed} is right: {line}")


def _ends_of(world: "World", parcel: Parcel, place: int) -> set[tuple[str, str | None]]:
    """What may have become of a file that nothing happened to: what was read is in the database,
    unless that refuses a row of it; a correction may stand then, and nobody asks why any more.
    """
    state, reason = parcel.verdict(place)
    row = world.checker.ledger.rows.get((parcel.batch_id, f"file#{_id(parcel.contents[place])}"), {})
    if reason is not None or "revisions" not in row:
        return {(state, reason)}
    fates = row["revisions"]["S"]
    why = REFUSED if "r" in fates and not fates.endswith("d") else None
    return {("delivered" if "d" in fates else "quarantined", why)}


def _is_allowed(world: "World", parcel: Parcel, number: int, state: str, reason: str | None) -> bool:
    """Whether a good file may be refused so, by what happened in this history."""
    match reason:
        case "over-daily-limit":
            return _would_pass(world, parcel, {"pixels": len(CONTENTS[number].pages) * PAGE_PIXELS})
        case "reader-answer-invalid":
            return world.reader.rubbish_given[number] > 1
        case "unreadable":
            fired = world.faults.fired.items()
            marks = sum(n for cell, n in fired if "ledger (mark)" in cell.call or "(unmark)" in cell.call)
            return marks >= MARKS_LEFT or world.events.was_out(world.deployed.table("ledger"))
    return False


def _same_file(parcel: Parcel, place: int, line: Json) -> None:
    """All names of a line are of the same bytes."""
    for name in line["names"]:
        other = parcel.names.index(_named(parcel, name))
        if content_of(parcel.contents[other]) != content_of(parcel.contents[place]):
            raise Broken("account", f"{line['names']} of {parcel.batch_id} are one file, and are not")


def _is_gone(world: "World", parcel: Parcel, slot: int | None) -> bool:
    """Whether an object of a batch was taken away, of a slot or out of the archive."""
    name = "archive.zip" if slot is None else f"{slot:03}"
    of = [f"in/{parcel.batch_id}/{name}", *([f"images/{parcel.batch_id}/"] if slot is None else [])]
    # two slots of the same bytes are one file, whose object is one of theirs
    of += [f"in/{parcel.batch_id}/"] if slot is not None else []
    return any(key.startswith(tuple(of)) for key in world.expired)


def _would_pass(world: "World", parcel: Parcel, units: dict[str, int]) -> bool:
    used = world.checker.used
    rows = [row for place, row in used.items() if place[0] == parcel.customer]
    row = rows[0] if rows else {}
    return any(int(row.get(unit, {"N": "0"})["N"]) + n > deployed.LIMITS[unit] for unit, n in units.items())


def _documents(world: "World") -> None:
    """Each says what stands on its file, and who showed a receipt before."""
    seen = world.table("usage").items
    for key in world.checker.documents:
        if key.count(".") > 1:
            continue  # a correction
        found = world.checker.document_of(key)
        if found is None:
            raise Broken("lost", f"{key} is gone")
        number = next(n for n in range(len(CONTENTS)) if _id(n) == found["file_id"])
        right = truth(number)
        said = [[one[name]["value"] for name in ("merchant", "date", "total")] for one in found["receipts"]]
        if said != [[one.merchant.value, one.date.value, one.total.value] for one in right]:
            raise Broken("document", f"{key} says {said} of content {number}")
        for one, receipt in zip(found["receipts"], right, strict=True):
            mark = fingerprint(receipt)
            row = seen.get((found["customer_id"], f"seen#{mark}")) if mark else None
            first = {name: row[name]["S"] for name in ("file_id", "batch_id")} if row else None
            if mark and first is None:
                raise Broken("flagged", f"{key} has a receipt that nobody remembers")
            if one["possible_duplicate_of"] != (first if first and first["file_id"] != found["file_id"] else None):
                raise Broken("flagged", f"{key} says {one['possible_duplicate_of']}, and {first} was first")


def _id(number: int) -> str:
    from receipts.ids import file_id_of

    return file_id_of(content_of(number))


def _usage(world: "World") -> None:
    """Every customer is charged for what it sent, each once."""
    for place, row in world.checker.used.items():
        marks = [name.removeprefix("charged#") for name in row if name.startswith("charged#")]
        parcels = [(mark, _parcel(world, mark.partition("#")[0])) for mark in marks]
        if all(parcel for _, parcel in parcels):  # of one that nobody was told of it is not known what it held
            due: Counter[str] = Counter()
            for mark, parcel in parcels:
                due.update(parcel.units()["#entries" if mark.endswith("#entries") else ""] if parcel else {})
            for unit in ("batches", "files", "bytes"):
                if _number(row, unit) != due[unit]:
                    raise Broken("usage", f"{place} is charged {row.get(unit)} {unit}, where {due[unit]} are due")
        _pixels(world, place, row)


def _pixels(world: "World", place: tuple[str, str], row: Json) -> None:
    """The pixels of every picture that was read are charged, but for a crash or a lost answer."""
    files = [r for r in world.checker.ledger.files() if r["customer_id"]["S"] == place[0] and "pixels" in r]
    due = sum(_number(r, "pixels") for r in files if r.get("reason", {}).get("S") != "over-daily-limit")
    charging = [cell for cell in world.faults.fired if cell.call.startswith("read") and cell.call.endswith(CHARGING)]
    targets = (*map(world.deployed.table, world.deployed.tables), deployed.QUARANTINE)
    disturbed = charging or any(map(world.events.was_out, targets))
    # who comes second to a file that is over the limit finds it noted, and reads it
    most_missing = 0 if due <= deployed.LIMITS["pixels"] else 2 * MOST_PIXELS
    twice = sum(n for cell, n in world.faults.fired.items() if cell in charging and cell.phase == "after")
    charged = _number(row, "pixels")
    if charged > due + twice * MOST_PIXELS or (due - charged > most_missing and not disturbed):
        raise Broken("usage", f"{place} is charged {charged} pixels in the end, where {due} are due")


def _number(row: Json, name: str) -> int:
    return int(row.get(name, {"N": "0"})["N"])


def _archives_charged(world: "World") -> None:
    """Each archive that was taken apart is charged for what it holds."""
    for (batch_id, item), row in world.checker.ledger.rows.items():
        if item != "#batch" or "entries" not in row:
            continue
        if f"{batch_id}#entries" not in world.checker.charges(row["customer_id"]["S"]):
            raise Broken("usage", f"{batch_id} was taken apart, and its customer is not charged for its entries")


def _parcel(world: "World", batch_id: str) -> Parcel | None:
    return world.clients.parcels.get(batch_id)


def _calm(world: "World") -> None:
    """Nothing went wrong, so nothing died, or was read more often than it was sent."""
    if world.events.redriven:
        raise Broken("calm", f"{world.events.redriven} messages died though nothing went wrong")
    pointers = Counter(number for parcel in world.clients.parcels.values() for number in parcel.contents)
    again = world.clients.uploads - sum(len(parcel.stored) for parcel in world.clients.parcels.values())
    for (_, file_id, page), times in world.checker.reads.items():
        number = number_of(page)
        if times > pointers[number] + again and not CONTENTS[number].wrong:
            raise Broken("read twice", f"{page!r} of {file_id} was read {times} times for {pointers[number]} uploads")
