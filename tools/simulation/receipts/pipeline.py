"""The simulation of receipts, as data for the general part."""

from tools.simulation.pipeline import Pipeline
from tools.simulation.receipts.cells import MATRIX
from tools.simulation.receipts.plan import EVENTS, from_word, plans
from tools.simulation.receipts.standins import installed
from tools.simulation.receipts.world import World

OTHER_EVENTS = ("clock skew", "asked again by a client", "event never sent")

PIPELINE = Pipeline(
    matrix=MATRIX,
    events=(*EVENTS, *OTHER_EVENTS),
    world=World,
    plans=plans,
    from_word=from_word,
    installed=installed,
)
