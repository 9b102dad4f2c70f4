"""The simulation of harvest, as data for the general part."""

from tools.simulation.harvest.cells import MATRIX
from tools.simulation.harvest.plan import EVENTS, from_word, plans
from tools.simulation.harvest.standins import installed
from tools.simulation.harvest.world import World
from tools.simulation.pipeline import Pipeline

OTHER_EVENTS = ("clock skew", "added in the instant", "resumed by hand", "stopped", "poison", "paused", "slower")

PIPELINE = Pipeline(
    matrix=MATRIX,
    events=(*EVENTS, *OTHER_EVENTS),
    world=World,
    plans=plans,
    from_word=from_word,
    installed=installed,
)
