"""The one shape of Terraform's outputs that commands read: an output a pipeline.

It is an object with `queues` and `functions`, each by a short name: the modules themselves, or as
much of them as is named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.common.errors import CommandError
from tools.environment.names import DEFAULT_PIPELINE, PIPELINES

PARTS = {"queues": ("url", "name", "dead_letter_url"), "functions": ("name", "arn", "log_group")}
SHAPE = "; ".join(f"{part}, each with {', '.join(texts)}" for part, texts in PARTS.items())
GUIDE = "docs/how-to/own-pipeline.md has it"
NONE = f"no output is a pipeline, an object with {SHAPE}: add one and apply again ({GUIDE})"


def pipelines_in(outputs: Mapping[str, Any]) -> list[str]:
    """The names of the outputs (name → value) that are pipelines.

    Raises CommandError for one that is meant to be and lacks something, with what that is.
    """
    meant = [name for name, value in outputs.items() if isinstance(value, dict) and value.keys() & PARTS.keys()]
    for name in meant:
        if lacking := next(_lacking(outputs[name]), None):
            raise CommandError(f"output {name!r} has no {lacking}: a pipeline's has {SHAPE} ({GUIDE})")
    return meant


def choose(pipeline: str, outputs: Mapping[str, Any]) -> str:
    """The pipeline of that name; where none is named, the default one if it is there, or else the
    only one of ours, or the only one.

    Raises CommandError where that says none, naming those there are.
    """
    known = pipelines_in(outputs)
    ours = [name for name in known if name in PIPELINES]
    default = [DEFAULT_PIPELINE] if DEFAULT_PIPELINE in ours else ours or known
    if pipeline in known:
        return pipeline
    if not known:
        raise CommandError(f"{NONE}; to an environment of an older release, apply this one")
    if pipeline or len(default) > 1:
        missing = f"there is no pipeline {pipeline!r}" if pipeline else "there are several pipelines"
        raise CommandError(f"{missing}: PIPELINE is one of {', '.join(known)}")
    return default[0]


def outputs_of(pipeline: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation on a pipeline needs: its own outputs, `region` and `account_id`.

    These two are the ones that its functions' ARNs name.
    """
    own = outputs[pipeline]
    region, account = next(iter(own["functions"].values()))["arn"].split(":")[3:5]
    return {**own, "region": region, "account_id": account}


def _lacking(pipeline: Mapping[str, Any]) -> Iterator[str]:
    """What is not there of the shape, such as "queues.orders.url"."""
    for part, texts in PARTS.items():
        things = pipeline.get(part)
        if not isinstance(things, dict) or not things:
            yield part
            continue
        for name, thing in things.items():
            for text in texts:
                given = thing.get(text) if isinstance(thing, dict) else None
                if not isinstance(given, str) or (text == "arn" and given.count(":") < 5):
                    yield f"{part}.{name}.{text}"
