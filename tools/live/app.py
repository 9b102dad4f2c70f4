"""The web application: the page's files, its stream, and its buttons."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.live import guard
from tools.live.sampler import Sampler
from tools.live.source import BREAK, CURE, LOAD, REDRIVE, NotFound, Refused, Source
from tools.live.stream import Hub
from tools.local_cloud.front import App

PAGE, VOTE = ROOT / "tools" / "live" / "static", ROOT / "web" / "vote"
MOST_BYTES = 65_536  # of what a button says

Asked = dict[str, Any]


def application(source: Source, hub: Hub, token: str, vote: Asked | None = None) -> App:
    """The whole of it, behind its guard. `token`: the run's; `vote`: what the voting page is told.

    The source is closed at the end.
    """
    sampler = Sampler(source, hub)

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(sampler.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asyncio.to_thread(source.close)

    async def events(_: Request) -> Response:
        stream = hub.events(sampler.begin)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"cache-control": "no-store"})

    routes = [Route("/events", events), *_reads(source), *_buttons(source, token), *_files(vote)]
    # streams are not packed
    middleware = [Middleware(guard.WithHeaders, api=_origin(vote)), Middleware(GZipMiddleware)]
    app = Starlette(routes=routes, middleware=middleware, lifespan=living, exception_handlers=_HANDLERS)
    return guard.guarded(app, token)


def _reads(source: Source) -> list[Route]:
    """What is asked and changes nothing."""

    async def flows(_: Request) -> Response:
        return JSONResponse([flow.plain() for flow in await asyncio.to_thread(source.flows)])

    async def letters(request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(source.letters, request.path_params["pipeline"]))

    async def follow(request: Request) -> Response:
        named = request.path_params
        return JSONResponse(await asyncio.to_thread(source.follow, named["pipeline"], named["what"]))

    async def peek(request: Request) -> Response:
        named = request.path_params
        return JSONResponse(await asyncio.to_thread(source.peek, named["pipeline"], named["queue"]))

    return [
        Route("/flows", flows),
        Route("/letters/{pipeline}", letters),
        Route("/follow/{pipeline}/{what:path}", follow),
        Route("/peek/{pipeline}/{queue:path}", peek),
    ]


def _buttons(source: Source, token: str) -> list[Route]:
    """What changes something: by POST alone."""

    def button(path: str, what: str, *on: str, last: str = "") -> Route:
        async def press(request: Request) -> Response:
            if why := guard.why_not(request.headers, token):
                return JSONResponse({"message": why[1]}, why[0])
            if source.about.read_only:
                told = f"{source.about.name} is read only: nothing is changed from here"
                return JSONResponse({"message": told}, 405, {"allow": "GET"})
            if what not in source.about.can:
                raise Refused(f"{source.about.name} cannot do this here ({what})")
            place = [*(str(request.path_params[name]) for name in on), *([last] if last else [])]
            return JSONResponse(await asyncio.to_thread(source.do, what, place, await _said(request)))

        return Route(path, press, methods=["POST"])

    return [
        button("/heal", BREAK, last="heal"),
        button("/faults/{name}", BREAK, "name"),
        button("/faults/{name}/heal", BREAK, "name", last="heal"),
        button("/load/{pipeline}", LOAD, "pipeline"),
        button("/cures/{id}", CURE, "id"),
        button("/letters/{pipeline}/redrive", REDRIVE, "pipeline", last="redrive"),
        button("/letters/{pipeline}/park", REDRIVE, "pipeline", last="park"),
    ]


def _files(vote: Asked | None) -> Sequence[Route | Mount]:
    """The page's own files, and the voting page's."""

    async def config(_: Request) -> Response:
        if vote is None:
            raise NotFound("the votes pipeline is not up: there is nothing to vote on")
        return JSONResponse(vote)

    return [
        Route("/vote/config.json", config),
        Mount("/vote", StaticFiles(directory=VOTE, html=True, check_dir=False)),
        Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
        Mount("/", StaticFiles(directory=PAGE, html=True, check_dir=False)),
    ]


def _origin(vote: Asked | None) -> str:
    parts = urlsplit(str((vote or {}).get("api", "")))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


async def _said(request: Request) -> Asked:
    """The body, an object. Raises Refused."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise Refused(f"a button says at most {MOST_BYTES:,} bytes")
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refused(f"this is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise Refused("a button says an object")
    return said


async def _refused(_: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotFound) else 400
    return JSONResponse({"message": str(error)}, status)


async def _failed(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": f"a service refused: {error}"}, 502)


_HANDLERS: dict[Any, Any] = {Refused: _refused, CommandError: _refused, ClientError: _failed, BotoCoreError: _failed}
