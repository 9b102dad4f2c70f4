"""CKV_SLUICE_4: all mappings at their maximum fit into the account's concurrency together."""

import os
from collections.abc import Iterator

from sluice_pipeline.plan import NotYetKnown, Plan, Resource
from sluice_pipeline.queues import MAPPING, mappings, maximum, require_queue
from sluice_pipeline.rule import Rule


class AccountConcurrency(Rule):
    def __init__(self) -> None:
        super().__init__(
            4,
            "The mappings' maxima together are within the account's concurrency (SLUICE_ACCOUNT_CONCURRENCY)",
            [MAPPING],
        )

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        account, total, unclear = int(os.environ.get("SLUICE_ACCOUNT_CONCURRENCY", "1000")), 0, None
        for mapping in mappings(plan):
            try:
                total += maximum(mapping) or 0  # one without a maximum is for another rule to tell
            except NotYetKnown as unknown:
                unclear = unknown
        if total > account:
            yield (
                f"The mappings of this plan may run {total} at once, the account {account}: lower maximum_concurrency, "
                "or have the account's quota raised and say so in SLUICE_ACCOUNT_CONCURRENCY."
            )
        elif unclear:
            raise unclear


check = AccountConcurrency()
