"""`python -m devcloud.proxy PORT UPSTREAM MOST`: microburst between functions and services. Started by devcloud.faults."""

from __future__ import annotations

import sys

from aiohttp import web
from microburst.core.pipeline import Microburst
from yarl import URL

MOST_BYTES = 16 * 2**20  # of a body: what is too large is for the API to refuse


class Verbatim(str):
    """An address that takes a path as it stands: decoding the `%3D` of an object's key would break the call's signature."""

    __slots__ = ()

    def __add__(self, path: str) -> URL:  # type: ignore[override]
        return URL(str(self) + path, encoded=True)


def main(port: int, upstream: str, most: int) -> None:
    """Serve on loopback until stopped, remembering the last `most` faults.

    Nothing is signed again: a call goes on with the signature of the function's own role.
    """
    proxy = Microburst(upstream, resign=False, fired_capacity=most)
    proxy.upstream.base_url = Verbatim(upstream)
    app = web.Application(client_max_size=MOST_BYTES)
    app.on_startup.append(proxy.start)
    app.on_cleanup.append(proxy.stop)
    app.router.add_route("*", "/_microburst/{tail:.*}", proxy.handle_control)
    app.router.add_route("*", "/{tail:.*}", proxy.handle_proxy)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
