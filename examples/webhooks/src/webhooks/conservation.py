"""conservation: whether all that was accepted is settled; a schedule asks it."""

from shared import conservation, settings

handler = conservation.handle

settings.at_start(conservation.worker)
