"""One environment's way through the rehearsal, act by act; what each act showed goes into the report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from rich.console import Console

from operations import smoke
from operations.place import Place
from rehearsal import ballots, inventory, protection
from rehearsal.account import Account
from rehearsal.administrator import Administrator
from rehearsal.children import Children
from rehearsal.deploy import Deployment
from rehearsal.isolation import Target
from rehearsal.report import Report

LATENCY_SECONDS = 40


class Environment:
    """An environment in its account, its administrator and its deployment."""

    def __init__(self, account: Account, number: int, packages: Path, children: Children, report: Report) -> None:
        self.account, self.name = account, account.environment
        self.deployment = Deployment(account, packages, children)
        self._number, self._report = number, report
        self._administrator = Administrator(account, children)

    @cached_property
    def votes(self) -> ballots.Votes:
        """What is sent to its API."""
        return ballots.Votes(self._place, self._number)

    @cached_property
    def _place(self) -> Place:
        """The deployment. Nothing here has to wait until a message comes back, for which a smoke test on AWS would have patience."""
        place = self.account.place
        place.outputs["settings"]["latency_seconds"] = LATENCY_SECONDS
        return place

    @cached_property
    def target(self) -> Target:
        """What an intruder can know of it."""
        return Target(self.name, self.account.number, self.account.outputs, self._administrator.outputs, self.account.state_key)

    def make_account(self) -> None:
        """What the account needs, as its administrator makes it."""
        with self._report.phase("make account", self.name):
            self._administrator.make()
        with self._report.phase("its second plan", self.name):
            problems = self._administrator.second_plan()
        self._report.show("account made; second plan empty", self.name, "yes", problems)
        self._administrator.bear_with_the_emulator()

    def apply(self) -> None:
        """Terraform from nothing."""
        with self._report.phase("init and apply", self.name):
            self.deployment.apply()

    def vote(self) -> None:
        """Ballots, good and bad."""
        self._report.show("ballots taken, bad ones refused with the reason", self.name, "yes", ballots.post(self.votes))

    def counted(self, all_of_them: Sequence[Environment]) -> None:
        """While ballots are counted, plan again and smoke; then read back what was counted, and nothing of the others."""
        with self._report.phase("second plan", self.name):
            problems = self.deployment.second_plan()
        self._report.show("second plan empty", self.name, "yes", problems)
        with self._report.phase("smoke test", self.name):
            heard = io.StringIO()
            failed = smoke.run(self._place, Console(file=heard, width=200))
        problems = [f"the smoke test of {self.name} failed:\n{heard.getvalue()}"] if failed else []
        self._report.show("smoke test (`make smoke`)", self.name, "passed", problems)
        with self._report.phase("read back after it", self.name):
            problems = ballots.read_back(self.votes)
        self._report.show("votes read back, no more and no less", self.name, f"{self._number} + 1", problems)
        problems = ballots.strangers(self.votes, [other.votes for other in all_of_them if other is not self])
        self._report.show("titles of others unknown", self.name, "yes", problems)

    def destroy(self) -> None:
        """Try what is protected, lift the protection, destroy everything: only what `make account` made is left."""
        tables = self.account.outputs["tables"].values()
        if self.deployment.protected:
            problems = protection.tables_refuse_deletion(self.name, self.account.client, tables)
            self._report.show("tables refuse deletion until it is lifted", self.name, f"{len(tables)} tables", problems)
            with self._report.phase("lift the protection", self.name):
                self.deployment.unprotect()
        else:
            self._report.show("tables refuse deletion until it is lifted", self.name, "not protected")
        with self._report.phase("destroy", self.name):
            self.deployment.destroy()

    def leave(self) -> None:
        """Give the account up: nothing is left in it."""
        with self._report.phase("give the account up", self.name):
            self._administrator.leave()
        problems = inventory.left(self.name, inventory.inventory(self.account.client))
        self._report.show("left at the end", self.name, "nothing", problems)
