"""The front of the premises: TLS for a server that speaks none, and the place where connections and
statements are counted, slowed, cut and black-holed.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace

from tools.local_cloud.premises import wire
from tools.local_cloud.premises.certificates import HOST, NONE
from tools.local_cloud.premises.counts import Counts
from tools.local_cloud.premises.faults import Faults
from tools.local_cloud.premises.session import READ_BYTES, Cut, End, Session


class Front:
    """Listens, at a port of its own, before the socket of a server, which may be down."""

    def __init__(self, socket: str, contexts: Mapping[str, ssl.SSLContext], is_up: Callable[[], bool]) -> None:
        self.faults, self.counts, self.port = Faults(), Counts(), 0
        self._socket, self._contexts, self._is_up = socket, contexts, is_up
        self._open = asyncio.Event()  # not while it is a black hole
        self._open.set()
        self._met: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def begin(self) -> None:
        """Listen."""
        self._listener = await asyncio.start_server(self._meet, HOST, 0, limit=READ_BYTES)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def end(self) -> None:
        """Listen no more, and cut all that is open."""
        if self._listener:
            self._listener.close()
        await self.cut()

    def change(self, faults: Faults) -> None:
        """Do this wrong from now on, also to those who are connected."""
        self.faults = faults
        if faults.black_hole:
            self._open.clear()
        else:
            self._open.set()

    async def cut(self) -> int:
        """Cut every connection; how many there were."""
        met = list(self._met)
        for task in met:
            task.cancel()
        await asyncio.gather(*met, return_exceptions=True)
        return len(met)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._met.add(task)
        self.counts.attempts += 1
        try:
            await self._greet(End(reader, writer))
            writer.close()
        except (OSError, EOFError, Cut, asyncio.CancelledError):
            writer.transport.abort()  # whoever came has left, or is cut
        finally:
            self._met.discard(task)

    async def _greet(self, client: End) -> None:
        """Through TLS to the startup message, and on. Raises Cut, OSError, EOFError."""
        secured = False
        while True:
            if self.faults.closed or not self._is_up():
                raise Cut
            await self._open.wait()
            head = await client.reader.readexactly(8)
            length, code = int.from_bytes(head[:4]), int.from_bytes(head[4:])
            if not 8 <= length <= wire.MOST_STARTUP:
                raise Cut
            said = head + await client.reader.readexactly(length - 8)
            await self._open.wait()
            if code == wire.SSL_REQUEST and not secured and self.faults.certificate != NONE:
                client.writer.write(b"S")
                await client.writer.start_tls(self._contexts[self.faults.certificate])
                self.counts.handshakes += 1
                secured = True
            elif code in (wire.SSL_REQUEST, wire.GSS_REQUEST):
                client.writer.write(b"N")
            elif code == wire.CANCEL_REQUEST:
                await self._cancel(said)
                return
            elif secured:
                await self._join(said, client)
                return
            else:
                client.writer.write(wire.fatal("28000", "connections are taken with encryption alone"))
                return

    async def _cancel(self, said: bytes) -> None:
        """Pass on what asks the server to end a statement: it is no session, and asks for none."""
        self.counts.attempts -= 1
        _, writer = await asyncio.open_unix_connection(self._socket)
        writer.write(said)
        await writer.drain()
        writer.close()

    async def _join(self, startup: bytes, client: End) -> None:
        """A session with the server."""
        server = End(*await asyncio.open_unix_connection(self._socket, limit=READ_BYTES))
        user = wire.user(startup)
        self.counts.opened(user)
        try:
            server.writer.write(startup)
            await Session(client, server, self.counts, self._open.wait, self._held).run()
        finally:
            self.counts.closed(user)

    async def _held(self, text: str) -> str:
        """Hold a statement as long as is due; how its connection is to be lost, if it is."""
        await asyncio.sleep(self.faults.slow_ms / 1000)
        faults = self.faults
        if not faults.lose or faults.matching.upper() not in text.upper():
            return ""
        self.faults = replace(faults, lose="", matching="")
        return faults.lose
