"""AWS clients: made at the first call, then kept for the worker's life."""

from functools import cache
from typing import Any

import botocore
import botocore.session
from botocore.config import Config

LEAST_BOTO3 = "1.35.0"

# A function of ours has seconds: a call that hangs must leave time to report what was not done.
# Our own code builds the requests, and tests hold them: checking each against the service model
# again would be a tenth of a call's CPU for nothing.
_CONFIG = Config(
    connect_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    tcp_keepalive=True,
)

# The default of three regions for an address that is signed (presigned) is version 2, which binds
# neither length nor checksum.
_SIGNATURE = {"s3": "s3v4"}

READ_SECONDS = 4
_READ_SECONDS = {
    "logs": 15,  # it searches before it answers
    "textract": 30,  # it answers when all of a page is read
}

_HURRIED = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1}
)


def require_boto3(least: str) -> None:
    """Raise RuntimeError if the runtime's boto3 is older than `least`.

    botocore, all that we use of it, has the same number.
    """
    if _numbers(botocore.__version__) < _numbers(least):
        raise RuntimeError(
            f"boto3 {least} or newer is needed, the runtime brings {botocore.__version__}: "
            "use a newer runtime"
        )


@cache
def _session() -> Any:
    require_boto3(LEAST_BOTO3)
    return botocore.session.get_session()


@cache
def client(service: str, *, hurried: bool = False) -> Any:
    """The worker's client of `service` ("sqs", "s3", "dynamodb").

    Region, credentials and endpoint come from the environment. Its User-Agent is made here, once:
    botocore would put its own together twice a call, for a quarter of the call's CPU. One that is
    `hurried` tries once and waits two seconds: for what a request can do without.
    """
    session = _session()
    read_seconds = _READ_SECONDS.get(service, READ_SECONDS)
    of_worker = Config(
        user_agent=session.user_agent(),
        read_timeout=read_seconds,
        signature_version=_SIGNATURE.get(service),
    )
    config = _CONFIG.merge(of_worker)
    return session.create_client(service, config=config.merge(_HURRIED) if hurried else config)


def reset() -> None:
    """Forget all clients (tests: the next one is made in the environment of then)."""
    client.cache_clear()
    _session.cache_clear()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3])
