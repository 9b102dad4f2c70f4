"""Which handler serves which resource type: real ones where it must run, else one that records."""

from tools.offline_provider.resources import (
    buckets,
    budgets,
    function_settings,
    functions,
    gateway,
    identities,
    log_groups,
    queues,
    schedules,
    tables,
)
from tools.offline_provider.resources.base import Handler

REAL: dict[str, Handler] = {
    **queues.HANDLERS,
    **tables.HANDLERS,
    **functions.HANDLERS,
    **function_settings.HANDLERS,
    **gateway.HANDLERS,
    **identities.HANDLERS,
    **log_groups.HANDLERS,
    **buckets.HANDLERS,
    **schedules.HANDLERS,
    **budgets.HANDLERS,
}


def handler(kind: str) -> Handler:
    """The handler of a resource type."""
    return REAL.get(kind) or Handler(kind)
