"""What votes brings to the live page."""

from __future__ import annotations

from tools.live.flow import Drawing
from tools.live.pipeline import Pipeline
from tools.live.votes.page import config
from tools.live.votes.watched import WatchedVotes

DRAWING = Drawing(
    title="Votes",
    columns=(
        ("source/voters",),
        ("function/receive",),
        ("queue/ingest",),
        ("function/process",),
        ("queue/count", "bin/quarantine"),
        ("function/write", "store/votes"),
        ("store/journal", "queue/tick"),
        ("", "function/tally"),
        ("store/tallies",),
        ("function/results",),
        ("source/audience",),
    ),
    edges=(
        "source/voters > function/receive",
        "function/receive > queue/ingest",
        "function/process > queue/count",
        "function/process > bin/quarantine",
        "function/write > bin/quarantine",
        "function/write > store/journal",
        "function/write > store/votes",
        "function/write > queue/tick",
        "store/journal > function/tally",
        "function/tally > store/tallies",
        "store/tallies > function/results",
        "function/results > source/audience",
    ),
    apart=(
        "function/vote",
        "function/rank",
        "function/conservation",
        "function/probe",
        "store/catalogue",
        "store/keys",
        "store/rankings",
    ),
)

PIPELINE = Pipeline(DRAWING, WatchedVotes, config)
