"""conservation: checks that every accepted witness is settled, and that every mapping is on.

A schedule calls it.
"""

from shared import conservation, settings

handler = conservation.handle
_worker = conservation.worker

settings.at_start(_worker)
