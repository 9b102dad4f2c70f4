"""What became of each fact about a file: what was read of it (revision 0), then its corrections.

It is a text with a letter for each revision, so that one comparison tells whether a row has changed
since it was read. A fact never changes, and one that stands in the database stays there.
"""

from enum import StrEnum

WAITS, STANDS, REFUSED = "w", "d", "r"


class Review(StrEnum):
    """Whether a person has looked at what is not sure of a file; it stands beside its state."""

    OPEN = "open"
    CLOSED = "closed"


def waiting(revisions: str) -> list[int]:
    """The revisions that wait for their delivery."""
    return [number for number, fate in enumerate(revisions) if fate == WAITS]


def delivered(revisions: str, revision: int) -> str:
    """The revisions when that one stands in the database, whatever was said of it before."""
    return revisions[:revision] + STANDS + revisions[revision + 1 :]


def refused(revisions: str, revision: int) -> str:
    """The revisions when that one was refused, unless it stands: a late word takes nothing back."""
    if revisions[revision] == STANDS:
        return revisions
    return revisions[:revision] + REFUSED + revisions[revision + 1 :]


def again(revisions: str) -> str:
    """The revisions when what was refused is to be tried again."""
    return revisions.replace(REFUSED, WAITS)
