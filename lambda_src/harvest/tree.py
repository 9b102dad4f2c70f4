"""The parcels of one group, found from what was committed: orphans are not among them."""

from collections.abc import Iterable, Iterator

from harvest.ledger import Ledger
from harvest.parcels import Parcel, group_id

MOST_ROUNDS = 5000  # of parcels that follow from each other: pages of a listing, tries


class NotWhole(Exception):
    """A parcel that a commit names is not there, or the tree does not end."""


def of_group(ledger: Ledger, run_id: str, group: str) -> Iterator[Parcel]:
    """Every parcel of a group, each before its children. Raises NotWhole."""
    yield from below(ledger, run_id, [group_id(group)])


def below(ledger: Ledger, run_id: str, ids: Iterable[str]) -> Iterator[Parcel]:
    """These parcels and all that follow from them, each once, but for the groups that they name.

    Raises NotWhole.
    """
    waiting, seen = list(dict.fromkeys(ids)), set[str]()
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return
        found = ledger.parcels(run_id, waiting)
        if missing := set(waiting) - found.keys():
            raise NotWhole(f"run {run_id} lacks {len(missing)} parcels, such as {min(missing)}")
        seen.update(waiting)
        children: dict[str, None] = {}
        for parcel in found.values():
            yield parcel
            named = set(parcel.named)
            children |= dict.fromkeys(one for one in parcel.child_ids() if one not in named)
        waiting = [one for one in children if one not in seen]
    raise NotWhole(f"run {run_id} has a chain of more than {MOST_ROUNDS} parcels")
