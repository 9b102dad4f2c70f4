"""What `make status` shows of a harvest: its pacer, and a line a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harvest.accounts import Account, Accounts
from shared import clock
from tools.operations.deployment import Deployment
from tools.operations.harvest import asking, runs, shown


class Pacer(NamedTuple):
    """The pacer of the vendor's account: its row, and seconds of silence; None: never heard of."""

    account: Account
    silent: float | None

    @property
    def waits(self) -> bool:
        """Whether nobody need be heard of: no run, nothing to give, or the vendor is closed."""
        now_ms = clock.now_us() // 1000
        return not self.account.runs or max(self.account.asleep, self.account.until) > now_ms


def pacer(deployment: Deployment) -> Pacer:
    """How the pacer is now."""
    name = deployment.outputs["settings"]["vendor"]["account"]
    account = Accounts(deployment.client("dynamodb"), deployment.outputs["tables"]["accounts"]).get(name)
    silent = clock.now_us() / 1e6 - account.beat / 1000 if account.beat else None
    return Pacer(account, silent)


def lines(deployment: Deployment) -> Iterator[str]:
    """A line for the pacer, one for what is permitted, and one a run."""
    now, bound = pacer(deployment), deployment.outputs["bound"]
    beat = "never heard of" if now.silent is None else f"last heard of {now.silent:.0f} s ago"
    waits = ", waits" if now.account.runs and now.waits else ""
    yield (
        f"pacer of account {now.account.account}: turn {now.account.turn}, {beat}{waits}; "
        f"{len(now.account.runs)} runs under way, {now.account.throttles} refusals by the vendor in all"
    )
    yield (
        f"permitted: {bound['permitted']:.2f} calls a second ({bound['limit']}), of which "
        f"{100 * bound['share']:.1f} % can be reached without a refusal (a spread of {bound['spread_ms']:g} ms)"
    )
    for run_id in runs.known(deployment):
        yield shown.line(asking.run(deployment, run_id))
