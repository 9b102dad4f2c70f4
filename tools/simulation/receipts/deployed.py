"""What is deployed in the world, as environments/local plans it; a test compares the two.

What the world has otherwise on purpose stands in `OTHERWISE`: small limits of a customer, so that
histories meet them, and a schedule that calls less often, as the larger environments have it.
"""

import json

from tools.simulation.aws.indexes import Index
from tools.simulation.deployed import Deployed, Mapping, Notification
from tools.simulation.receipts.contents import HINTS, PAGE_PIXELS

START_US = 1_795_248_000_000_000  # when every history starts: 2026-11-21T08:00:00Z
NAME, ACCOUNT = "sluice-local-receipts", "000000000000"
TABLES = {
    "ledger": (("batch_id", "S"), ("item", "S")),
    "usage": (("customer_id", "S"), ("period", "S")),
}
WAITING = Index("waiting", (("waiting", "S"), ("due_at", "N")), {"ProjectionType": "KEYS_ONLY"})
UPLOADS, DOCUMENTS, QUARANTINE = (f"{NAME}-{bucket}-{ACCOUNT}" for bucket in ("uploads", "documents", "quarantine"))
TIMEOUTS = {"accept": 15, "split": 120, "read": 180, "account": 15, "sweep": 60}  # seconds
FUNCTIONS = tuple(TIMEOUTS)
SWEEP_SECONDS = 300
UPLOAD_SECONDS = 900
LIMITS = {"batches": 4, "files": 14, "bytes": 1_700, "pixels": 7 * PAGE_PIXELS}
OTHERWISE = {"LIMITS": json.dumps(LIMITS)}

INTAKE = Mapping(NAME, "intake", "split", TIMEOUTS["split"], False, 2, 0, 2, 10)
IMAGE = Mapping(NAME, "image", "read", TIMEOUTS["read"], False, 1, 0, 2, 1000)
MAPPINGS = (INTAKE, IMAGE)
DEPLOYED = Deployed(
    NAME,
    ACCOUNT,
    TIMEOUTS,
    TABLES,
    (UPLOADS, DOCUMENTS, QUARANTINE),
    MAPPINGS,
    {"ledger": (WAITING,)},
    (Notification(UPLOADS, "in/", INTAKE.name),),
    ("textract",),
)

_LIMITED = {**OTHERWISE, "USAGE_TABLE": f"{NAME}-usage"}
_LEDGER = {"LEDGER_TABLE": f"{NAME}-ledger"}
_CUSTOMERS = {"CUSTOMER_FROM": "body"}
_QUEUES = {"INTAKE_QUEUE_URL": DEPLOYED.url(INTAKE.name), "IMAGE_QUEUE_URL": DEPLOYED.url(IMAGE.name)}

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
    },
    "account": {**_LEDGER, **_CUSTOMERS},
    "sweep": {**_LEDGER, **_QUEUES, "UPLOADS_BUCKET": UPLOADS},
}
