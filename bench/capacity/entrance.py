"""The way in: the stage's throttle, the account's, and receive; what passes is accepted and on the ingest queue."""

from __future__ import annotations

from bench.capacity import facts
from bench.capacity.functions import Functions
from bench.capacity.setting import Setting
from bench.capacity.told import Told
from bench.capacity.work import Work


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


class Entrance:
    """The API and receive. A refused request is the client's to repeat; here it does not come again."""

    def __init__(self, setting: Setting, work: Work, functions: Functions, told: Told) -> None:
        self._work, self._functions, self._told = work, functions, told
        self._gates = [
            ("api throttle_rate", Bucket(setting.throttle_rate, setting.throttle_burst)),
            ("api_quota", Bucket(setting.api_quota, max(facts.API_BURST, setting.api_quota / 2))),
        ]
        self._left = 0  # ballots that do not fill a request yet

    def take(self, at: float, step: float, ballots: int) -> int:
        """The messages that reach the ingest queue in this step, each of `a_request` ballots."""
        told, each = self._told, self._work.a_request
        told.offered += ballots
        requests, self._left = divmod(self._left + ballots, each)
        for name, bucket in self._gates:
            passed = bucket.take(requests, step)
            told.refused[name] += (requests - passed) * each
            requests = passed
        told.units["api_requests"] += requests
        seconds = self._work.receive()
        refused, why = self._functions.serve(at, step, requests, seconds, self._work.cold("receive"))
        told.refused[why] += refused * each
        requests -= refused
        told.accepted += requests * each
        told.units["sqs_requests"] += requests * -(-(each * 230) // facts.CHUNK_BYTES)
        told.units["lambda_requests"] += requests
        told.units["lambda_gb_seconds"] += requests * seconds * self._work.setting.memory_mb["receive"] / 1024
        return requests

    def left(self) -> int:
        """Ballots that never filled a request: offered, and not sent."""
        return self._left
