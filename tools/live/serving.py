"""Serves the application on this machine until Ctrl-C, and ends within seconds.

uvicorn waits for open streams, for ever if it may, so they are ended first.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress

import uvicorn

from tools.live.stream import Hub
from tools.local_cloud.front import App

GRACE_SECONDS = 1


class Server(uvicorn.Server):
    """A server that ends its streams when it is asked to exit."""

    def __init__(self, app: App, hub: Hub) -> None:
        settings = uvicorn.Config(
            app,
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(settings)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then all else."""
        self._hub.close()
        await super().shutdown(sockets)


class _Quiet(logging.Filter):
    """Leaves out that a stream was cancelled: at the end that is as it should be."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is said."""
        return "running task(s), timeout graceful shutdown exceeded" not in record.getMessage()


def serve(app: App, hub: Hub, listener: socket.socket) -> None:
    """Serve on a socket that listens until Ctrl-C, or what else asks a program to end."""
    server = Server(app, hub)
    logging.getLogger("uvicorn.error").addFilter(_Quiet())
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
