"""A customer's pile: files of drawn receipts, some of them bad, twice, or several in one.

    python -m tools.traffic.receipts.collection FOLDER [COUNT [SEED]]

writes one to look at. The same seed and count give the same files.
"""

from __future__ import annotations

import dataclasses
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.traffic.receipts import broken, drawing, encoding, layouts, spoiling
from tools.traffic.receipts.drawing import Print, Sheet
from tools.traffic.receipts.truth import Truth

HEIC = drawing.DATA / "receipt.heic"
HEIC_NUMBER, HEIC_SEED = 0, 20_261_130  # what is drawn in it


@dataclass(frozen=True)
class Drawn:
    """A file: what is on it, or `refused`, the reason why it cannot be read.

    `sheets` are its pages as they are upright by their tags; none where it is refused.
    """

    name: str
    content: bytes
    receipts: tuple[Truth, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    refused: str | None = None


@dataclass(frozen=True)
class Collection:
    """Files in the order in which they are sent.

    Names of files with the same bytes are in one of `same_content`; those with pictures of the same
    receipt in one of `same_receipt`.
    """

    files: tuple[Drawn, ...]

    def same_content(self) -> list[list[str]]:
        """Groups of names of files with the same bytes."""
        return _groups(self.files, lambda file: [file.content])

    def same_receipt(self) -> list[list[str]]:
        """Groups of names of files that show the same receipt in different bytes."""
        first = {file.content: file for file in reversed(self.files)}
        return _groups(list(first.values())[::-1], lambda file: [truth.number for truth in file.receipts])


def collect(count: int, seed: int, *, bad: bool = True) -> Collection:
    """A pile of at least `count` files; from 40 on all kinds are in it."""
    maker = _Maker(random.Random(f"collection/{seed}"), seed)  # noqa: S311 - a drawing
    files = [maker.twice(), maker.again(), maker.beside(2), maker.beside(3), maker.pages("pdf"), maker.pages("tiff")]
    pile = [file for some in files for file in some] if count >= 40 else []
    if bad and count >= 40:
        pile += _bad(maker.single().content)
    if count >= 40 and HEIC.exists():
        pile.append(heic())
    pile += [maker.single(orientation) for orientation in range(1, 9)] if count >= 40 else []
    while len(pile) < count:
        pile.append(maker.single())
    maker.rng.shuffle(pile)
    return Collection(tuple(pile))


def _bad(picture: bytes) -> Iterator[Drawn]:
    for one in broken.broken(picture):
        yield Drawn(one.name, one.content, refused=one.reason)


def heic() -> Drawn:
    """The one HEIC: committed, because what writes such files is not free enough to depend on."""
    rows, truth = layouts.receipt(HEIC_NUMBER, HEIC_SEED, layout="two-rates", language="en-GB")
    return Drawn("IMG_4711.HEIC", HEIC.read_bytes(), (truth,), (drawing.draw(rows, Print(), truth.number),))


class _Maker:
    """Draws one file after the other."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self.rng, self._seed, self._receipts, self._names = rng, seed, 0, 0

    def single(self, orientation: int = 1) -> Drawn:
        """One receipt in one file, spoiled by chance."""
        sheet, truth = self._sheet()
        sheet = spoiling.by_chance(sheet, self.rng)
        if orientation == 1 and self.rng.random() < 0.2:
            return Drawn(self._name("png"), encoding.png(sheet), (truth,), (sheet,))
        quality = self.rng.choice((60, 75, 85))
        return Drawn(self._name("jpg"), encoding.jpeg(sheet, quality, orientation), (truth,), (sheet,))

    def twice(self) -> list[Drawn]:
        """The same bytes under two names."""
        one = self.single()
        return [one, dataclasses.replace(one, name=f"Kopie von {one.name}")]

    def again(self) -> list[Drawn]:
        """Two pictures of one receipt."""
        sheet, truth = self._sheet()
        askew = spoiling.tilted(sheet, 5.0)
        return [
            Drawn(self._name("jpg"), encoding.jpeg(one, 80), (truth,), (one,))
            for one in (sheet, spoiling.shadowed(askew))
        ]

    def beside(self, count: int) -> list[Drawn]:
        """Several receipts in one picture."""
        both = [self._sheet() for _ in range(count)]
        sheet = drawing.beside([sheet for sheet, _ in both])
        return [Drawn(self._name("jpg"), encoding.jpeg(sheet, 85), tuple(truth for _, truth in both), (sheet,))]

    def pages(self, kind: str) -> list[Drawn]:
        """Several pages in one file, a receipt each."""
        both = [self._sheet() for _ in range(3)]
        sheets = tuple(sheet for sheet, _ in both)
        write: Callable[[Sequence[Sheet]], bytes] = encoding.pdf if kind == "pdf" else encoding.tiff
        return [Drawn(self._name(kind), write(sheets), tuple(truth for _, truth in both), sheets)]

    def _sheet(self) -> tuple[Sheet, Truth]:
        self._receipts += 1
        rows, truth = layouts.receipt(self._receipts, self._seed)
        return drawing.draw(rows, Print.by_chance(self.rng), truth.number), truth

    def _name(self, ending: str) -> str:
        self._names += 1
        folder = self.rng.choice(("", "", "January/", "Reisen/März 2026/", "à trier/"))
        return f"{folder}IMG_{self._names:04}.{ending}"


def _groups(files: Sequence[Drawn], keys: Callable[[Drawn], Sequence[object]]) -> list[list[str]]:
    found: dict[object, list[str]] = {}
    for file in files:
        for key in keys(file):
            found.setdefault(key, []).append(file.name)
    return [names for names in found.values() if len(names) > 1]


def write(folder: Path, pile: Collection) -> None:
    """Write the files, and truth.json beside them."""
    for file in pile.files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    known = {file.name: file.refused or [dataclasses.asdict(truth) for truth in file.receipts] for file in pile.files}
    (folder / "truth.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), collect(*(int(text) for text in [*sys.argv[2:4], "120", "1"][:2])))
