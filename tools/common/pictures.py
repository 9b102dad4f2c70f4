"""The one place that sets matplotlib up. It is not installed for everybody: who draws asks first.

`make` installs requirements/pictures.txt for what is asked to draw.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools.common.paths import BUILD


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


@contextmanager
def figure(files: Sequence[Path], size: tuple[float, float]) -> Iterator[Any]:
    """An empty matplotlib figure of so many inches, saved as each of `files` when it was drawn.

    Raises ModuleNotFoundError where matplotlib is not installed.
    """
    # A home folder may be missing, or not ours to write in.
    os.environ.setdefault("MPLCONFIGDIR", str(BUILD / "matplotlib"))
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    drawn = pyplot.figure(figsize=size, layout="constrained")
    try:
        yield drawn
        for file in files:
            # The same figures give the same svg: without the date of the day.
            drawn.savefig(file, dpi=130, metadata={"Date": None} if file.suffix == ".svg" else None)
    finally:
        pyplot.close(drawn)
