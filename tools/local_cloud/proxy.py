"""`python -m tools.local_cloud.proxy UPSTREAM MOST DESCRIPTOR`: microburst before the services.

Started by tools.local_cloud.fault_proxy, which bound the socket.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler
from microburst import forward
from microburst.core.pipeline import Microburst
from yarl import URL

from tools.common.loopback import TOKEN_VARIABLE, is_loopback
from tools.local_cloud.front import of_emulator

MOST_BYTES = 16 * 2**20  # of a body: what is too large is for the API to refuse


class Verbatim(str):
    """An address that takes a path as it stands.

    Decoding the `%3D` of an object's key would break the call's signature.
    """

    __slots__ = ()

    def __add__(self, path: str) -> URL:  # type: ignore[override]
        return URL(str(self) + path, encoded=True)


def tell_how_long_answers_are() -> None:
    """Pass on the length of an answer that nothing is done to: S3's clients ask for it.

    microburst leaves it out. Of an answer that is to be broken it must, or nobody would notice.
    """
    broken = forward._stream_to_client

    async def whole(request: web.Request, status: int, headers: Any, mutator: Any, chunks: Any) -> web.StreamResponse:
        if mutator is not None:
            answer: web.StreamResponse = await broken(request, status, headers, mutator, chunks)
            return answer
        left_out = forward.HOP_BY_HOP - {"content-length"}
        kept = {name: value for name, value in headers.items() if name.lower() not in left_out}
        response = web.StreamResponse(status=status, headers=kept)
        await response.prepare(request)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
        return response

    forward._stream_to_client = whole


def socket_port(descriptor: int) -> int:
    """The port of a socket that stays open."""
    with socket.socket(fileno=os.dup(descriptor)) as listener:
        return int(listener.getsockname()[1])


async def passed_on(request: web.Request, address: URL) -> web.StreamResponse:
    """The answer of another server of this machine, as a stand-in of the run's, unbroken.

    Who has an HTTP proxy sends it all of their calls.
    """
    body = await request.read()
    kept = {name: value for name, value in request.headers.items() if name.lower() not in forward.HOP_BY_HOP}
    async with (
        ClientSession(auto_decompress=False) as session,
        session.request(request.method, address, data=body, headers=kept | {"host": address.authority}) as answer,
    ):
        left = {name: value for name, value in answer.headers.items() if name.lower() not in forward.HOP_BY_HOP}
        return web.Response(status=answer.status, body=await answer.read(), headers=left)


def main(upstream: str, most: int, descriptor: int) -> None:
    """Serve until stopped, remembering the last `most` faults.

    Nothing is signed again: a call goes on with the signature of the function's own role.
    """
    tell_how_long_answers_are()
    proxy = Microburst(upstream, resign=False, fired_capacity=most)
    proxy.upstream.base_url = Verbatim(upstream)
    front = of_emulator(os.environ.pop(TOKEN_VARIABLE))

    own = {urlsplit(upstream).netloc, f"127.0.0.1:{socket_port(descriptor)}"}

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        why = front.refusal(request.path, request.headers.items())
        if why:
            return web.json_response({"message": why}, status=403)
        asked = URL(request.raw_path, encoded=True)  # whole, of who uses us as a proxy
        is_other = asked.absolute and asked.authority not in own and is_loopback(str(asked))
        return await passed_on(request, asked) if is_other else await handler(request)

    app = web.Application(client_max_size=MOST_BYTES, middlewares=[guarded])
    app.on_startup.append(proxy.start)
    app.on_cleanup.append(proxy.stop)
    app.router.add_route("*", "/_microburst/{tail:.*}", proxy.handle_control)
    app.router.add_route("*", "/{tail:.*}", proxy.handle_proxy)
    web.run_app(app, sock=socket.socket(fileno=descriptor), print=None, access_log=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
