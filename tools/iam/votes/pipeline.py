"""The votes pipeline, as data for the general part."""

from __future__ import annotations

from tools.iam.pipeline import Pipeline
from tools.iam.votes.rare import rare
from tools.simulation.votes.deployed import DEPLOYED

PIPELINE = Pipeline(
    name="votes",
    simulation="tools.simulation.votes",
    deployed=DEPLOYED,
    rare=rare,
    # its policy names the mappings by UUID
    unknown_before_apply=frozenset({"conservation"}),
)
