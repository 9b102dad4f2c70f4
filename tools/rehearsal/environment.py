"""One environment's way through the rehearsal, act by act; the report has what each showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.rehearsal import inventory, protection
from tools.rehearsal.account import Account
from tools.rehearsal.administrator import Administrator
from tools.rehearsal.children import Children
from tools.rehearsal.deploy import EnvironmentStack
from tools.rehearsal.isolation import Target
from tools.rehearsal.report import Report


class PipelineActs(Protocol):
    """What the rehearsal shows of a pipeline that an environment deploys.

    `sends`: what it sends and what happens then, in words.
    """

    sends: str

    def send(self) -> None:
        """Send what comes in, good and bad."""

    def smoke(self) -> None:
        """Run its smoke test."""

    def read_back(self, others: Sequence[Any]) -> None:
        """Read what came of what was sent, and nothing of the other environments' (same acts)."""


Sign = Callable[[str], str]  # a subject's token


class ActsOf(Protocol):
    """A pipeline's class of acts."""

    def __call__(self, deployment: Deployment, number: int, report: Report, sign: Sign | None, /) -> PipelineActs: ...

    def beside(self, run: Run, /) -> Mapping[str, Any]:
        """Start what the pipeline needs beside the emulator of the rehearsal: what an environment
        has otherwise then, as `staged` takes it.
        """


class Environment:
    """An environment in its account, its administrator and its deployment.

    `acts_of` has, by pipeline, what makes its acts for the environment's deployment, its place in
    line, and who signs tokens where its APIs ask for one. `stand_ins`: what the environment has
    otherwise because of what stands beside the emulator.
    """

    def __init__(
        self,
        account: Account,
        number: int,
        packages: Path,
        children: Children,
        report: Report,
        acts_of: Mapping[str, ActsOf],
        stand_ins: Mapping[str, Any] | None = None,
    ) -> None:
        self.account, self.name = account, account.environment
        self.stack = EnvironmentStack(account, packages, children, stand_ins)
        self._number, self._report, self._acts_of = number, report, acts_of
        self._administrator = Administrator(account, children)

    @cached_property
    def acts(self) -> dict[str, PipelineActs]:
        """The acts of each pipeline, once they are applied."""
        issuer = self.account.issuer
        return {
            name: of(
                self.account.deployment(name),
                self._number,
                self._report,
                partial(issuer.sign, name) if issuer else None,
            )
            for name, of in self._acts_of.items()
        }

    @cached_property
    def target(self) -> Target:
        """What an intruder can know of it."""
        return Target(
            self.name, self.account.number, self.account.outputs, self._administrator.outputs, self.account.state_key
        )

    def make_account(self) -> None:
        """What the account needs, as its administrator makes it."""
        with self._report.phase("make account", self.name):
            self._administrator.make()
        with self._report.phase("its second plan", self.name):
            problems = self._administrator.second_plan()
        self._report.show("account made; second plan empty", self.name, "yes", problems)
        self._administrator.grant_emulator_actions()

    def apply(self) -> None:
        """Terraform from nothing."""
        with self._report.phase("init and apply", self.name):
            self.stack.apply()

    def settle(self, environments: Sequence[Environment]) -> None:
        """While what was sent is worked on, plan again and smoke; then read back."""
        with self._report.phase("second plan", self.name):
            problems = self.stack.second_plan()
        self._report.show("second plan empty", self.name, "yes", problems)
        for acts in self.acts.values():
            acts.smoke()
        for name, acts in self.acts.items():
            acts.read_back([other.acts[name] for other in environments if other is not self])

    def destroy(self) -> None:
        """Try what is protected, lift the protection, destroy all that was applied."""
        protected = self.stack.protected
        if protected:
            tables = [table for name in protected for table in self.account.deployment(name).outputs["tables"].values()]
            problems = protection.tables_refuse_deletion(self.name, self.account.client, tables)
            self._report.show("tables refuse deletion until it is lifted", self.name, f"{len(tables)} tables", problems)
            with self._report.phase("lift the protection", self.name):
                self.stack.unprotect()
        else:
            self._report.show("tables refuse deletion until it is lifted", self.name, "not protected")
        with self._report.phase("destroy", self.name):
            self.stack.destroy()

    def leave(self) -> None:
        """Give the account up: nothing is left in it."""
        with self._report.phase("give the account up", self.name):
            self._administrator.leave()
        problems = inventory.left(self.name, inventory.inventory(self.account.client))
        self._report.show("left at the end", self.name, "nothing", problems)
