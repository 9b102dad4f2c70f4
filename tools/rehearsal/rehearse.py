"""`make rehearse`: the three environments side by side on one emulator, from nothing to nothing.

Each in its own account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

from rich.console import Console

from tools.common.console import step_printer
from tools.common.errors import CommandError
from tools.environment import terraform, zips
from tools.local_cloud import emulator, issuer, stack
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.runs import Run
from tools.rehearsal import isolation_acts
from tools.rehearsal.account import accounts
from tools.rehearsal.children import Children
from tools.rehearsal.environment import ActsOf, Environment
from tools.rehearsal.report import Report

Say = Callable[[str], None]


def run(acts_of: Mapping[str, ActsOf]) -> int:
    """Run it all in build/rehearse, with the acts of each pipeline.

    0 only when everything came out as it must.
    """
    console, local_run, report = Console(), Run.named("rehearse"), Report()
    with exclusive_run(local_run):
        say = step_printer(console)
        try:
            _all(local_run, acts_of, report, say)
        except CommandError as error:
            report.problems.append(str(error))
        say("stopping the local cloud")
    report.write(local_run.folder / "report.json")
    report.print(console)
    console.print(f"as JSON: {local_run.folder / 'report.json'}", soft_wrap=True, highlight=False)
    report.print_balance(console)
    return 1 if report.problems else 0


def _all(local_run: Run, acts_of: Mapping[str, ActsOf], report: Report, say: Say) -> None:
    """Every act, in order. Raises CommandError when it cannot go on."""
    children = Children()

    def stop() -> None:
        children.end()
        emulator.stop(local_run)

    def each(work: Callable[[Environment], None], meanwhile: Callable[[], None] = lambda: None) -> None:
        side_by_side(environments, work, meanwhile, stop)

    terraform.executable()  # once, before threads ask for it
    say("packages for this machine")
    packages = zips.package("local")
    say("emulator")
    state = emulator.start(local_run)
    made = accounts(local_run, state["endpoint"], state["token"], issuer.start(local_run))
    report.accounts = {account.environment: account.number for account in made}
    beside = stack.merged(acts.beside(local_run) for acts in acts_of.values())
    environments = [
        Environment(account, number, packages, children, report, acts_of, beside)
        for number, account in enumerate(made, 1)
    ]
    say("`make account` for dev, staging and prod, side by side")
    each(Environment.make_account)
    say("terraform apply of dev, staging and prod, side by side, each with its state in its account's bucket")
    each(Environment.apply)
    sent = "; ".join(acts.sends for acts in environments[0].acts.values())
    say(f"{sent}: second plans, smoke tests, and everybody at everybody's doors")
    for environment in environments:
        for acts in environment.acts.values():
            acts.send()
    each(
        lambda environment: environment.settle(environments),
        lambda: isolation_acts.check(environments, children, report),
    )
    say("protection of the data holds; lift it where there is one, and destroy the environments")
    each(Environment.destroy)
    say("give the accounts up")
    each(Environment.leave)


def side_by_side(
    environments: list[Environment],
    work: Callable[[Environment], None],
    meanwhile: Callable[[], None],
    stop: Callable[[], None],
) -> None:
    """Do work for all environments at once, and something else meanwhile.

    However it ends, all have ended.

    An interrupt, or an error of what is done meanwhile, stops what they wait for. Raises
    CommandError with what each of them raised.
    """
    with ThreadPoolExecutor(len(environments)) as pool:
        futures = [pool.submit(work, environment) for environment in environments]
        try:
            meanwhile()
            wait(futures)
        except BaseException:
            stop()
            raise
    problems: list[str] = []
    for error in (future.exception() for future in futures):
        if isinstance(error, CommandError):
            problems.append(str(error))
        elif error:
            raise error
    if problems:
        raise CommandError("\n".join(problems))
