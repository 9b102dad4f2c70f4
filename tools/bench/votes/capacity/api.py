"""The way in: the stage's throttle, the account's, and receive.

What passes is accepted and on the ingest queue.
"""

from __future__ import annotations

from tools.bench.votes.capacity import facts
from tools.bench.votes.capacity.durations import BODY_BYTES, Durations
from tools.bench.votes.capacity.functions import Functions
from tools.bench.votes.capacity.results import Results
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.units import ANSWER_BALLOT_BYTES, ANSWER_BYTES, LOG_BYTES


class Bucket:
    """A token bucket of requests."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst, self._tokens = rate, burst, burst

    def take(self, requests: int, step: float) -> int:
        """How many of a step's requests pass. Tokens that come within the step are there for it."""
        self._tokens = min(self._burst + self._rate * step, self._tokens + self._rate * step)
        passed = min(requests, int(self._tokens + 1e-9))
        self._tokens = min(self._burst, self._tokens - passed)
        return passed


class Api:
    """The API and receive.

    A refused request is the client's to repeat; here it does not come again.
    """

    def __init__(self, settings: Settings, durations: Durations, functions: Functions, results: Results) -> None:
        self._durations, self._functions, self._results = durations, functions, results
        self._most_ballots = settings.most_ballots
        self._gates = [
            ("api throttle_rate", Bucket(settings.throttle_rate, settings.throttle_burst)),
            ("api_quota", Bucket(settings.api_quota, max(facts.API_BURST, settings.api_quota / 2))),
        ]
        self._left = 0  # ballots that do not fill a request yet

    def take(self, at: float, step: float, ballots: int) -> int:
        """The messages that reach the ingest queue in this step, each of `a_request` ballots."""
        results, each = self._results, self._durations.a_request
        results.offered += ballots
        requests, self._left = divmod(self._left + ballots, each)
        for name, bucket in self._gates:
            passed = bucket.take(requests, step)
            results.refused[name] += (requests - passed) * each
            requests = passed
        results.units["api_requests"] += requests
        results.units["access_log_bytes"] += requests * self._durations.settings.access_line_bytes
        seconds = self._durations.receive()
        cold, begun = self._durations.cold("receive"), self._functions.starts["receive"]
        refused, why = self._functions.serve(at, step, requests, seconds, cold)
        begun = self._functions.starts["receive"] - begun
        results.refused[why] += refused * each
        requests -= refused
        taken = requests if each <= self._most_ballots else 0  # else receive says 413
        results.refused["api most_ballots"] += (requests - taken) * each
        results.accepted += taken * each
        results.units["sqs_requests"] += taken * -(-(each * BODY_BYTES) // facts.CHUNK_BYTES)
        results.units["lambda_requests"] += requests
        results.units["lambda_gb_seconds"] += requests * self._durations.billed("receive", seconds)
        results.units["lambda_gb_seconds"] += begun * self._durations.billed("receive", cold, cold=True)
        results.units["log_bytes"] += requests * LOG_BYTES["receive"]
        results.units["answer_bytes"] += requests * (ANSWER_BYTES + each * ANSWER_BALLOT_BYTES)
        return taken

    def left(self) -> int:
        """Ballots that never filled a request: offered, and not sent."""
        return self._left
