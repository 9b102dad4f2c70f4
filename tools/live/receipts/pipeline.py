"""What receipts brings to the live page."""

from __future__ import annotations

from tools.live.flow import Drawing
from tools.live.pipeline import Pipeline
from tools.live.receipts.watched import WatchedReceipts

DRAWING = Drawing(
    title="Receipts",
    columns=(
        ("source/customer",),
        ("function/accept", "store/uploads", "function/account"),
        ("queue/intake", "function/sweep"),
        ("function/split", "bin/quarantine"),
        ("queue/image", "store/ledger"),
        ("function/read", "store/documents", "function/review"),
        ("queue/delivery", "queue/lane", "function/report"),
        ("function/deliver", "function/wake"),
        ("target/database", "queue/delivered"),
        ("", "function/settle"),
    ),
    edges=(
        "source/customer > function/accept",
        "source/customer > store/uploads",
        "store/uploads > queue/intake",
        "function/split > queue/image",
        "function/split > bin/quarantine",
        "function/read > bin/quarantine",
        "function/read > store/documents",
        "function/read > store/ledger",
        "function/read > queue/delivery",
        "function/sweep > queue/intake",
        "function/sweep > queue/image",
        "function/sweep > queue/delivery",
        "store/ledger > function/account",
        "function/review > queue/delivery",
        "function/report > queue/delivery",
        "function/wake > queue/lane",
        "function/deliver > target/database",
        "function/deliver > queue/delivered",
        "function/settle > store/ledger",
        "function/settle > bin/quarantine",
    ),
    apart=("store/usage",),
    quiet=(
        *(f"function/{one} > queue/lane" for one in ("deliver", "read", "report", "review", "sweep")),
        "function/split > queue/intake",
    ),
)

PIPELINE = Pipeline(DRAWING, WatchedReceipts)
