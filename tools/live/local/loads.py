"""Load that the page sends: one shape at a time of each pipeline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.live.source import Json, Refused

OFF = "off"
ENDS_SECONDS = 40.0  # a request that is under way ends by itself within so long


@dataclass
class Going:
    """A load that is under way: as fast as `rate` says, until it is `stopped`."""

    shape: str
    rate: float
    sent: int = 0
    refused: int = 0
    trouble: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    def took(self, sent: int, refused: int) -> None:
        """So many items more."""
        self.sent += sent
        self.refused += refused


@dataclass(frozen=True)
class Shape:
    """A way to send: `send` does it until it is done, or `stopped`. `rates` to choose from, of
    `unit`; the first is the usual one.
    """

    name: str
    label: str
    rates: Sequence[float]
    unit: str
    send: Callable[[Going], None]


class Loads:
    """The load of one pipeline. For several threads."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._shapes: Mapping[str, Shape] = {shape.name: shape for shape in shapes}
        self._going: Going | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self, name: str, rate: float | None) -> None:
        """Send by a shape, or nothing more ("off"). Raises Refused."""
        shape = self._shapes.get(name)
        if shape is None and name != OFF:
            raise Refused(f"there is no load {name!r}: {', '.join([OFF, *self._shapes])}")
        with self._lock:
            self._stop()
            if shape is None:
                return
            chosen = float(rate if rate is not None else shape.rates[0])
            if not min(shape.rates) <= chosen <= max(shape.rates):
                raise Refused(f"{shape.label} goes from {min(shape.rates):g} to {max(shape.rates):g}{shape.unit}")
            self._going = Going(name, chosen)
            self._thread = threading.Thread(target=self._send, args=(shape, self._going), daemon=True)
            self._thread.start()

    def plain(self) -> Json:
        """As a snapshot has it."""
        going = self._going
        on = going is not None and self._thread is not None and self._thread.is_alive()
        shapes = [
            {"name": one.name, "label": one.label, "rates": list(one.rates), "unit": one.unit}
            for one in self._shapes.values()
        ]
        return {
            "shape": going.shape if going and on else OFF,
            "rate": going.rate if going and on else 0,
            "shapes": [{"name": OFF, "label": OFF, "rates": [], "unit": ""}, *shapes],
            "sent": going.sent if going else 0,
            "refused": going.refused if going else 0,
            "trouble": going.trouble if going else "",
        }

    def close(self) -> None:
        """Send nothing more."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._going and self._thread:
            self._going.stopped.set()
            self._thread.join(ENDS_SECONDS)

    def _send(self, shape: Shape, going: Going) -> None:
        try:
            shape.send(going)
        except Exception as error:  # told to whoever looks
            going.trouble = f"{type(error).__name__}: {error}"[:300]


def paced(going: Going, a_second: float) -> Callable[[], bool]:
    """What waits until the next of so many a second is due; False once the load is stopped."""
    began, count = time.monotonic(), 0

    def wait() -> bool:
        nonlocal count
        ahead = count / a_second - (time.monotonic() - began)
        count += 1
        return not going.stopped.wait(max(0.0, ahead))

    return wait
