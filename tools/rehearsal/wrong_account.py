"""Credentials of the wrong account are refused before anything is read or changed.

By our own guard, by the state and by the provider.
"""

from __future__ import annotations

from subprocess import CompletedProcess

from tools.environment.staging import staged
from tools.rehearsal.account import Account
from tools.rehearsal.administrator import make_account
from tools.rehearsal.children import Children
from tools.rehearsal.deploy import EnvironmentStack, Root
from tools.rehearsal.inventory import differences, inventory


def is_refused(stack: EnvironmentStack, intruder: Account, children: Children) -> list[str]:
    """Apply an environment with another account's credentials, in every way; problems.

    `make account` asks the guard that `make plan` and `make apply` ask, which need AWS after it.
    The state's guard names only the account that it is in; the two others name both.
    """
    owner = stack.account
    both = [intruder.number, owner.number]
    before = [inventory(account.client) for account in (owner, intruder)]
    problems = refusal_problems(
        f"`make account ENV={owner.environment}`", make_account(owner, intruder, children), both
    )
    apply = ["apply", "-input=false", "-auto-approve", stack.values]
    problems += refusal_problems(f"the state of {owner.environment}", stack.root.tried(apply, by=intruder), both[:1])
    stateless = Root(staged(owner.source, owner.run.folder / "no-state"), owner, children)
    stateless.init(by=intruder)
    problems += refusal_problems(f"the provider of {owner.environment}", stateless.tried(apply, by=intruder), both)
    for account, was in zip((owner, intruder), before, strict=True):
        changed = differences(was, inventory(account.client))
        problems += [
            f"credentials of {intruder.environment} on {owner.environment} changed {account.environment}: {one}"
            for one in changed
        ]
    return problems


def refusal_problems(who: str, done: CompletedProcess[str], numbers: list[str]) -> list[str]:
    """Problems of a refusal: it must be one, and name these accounts."""
    if done.returncode == 0:
        return [f"{who} took credentials of another account ({numbers[0]})"]
    missing = [number for number in numbers if number not in done.stderr]
    text = " ".join((done.stdout + done.stderr).split())[:400]
    return [f"{who} refused the wrong account without naming {' and '.join(missing)}: {text}"] if missing else []
