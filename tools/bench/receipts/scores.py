"""How well receipts were read: what is right, what is marked, and what was wrong and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from receipts.fields import Field, Receipt
from tools.bench.receipts.keys import FIELDS, Key, comparable


@dataclass(frozen=True)
class Verdict:
    """One field of one picture: what was read and what is right, whether it was marked, and why."""

    picture: str
    field: str
    read: str | None
    printed: str
    right: bool
    marked: bool
    reason: str
    alternatives: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What went wrong, in words."""
        if self.read is None:
            return "nothing read"
        held = any(comparable(self.field, other) == comparable(self.field, self.printed) for other in self.alternatives)
        marked = "marked" if self.marked else "NOT MARKED"
        return f"{marked}, the right one among the alternatives" if held else f"{marked}, another value"


@dataclass(frozen=True)
class Shares:
    """Of one field: of how many pictures the key can be compared, how many are right, how many are
    not marked for review, and how many of those are right.
    """

    compared: int
    right: int
    unmarked: int
    unmarked_right: int

    @property
    def text(self) -> str:
        """For people: "97.5 % right; 95.0 % unmarked, 98.7 % of them right"."""
        right, unmarked = _percent(self.right, self.compared), _percent(self.unmarked, self.compared)
        return f"{right} right, {unmarked} unmarked and {_percent(self.unmarked_right, self.unmarked)} of them right"


def judge(key: Key, read: Receipt | None, why_not: str = "") -> list[Verdict]:
    """The verdicts on a picture; `why_not`: why it was not read at all."""
    return [_verdict(key, name, _field(read, name, why_not)) for name in FIELDS if name in key.compared]


def shares(verdicts: Sequence[Verdict]) -> dict[str, Shares]:
    """The shares by field."""
    return {name: _shares([one for one in verdicts if one.field == name]) for name in FIELDS}


def lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What was wrong, by field and kind, then why what is marked was; at last all shares in one."""
    for name in FIELDS:
        wrong = [one for one in verdicts if one.field == name and not one.right]
        for kind, count in Counter(one.kind for one in wrong).most_common():
            yield f"{name}: {count} x {kind}"
            for one in (one for one in wrong if one.kind == kind):
                yield f"  {one.picture}: read {one.read!r}, printed {one.printed!r} ({one.reason})"
        marked = Counter(one.reason for one in verdicts if one.field == name and one.marked)
        yield f"{name}: marked " + (", ".join(f"{count} x {why}" for why, count in marked.most_common()) or "none")
    yield "; ".join(f"{name} {found.text}" for name, found in shares(verdicts).items())


def plain(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """The same for programs."""
    return {
        "shares": {name: asdict(found) for name, found in shares(verdicts).items()},
        "verdicts": [asdict(one) for one in verdicts],
    }


def _field(read: Receipt | None, name: str, why_not: str) -> Field:
    found = getattr(read, name) if read else Field(None, 0, why_not, review=True)
    assert isinstance(found, Field)
    return found


def _verdict(key: Key, name: str, read: Field) -> Verdict:
    right = comparable(name, read.value or "") == key.compared[name]
    return Verdict(
        key.picture.stem, name, read.value, key.printed[name], right, read.review, read.reason, read.alternatives
    )


def _shares(verdicts: Sequence[Verdict]) -> Shares:
    unmarked = [one for one in verdicts if not one.marked]
    return Shares(len(verdicts), sum(one.right for one in verdicts), len(unmarked), sum(one.right for one in unmarked))


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "none"
