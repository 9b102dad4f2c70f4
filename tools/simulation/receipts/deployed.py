"""What is deployed in the world, as environments/local plans it; a test compares the two.

What the world has otherwise on purpose stands in `OTHERWISE`: small limits of a customer, so that
histories meet them, and a schedule that calls less often, as the larger environments have it.
"""

import json

from tools.simulation.aws.indexes import Index
from tools.simulation.deployed import Deployed, Mapping, Notification, Pulled
from tools.simulation.receipts.contents import HINTS, PAGE_PIXELS

START_US = 1_795_248_000_000_000  # when every history starts: 2026-11-21T08:00:00Z
NAME, ACCOUNT = "sluice-local-receipts", "000000000000"
TABLES = {
    "ledger": (("batch_id", "S"), ("item", "S")),
    "usage": (("customer_id", "S"), ("period", "S")),
}
WAITING = Index("waiting", (("waiting", "S"), ("due_at", "N")), {"ProjectionType": "KEYS_ONLY"})
UPLOADS, DOCUMENTS, QUARANTINE = (f"{NAME}-{bucket}-{ACCOUNT}" for bucket in ("uploads", "documents", "quarantine"))
TIMEOUTS = {  # seconds
    "accept": 15,
    "split": 120,
    "read": 180,
    "account": 15,
    "sweep": 60,
    "wake": 15,
    "deliver": 60,
    "settle": 60,
    "review": 15,
    "report": 29,
}
FUNCTIONS = tuple(TIMEOUTS)
MOST_SECONDS = 14 * 86_400  # that a queue keeps a message
SWEEP_SECONDS, WAKE_SECONDS = 300, 60
# between two calls of a schedule, where weeks pass in which nothing can go on
THREE_WEEKS_US = 21 * 86_400 * 1_000_000
SELDOM_US = 6 * 3600 * 1_000_000
LANES, AGENTS = 2, ("agent-site",)
UPLOAD_SECONDS = 900
LIMITS = {"batches": 4, "files": 14, "bytes": 1_700, "pixels": 7 * PAGE_PIXELS}
PACE = {"most_rows": 4, "latency_ms": 250, "most_rest_ms": 5_000, "linger_seconds": 6}
OTHERWISE = {"LIMITS": json.dumps(LIMITS), "PACE": json.dumps(PACE)}

INTAKE = Mapping(NAME, "intake", "split", TIMEOUTS["split"], False, 2, 0, 2, 10, kept=MOST_SECONDS)
IMAGE = Mapping(NAME, "image", "read", TIMEOUTS["read"], False, 1, 0, 2, 1000, kept=MOST_SECONDS)
LANE = Mapping(NAME, "lane", "deliver", TIMEOUTS["deliver"], True, 1, 0, LANES, 30, kept=10 * TIMEOUTS["deliver"])
DELIVERY = Pulled(NAME, "delivery", 6 * TIMEOUTS["deliver"], 1000, MOST_SECONDS)
DELIVERED = Mapping(NAME, "delivered", "settle", TIMEOUTS["settle"], False, 10, 0, 2, 100, kept=MOST_SECONDS)
MAPPINGS = (INTAKE, IMAGE, LANE, DELIVERED)
PULLED = (DELIVERY,)
PURGED = (INTAKE, IMAGE, DELIVERY, DELIVERED, LANE)  # by the number that an event has
SECRET = f"{NAME}-database"
SECRET_ARN = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{SECRET}-AbCdEf"
DEPLOYED = Deployed(
    NAME,
    ACCOUNT,
    TIMEOUTS,
    TABLES,
    (UPLOADS, DOCUMENTS, QUARANTINE),
    MAPPINGS,
    {"ledger": (WAITING,)},
    (Notification(UPLOADS, "in/", INTAKE.name),),
    ("textract", "secretsmanager"),
    PULLED,
    ("database",),
)

_LIMITED = {**OTHERWISE, "USAGE_TABLE": f"{NAME}-usage"}
_LEDGER = {"LEDGER_TABLE": f"{NAME}-ledger"}
_CUSTOMERS = {"CUSTOMER_FROM": "body"}
_QUEUES = {"INTAKE_QUEUE_URL": DEPLOYED.url(INTAKE.name), "IMAGE_QUEUE_URL": DEPLOYED.url(IMAGE.name)}
_LANES = {"LANE_QUEUE_URL": DEPLOYED.url(LANE.name), "LANES": str(LANES)}
_POINTING = {**_LANES, "DELIVERY_QUEUE_URL": DEPLOYED.url(DELIVERY.name), "SLOT_SECONDS": "5"}

ENVIRONMENTS = {
    "accept": {
        **_LEDGER,
        **_LIMITED,
        **_CUSTOMERS,
        "UPLOADS_BUCKET": UPLOADS,
        "UPLOAD_SECONDS": str(UPLOAD_SECONDS),
        "KEEP_DAYS": "30",
    },
    "split": {
        **_LEDGER,
        **_LIMITED,
        **_QUEUES,
        "UPLOADS_BUCKET": UPLOADS,
        "DOCUMENTS_BUCKET": DOCUMENTS,
        "QUARANTINE_BUCKET": QUARANTINE,
    },
    "read": {
        **_LEDGER,
        **_LIMITED,
        "IMAGE_QUEUE_URL": _QUEUES["IMAGE_QUEUE_URL"],
        "DOCUMENTS_BUCKET": DOCUMENTS,
        "QUARANTINE_BUCKET": QUARANTINE,
        "HINTS": json.dumps(
            {"country": HINTS.country, "currencies": list(HINTS.currencies), "day_first": HINTS.day_first},
            separators=(",", ":"),
        ),
        "READER": "rapidocr",
        **_POINTING,
    },
    "account": {**_LEDGER, **_CUSTOMERS},
    "sweep": {**_LEDGER, **_QUEUES, **_POINTING, "UPLOADS_BUCKET": UPLOADS},
    "review": {**_LEDGER, **_CUSTOMERS, **_POINTING, "DOCUMENTS_BUCKET": DOCUMENTS},
    "report": {**_LEDGER, **_CUSTOMERS, **_POINTING, "DOCUMENTS_BUCKET": DOCUMENTS},
    "wake": _LANES,
    "deliver": {
        "DELIVERY_QUEUE_URL": DEPLOYED.url(DELIVERY.name),
        "DELIVERED_QUEUE_URL": DEPLOYED.url(DELIVERED.name),
        "LANE_QUEUE_URL": DEPLOYED.url(LANE.name),
        "DOCUMENTS_BUCKET": DOCUMENTS,
        "DATABASE_SECRET": SECRET_ARN,
        "DATABASE_TABLE": "receipts",
        "PACE": OTHERWISE["PACE"],
    },
    "settle": {
        **_LEDGER,
        "DELIVERED_QUEUE_URL": DEPLOYED.url(DELIVERED.name),
        "DOCUMENTS_BUCKET": DOCUMENTS,
        "QUARANTINE_BUCKET": QUARANTINE,
    },
}
