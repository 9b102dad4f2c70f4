"""What is deployed in the world: queues, mappings, functions, tables, as environments/local plans them; a test compares the two.

Only what the world has small on purpose differs, and stands in `SMALLER`: shards (each history has its own) and the epoch.
"""

import json
from typing import NamedTuple

START_US = 1_795_248_000_000_000  # when every history starts: 2026-11-21T08:00:00Z
NAME, ACCOUNT = "sluice-local-votes", "000000000000"
FUNCTIONS = ("receive", "process", "write", "tally", "results", "probe", "conservation")
TABLES = {
    "votes": (("voter_id", "S"), ("title_id", "S")),
    "journal": (("shard", "N"), ("n", "N")),
    "tallies": (("title_id", "S"),),
    "catalogue": (("title_id", "S"),),
}
BUCKET = f"{NAME}-quarantine-{ACCOUNT}"
TIMEOUTS = {"receive": 10, "process": 60, "write": 15, "tally": 60, "results": 5, "probe": 30, "conservation": 60}  # seconds
SLOT_SECONDS = 4
BACKSTOP_SECONDS = 300  # between two calls of tally by the schedule
WATCH_SECONDS = 60  # between two of probe, and of conservation
SMALLER = {"EPOCH_CHANGES": "6", "SHARDS": ""}


class Mapping(NamedTuple):
    """A queue and the function that takes from it. Times are in seconds."""

    queue: str
    function: str
    fifo: bool
    batch_size: int
    window: int
    concurrency: int
    most_receives: int
    delay: int = 0

    @property
    def name(self) -> str:
        """The queue's name on AWS."""
        return f"{NAME}-{self.queue}{'.fifo' if self.fifo else ''}"

    @property
    def dead_letters(self) -> str:
        """The name of its dead-letter queue on AWS."""
        return f"{NAME}-{self.queue}-dlq{'.fifo' if self.fifo else ''}"

    @property
    def uuid(self) -> str:
        """The event source mapping's."""
        return f"mapping-of-{self.function}"

    @property
    def visibility(self) -> int:
        """AWS's rule for a queue behind a function."""
        return 6 * TIMEOUTS[self.function] + self.window


MAPPINGS = (
    Mapping("ingest", "process", fifo=False, batch_size=1000, window=1, concurrency=4, most_receives=5),
    Mapping("count", "write", fifo=True, batch_size=10, window=0, concurrency=4, most_receives=5),
    Mapping("tick", "tally", fifo=True, batch_size=10, window=0, concurrency=2, most_receives=5, delay=SLOT_SECONDS + 2),
)


def url(name: str) -> str:
    """A queue's address."""
    return f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{name}"


def log_group(function: str) -> str:
    """Where a function's lines go."""
    return f"/aws/lambda/{NAME}-{function}"


def _names(*names: str) -> str:
    return json.dumps(names, separators=(",", ":"))


_VOTING = {"ASPECTS": '["story","acting","visuals","music","overall"]', "SCALE": '{"highest":5,"lowest":1}'}
_SHARDED = {"WITNESS_SHARE": "1", "SHARDS": SMALLER["SHARDS"]}
_INGEST, _COUNT, _TICK = (url(mapping.name) for mapping in MAPPINGS)

ENVIRONMENTS = {
    "receive": {**_VOTING, "INGEST_QUEUE_URL": _INGEST, "WITNESS_SHARE": "1", "VOTER_FROM": "body"},
    "process": {
        **_VOTING,
        **_SHARDED,
        "INGEST_QUEUE_URL": _INGEST,
        "COUNT_QUEUE_URL": _COUNT,
        "QUARANTINE_BUCKET": BUCKET,
        "CATALOGUE_TABLE": f"{NAME}-catalogue",
        "UNLISTED_TITLES": "accept",
    },
    "write": {
        **_VOTING,
        **_SHARDED,
        "COUNT_QUEUE_URL": _COUNT,
        "TICK_QUEUE_URL": _TICK,
        "VOTES_TABLE": f"{NAME}-votes",
        "JOURNAL_TABLE": f"{NAME}-journal",
        "QUARANTINE_BUCKET": BUCKET,
        "SLOT_SECONDS": str(SLOT_SECONDS),
    },
    "tally": {
        "TICK_QUEUE_URL": _TICK,
        "JOURNAL_TABLE": f"{NAME}-journal",
        "TALLIES_TABLE": f"{NAME}-tallies",
        "SHARDS": SMALLER["SHARDS"],
        "EPOCH_CHANGES": SMALLER["EPOCH_CHANGES"],
    },
    "results": {**_VOTING, "TALLIES_TABLE": f"{NAME}-tallies", "CATALOGUE_TABLE": f"{NAME}-catalogue"},
    "probe": {
        **_VOTING,
        "RECEIVE_FUNCTION": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}-receive:live",
        "VOTER_FROM": "body",
        "VOTES_TABLE": f"{NAME}-votes",
        "TALLIES_TABLE": f"{NAME}-tallies",
    },
    "conservation": {
        "ACCEPTED_LOGS": _names(log_group("receive")),
        "SETTLED_LOGS": _names(log_group("process"), log_group("write")),
        "MAPPINGS": json.dumps({mapping.function: mapping.uuid for mapping in MAPPINGS}),
        "LATENCY_SECONDS": "10",
        "LOOK_BACK_SECONDS": "600",
    },
}
