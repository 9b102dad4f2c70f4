"""The simulation of votes, as data for the general part."""

from tools.simulation.pipeline import Pipeline
from tools.simulation.votes.cells import MATRIX
from tools.simulation.votes.plan import EVENTS, from_word, plans
from tools.simulation.votes.standins import installed
from tools.simulation.votes.world import World

OTHER_EVENTS = ("clock skew", "repeated late by a client", "quiet month", "expired", "mended by hand", "repaired")

PIPELINE = Pipeline(
    matrix=MATRIX,
    events=(*EVENTS, *OTHER_EVENTS),
    world=World,
    plans=plans,
    from_word=from_word,
    installed=installed,
)
