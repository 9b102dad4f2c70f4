"""Which handler serves which resource type: real ones where it must run, else one that records."""

from tools.offline_provider.resources import (
    buckets,
    budgets,
    function_settings,
    function_urls,
    functions,
    gateway,
    identities,
    load_balancers,
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
    **function_urls.HANDLERS,
    **gateway.HANDLERS,
    **identities.HANDLERS,
    **load_balancers.HANDLERS,
    **log_groups.HANDLERS,
    **buckets.HANDLERS,
    **schedules.HANDLERS,
    **budgets.HANDLERS,
}


def handler(kind: str) -> Handler:
    """The handler of a resource type."""
    return REAL.get(kind) or Handler(kind)
