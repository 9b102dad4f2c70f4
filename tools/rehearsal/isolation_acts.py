"""Everybody at everybody's doors, while all three environments are up."""

from __future__ import annotations

from collections.abc import Sequence

from tools.rehearsal import isolation, wrong_account
from tools.rehearsal.children import Children
from tools.rehearsal.environment import Environment
from tools.rehearsal.inventory import inventory, shared, summary
from tools.rehearsal.report import Report


def check(environments: Sequence[Environment], children: Children, report: Report) -> None:
    """Lists, calls into the others, and the wrong account's credentials; into the report."""
    lists = {one.name: inventory(one.account.client) for one in environments}
    for one in environments:
        problems = isolation.lists_only_its_own(one.target, lists[one.name])
        for name, shown in lists.items():
            problems += shared(one.name, lists[one.name], name, shown) if name != one.name else []
        own = {kind: lists[one.name][kind] for kind in one.target.holds}
        report.show("lists show only its own", one.name, summary(own), problems)
    for one in environments:
        tried, problems = 0, []
        for other in environments:
            if other is not one:
                calls, found = isolation.is_refused(one.name, one.account.client, other.target)
                tried, problems = tried + calls, problems + found
        report.show("calls into the others refused", one.name, f"{tried} of {tried}", problems)
    for one, intruder in zip(environments, [*environments[1:], environments[0]], strict=True):
        problems = wrong_account.is_refused(one.stack, intruder.account, children)
        report.show("credentials of another account refused", one.name, f"{intruder.name}'s", problems)
