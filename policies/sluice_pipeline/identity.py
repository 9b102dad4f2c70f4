"""Whether a name, ARN, URL or id means a resource of a plan.

One name may stand in two regions, in two accounts and for two kinds of thing: whatever both sides
say of service, region and account must agree, not the name alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

ACCOUNT = re.compile(r"\d{12}")
HOST_REGION = re.compile(r"(?:^|\.)sqs\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\.")


class Identity(NamedTuple):
    """What is said of a thing; None is what is not said."""

    name: str
    service: str | None = None
    region: str | None = None
    account: str | None = None

    def agrees(self, other: Identity) -> bool:
        """Whether both may be the same thing."""
        return self.name == other.name and all(
            a == b or a is None or b is None for a, b in zip(self[1:], other[1:], strict=True)
        )


def named(value: str, region: str | None) -> Identity:
    """What a name, ARN, URL or partial ARN of Lambda says; a bare name is one of `region`."""
    if value.startswith("arn:") and value.count(":") >= 5:
        _, _, service, where, account, rest = value.split(":", 5)
        return Identity(_last(rest), service, _said(where), _said(account))
    if url := re.fullmatch(r"https?://([^/:]+)(?::\d+)?/(?:(\d{12})/)?(.+)", value):
        host = HOST_REGION.search(url[1])
        return Identity(_last(url[3]), None, (host[1] or host[2]) if host else None, url[2])
    if partial := re.fullmatch(r"(\d{12}):function:(.+)", value):
        return Identity(partial[2], "lambda", region, partial[1])
    return Identity(_last(value), None, region)


def of_resource(kind: str, values: Mapping[str, Any], region: str | None) -> set[Identity]:
    """What a planned resource of a kind ("aws_sqs_queue") says of itself, by each of its names."""
    service = kind.split("_")[1]
    known = [named(str(values[key]), region) for key in ("arn", "url", "id") if values.get(key)]
    account = next((one.account for one in known if one.account), None)
    where = next((one.region for one in known if one.region), region)
    names = {str(values[key]) for key in ("name", "bucket", "function_name") if values.get(key)}
    return {Identity(name, service, where, account) for name in names | {one.name for one in known}}


def _last(text: str) -> str:
    return re.split("[:/]", text)[-1]


def _said(part: str) -> str | None:
    """A part of an ARN; a pattern in a policy says nothing."""
    return None if not part or "*" in part or "?" in part else part
