"""Lambda's own scaling: environments of each function, and the account's concurrency."""

from __future__ import annotations

from tools.bench.votes.capacity import facts

FUNCTIONS = ("receive", "process", "write", "tally")
SCALING, QUOTA = "Lambda's scaling rate", "lambda_quota"


class Functions:
    """All functions of an account. Environments once made stay."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self.running = dict.fromkeys(FUNCTIONS, 0.0)
        self.peak = dict.fromkeys(FUNCTIONS, 0.0)
        self.throttled = 0
        self.calls = dict.fromkeys(FUNCTIONS, 0)
        self.starts = dict.fromkeys(FUNCTIONS, 0)
        self._made = dict.fromkeys(FUNCTIONS, 0)
        # environments that may be made now
        self._may = dict.fromkeys(FUNCTIONS, float(facts.LAMBDA_SCALES))
        self._at = 0.0
        self._starting: list[tuple[float, int]] = []  # receive's: ready when, how many

    def advance(self, at: float) -> None:
        """Let time pass."""
        for name, may in self._may.items():
            more = (at - self._at) * facts.LAMBDA_SCALES / facts.LAMBDA_SCALES_IN
            self._may[name] = min(float(facts.LAMBDA_SCALES), may + more)
        self._at = at

    def start(self, name: str) -> bool | None:
        """Begin a call: whether it is a cold one, or None when Lambda refuses it (429)."""
        if sum(self.running.values()) + 1 > self._quota:
            self.throttled += 1
            return None
        cold = self.running[name] >= self._made[name]
        if cold:
            if self._may[name] < 1:
                self.throttled += 1
                return None
            self._may[name] -= 1
            self._made[name] += 1
            self.starts[name] += 1
        self.calls[name] += 1
        self.running[name] += 1
        self.peak[name] = max(self.peak[name], self.running[name])
        return cold

    def end(self, name: str) -> None:
        """A call has ended."""
        self.running[name] -= 1

    def serve(self, at: float, step: float, requests: int, seconds: float, cold: float) -> tuple[int, str]:
        """receive's requests of a step: how many are refused, and by what.

        One that finds no warm environment waits for a new one.
        """
        self._starting = [one for one in self._starting if one[0] > at]
        starting = sum(number for _, number in self._starting)
        free = int(self._quota - sum(number for name, number in self.running.items() if name != "receive"))
        warm = max(0, min(self._made["receive"], free) - starting)
        # requests a second of one environment
        each = min(facts.REQUESTS_AN_ENVIRONMENT, 1 / seconds)
        over = max(0, requests - int(warm * each * step + 1e-9))
        room = max(0, free - max(self._made["receive"], 0))
        new = min(over, int(self._may["receive"]), room)
        self._made["receive"] += new
        self.starts["receive"] += new
        self._may["receive"] -= new
        if new:
            self._starting.append((at + cold, new))
        served = requests - over
        self.running["receive"] = min(float(free), served / step / each + starting + new)
        self.peak["receive"] = max(self.peak["receive"], self.running["receive"])
        refused = over - new
        self.calls["receive"] += requests - refused
        self.throttled += refused
        return refused, QUOTA if room <= new and int(self._may["receive"]) > 0 else SCALING
