"""`make live ENV=…`: a deployed environment, looked at with a person's credentials, read only."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from functools import partial

from tools.common.errors import CommandError
from tools.live.app import application
from tools.live.aws.meter import Meter
from tools.live.aws.place import Counted, Place
from tools.live.aws.policy import policy
from tools.live.aws.source import AwsSource
from tools.live.flow import flow_of
from tools.live.pipeline import pipelines
from tools.live.serving import serve
from tools.live.stream import Hub
from tools.local_cloud import server
from tools.operations.deployment import Deployment, find_all
from tools.operations.pipeline import pipeline_of

say = partial(print, flush=True)


def run(environment: str, pipeline: str, port: int | None) -> int:
    """Serve until Ctrl-C. Raises CommandError, also where the credentials are another account's."""
    meter = Meter()
    places = places_of(find_all(environment), pipeline, meter)
    source, hub = AwsSource(places, meter), Hub()
    listener = server.listen(port)
    say(f"{', '.join(place.deployment.pipeline for place in places)} of {environment}, read only")
    say(f"look: http://127.0.0.1:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
    serve(application(source, hub, secrets.token_urlsafe()), hub, listener)
    return 0


def print_policy(environment: str, pipeline: str) -> int:
    """Print what looking needs. Raises CommandError."""
    say(json.dumps(policy(places_of(find_all(environment), pipeline, Meter()), environment), indent=2))
    return 0


def places_of(there: Sequence[Deployment], pipeline: str, meter: Meter) -> list[Place]:
    """The pipelines to look at. Raises CommandError where none of them is known here."""
    known = pipelines()
    found = []
    for one in there:
        if one.pipeline in known and pipeline in ("", one.pipeline):
            ours = pipeline_of(one.pipeline)
            flow = flow_of(one.pipeline, known[one.pipeline].drawing, ours.consumers)
            found.append(Place(Counted.of(one, meter=meter), ours, flow))
    if not found:
        named = ", ".join(one.pipeline for one in there)
        raise CommandError(f"the environment has {named}: nothing of it can be shown; PIPELINE names one of them")
    return found
