"""What is deployed in the world: queues, mappings, functions, tables, as environments/local plans
them; a test compares the two.

Only what the world has small on purpose differs, and stands in `SMALLER`: shards (each history has
its own) and the epoch; and it has views.
"""

import json

from tools.simulation.deployed import Deployed, Mapping

START_US = 1_795_248_000_000_000  # when every history starts: 2026-11-21T08:00:00Z
NAME, ACCOUNT = "sluice-local-votes", "000000000000"
TABLES = {
    "votes": (("voter_id", "S"), ("title_id", "S")),
    "journal": (("shard", "N"), ("n", "N")),
    "tallies": (("title_id", "S"),),
    "catalogue": (("title_id", "S"),),
    "keys": (("name", "S"),),
}
BUCKET = f"{NAME}-quarantine-{ACCOUNT}"
RANKINGS = f"{NAME}-rankings-{ACCOUNT}"  # in no history: nothing of what is counted is in it
TIMEOUTS = {
    "receive": 10,
    "process": 60,
    "write": 15,
    "tally": 60,
    "results": 5,
    "vote": 5,
    "rank": 60,
    "conservation": 60,
    "probe": 30,
}  # seconds
FUNCTIONS = tuple(TIMEOUTS)  # in the order of the way a ballot goes, then those that watch
SLOT_SECONDS = 4
BACKSTOP_SECONDS = 300  # between two calls of tally by the schedule
WATCH_SECONDS = 60  # between two of probe, and of conservation
SMALLER = {"EPOCH_CHANGES": "6", "FOLD_SECONDS": "30", "SHARDS": ""}


def _mapping(queue: str, function: str, *, fifo: bool, batch_size: int, concurrency: int, delay: int = 0) -> Mapping:
    """Five receives, and a window where the queue can have one."""
    window = 0 if fifo else 1
    return Mapping(NAME, queue, function, TIMEOUTS[function], fifo, batch_size, window, concurrency, 5, delay)


MAPPINGS = (
    _mapping("ingest", "process", fifo=False, batch_size=1000, concurrency=4),
    _mapping("count", "write", fifo=True, batch_size=10, concurrency=4),
    _mapping("tick", "tally", fifo=True, batch_size=10, concurrency=2, delay=SLOT_SECONDS + 2),
)
DEPLOYED = Deployed(NAME, ACCOUNT, TIMEOUTS, TABLES, (BUCKET,), MAPPINGS)


def _names(*names: str) -> str:
    return json.dumps(names, separators=(",", ":"))


_VOTING = {"ASPECTS": '["story","acting","visuals","music","overall"]', "SCALE": '{"highest":5,"lowest":1}'}
_WITNESSING = {"WITNESS_SHARE": "1", "KEYS_TABLE": f"{NAME}-keys"}
_SHARDED = {**_WITNESSING, "SHARDS": SMALLER["SHARDS"]}
_INGEST, _COUNT, _TICK = (DEPLOYED.url(mapping.name) for mapping in MAPPINGS)

ENVIRONMENTS = {
    "receive": {
        **_VOTING,
        **_WITNESSING,
        "ENTRANCE": "http_api",
        "INGEST_QUEUE_URL": _INGEST,
        "VOTER_FROM": "body",
        "MOST_BALLOTS": '{"trusted":500,"voter":500}',
    },
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
        "PACKED_VOTES": "true",
    },
    "tally": {
        "TICK_QUEUE_URL": _TICK,
        "VOTES_TABLE": f"{NAME}-votes",
        "JOURNAL_TABLE": f"{NAME}-journal",
        "TALLIES_TABLE": f"{NAME}-tallies",
        "SHARDS": SMALLER["SHARDS"],
        "EPOCH_CHANGES": SMALLER["EPOCH_CHANGES"],
        "FOLD_SECONDS": SMALLER["FOLD_SECONDS"],
    },
    "results": {
        **_VOTING,
        "ENTRANCE": "http_api",
        "TALLIES_TABLE": f"{NAME}-tallies",
        "CATALOGUE_TABLE": f"{NAME}-catalogue",
        "RANKINGS_BUCKET": RANKINGS,
    },
    "vote": {
        "ENTRANCE": "http_api",
        "VOTER_FROM": "body",
        "VOTES_TABLE": f"{NAME}-votes",
        "TALLIES_TABLE": f"{NAME}-tallies",
    },
    "rank": {**_VOTING, "TALLIES_TABLE": f"{NAME}-tallies", "RANKINGS_BUCKET": RANKINGS},
    "probe": {
        **_VOTING,
        "RECEIVE_FUNCTION": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{NAME}-receive:live",
        "VOTER_FROM": "body",
        "VOTES_TABLE": f"{NAME}-votes",
        "TALLIES_TABLE": f"{NAME}-tallies",
    },
    "conservation": {
        "ACCEPTED_LOGS": _names(DEPLOYED.log_group("receive")),
        "SETTLED_LOGS": _names(DEPLOYED.log_group("process"), DEPLOYED.log_group("write")),
        "MAPPINGS": json.dumps({mapping.function: mapping.uuid for mapping in MAPPINGS}),
        "LATENCY_SECONDS": "10",
        "LOOK_BACK_SECONDS": "600",
    },
}
