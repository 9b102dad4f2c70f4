"""Serves an ASGI application behind the front, in the emulator's virtual environment.

Of ours it imports the front alone.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tools.local_cloud.front import App, Front


def serve(front: Front, app: App, descriptor: int, **settings: Any) -> None:
    """Serve on a bound socket until stopped; `settings` are hypercorn's."""
    from hypercorn import asyncio as server
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{descriptor}"]
    for name, value in settings.items():
        setattr(config, name, value)
    guarded: Any = front.before(app)
    asyncio.run(server.serve(guarded, config, mode="asgi"))
