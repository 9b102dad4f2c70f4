"""What a harvest brings to the live page."""

from __future__ import annotations

from tools.live.flow import Drawing
from tools.live.harvest.watched import WatchedHarvest
from tools.live.pipeline import Pipeline

DRAWING = Drawing(
    title="Harvest",
    columns=(
        ("source/operator", "function/runs"),
        ("function/start",),
        ("queue/turn",),
        ("function/pace", "store/accounts"),
        ("queue/parcel",),
        ("function/work", "bin/quarantine"),
        ("target/vendor", "store/ledger"),
        ("queue/store",),
        ("function/store",),
        ("store/results",),
    ),
    edges=(
        "source/operator > function/start",
        "source/operator > function/runs",
        "function/start > queue/turn",
        "function/start > store/ledger",
        "function/pace > queue/parcel",
        "function/pace > queue/turn",
        "function/pace > store/accounts",
        "function/work > target/vendor",
        "function/work > store/ledger",
        "function/work > bin/quarantine",
        "function/work > store/results",
        "function/pace > queue/store",
        "function/store > store/results",
    ),
    quiet=("function/runs > queue/turn", "function/work > queue/turn", "function/pace > bin/quarantine"),
)

PIPELINE = Pipeline(DRAWING, WatchedHarvest)
