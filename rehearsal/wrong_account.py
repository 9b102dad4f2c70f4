"""Credentials of the wrong account: refused before anything is read or changed, by our own guard, by the state and by the provider."""

from __future__ import annotations

from subprocess import CompletedProcess

from devcloud.staging import staged
from rehearsal.account import Account
from rehearsal.administrator import make_account
from rehearsal.children import Children
from rehearsal.deploy import Deployment, Root
from rehearsal.inventory import differences, inventory


def is_refused(deployment: Deployment, intruder: Account, children: Children) -> list[str]:
    """Apply an environment with another account's credentials, by every way that there is; problems.

    `make account` asks the guard that `make plan` and `make apply` ask, which need AWS after it. The state's guard names only the
    account that it is in; the two others name both.
    """
    owner = deployment.account
    both = [intruder.number, owner.number]
    before = [inventory(account.client) for account in (owner, intruder)]
    problems = said(f"`make account ENV={owner.environment}`", make_account(owner, intruder, children), both)
    apply = ["apply", "-input=false", "-auto-approve", deployment.values]
    problems += said(f"the state of {owner.environment}", deployment.root.tried(apply, by=intruder), both[:1])
    stateless = Root(staged(owner.source, owner.run.folder / "no-state"), owner, children)
    stateless.init(by=intruder)
    problems += said(f"the provider of {owner.environment}", stateless.tried(apply, by=intruder), both)
    for account, was in zip((owner, intruder), before, strict=True):
        changed = differences(was, inventory(account.client))
        problems += [
            f"credentials of {intruder.environment} on {owner.environment} changed {account.environment}: {one}" for one in changed
        ]
    return problems


def said(who: str, done: CompletedProcess[str], numbers: list[str]) -> list[str]:
    """Problems of a refusal: it must be one, and name these accounts."""
    if done.returncode == 0:
        return [f"{who} took credentials of another account ({numbers[0]})"]
    missing = [number for number in numbers if number not in done.stderr]
    text = " ".join((done.stdout + done.stderr).split())[:400]
    return [f"{who} refused the wrong account without naming {' and '.join(missing)}: {text}"] if missing else []
