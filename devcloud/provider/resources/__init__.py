"""Which handler serves which resource type: real ones for the types that must run, recording for all others."""

from devcloud.provider.resources import functions, gateway, identities, others, queues, tables
from devcloud.provider.resources.base import Handler

REAL: dict[str, Handler] = {
    **queues.HANDLERS,
    **tables.HANDLERS,
    **functions.HANDLERS,
    **gateway.HANDLERS,
    **identities.HANDLERS,
    **others.HANDLERS,
}


def handler(kind: str) -> Handler:
    """The handler of a resource type."""
    return REAL.get(kind) or Handler(kind)
