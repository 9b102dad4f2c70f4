"""What receipts brings to the live page."""

from __future__ import annotations

from tools.live.flow import Drawing
from tools.live.pipeline import Pipeline

DRAWING = Drawing(
    title="Receipts",
    columns=(
        ("source/customer", ""),
        ("function/accept", "store/uploads"),
        ("queue/intake", "function/account"),
        ("function/split", "function/sweep"),
        ("queue/image", "bin/quarantine"),
        ("function/read", "function/review"),
        ("store/documents", "store/ledger"),
        ("queue/delivery", "queue/lane"),
        ("function/deliver", "function/wake"),
        ("target/database", "queue/delivered"),
        ("function/report", "function/settle"),
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
        "function/wake > queue/lane",
        "function/deliver > target/database",
        "function/deliver > queue/delivered",
        "function/settle > store/ledger",
        "function/settle > bin/quarantine",
        "function/report > queue/delivered",
    ),
)

PIPELINE = Pipeline(DRAWING)
