"""`make rehearse`: the three environments side by side on one emulator, each in its own account, from nothing to nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from rich.console import Console

from devcloud import emulator, stack, terraform
from devcloud.alone import alone, teller
from devcloud.runs import LocalCloudError, Run
from rehearsal.account import accounts
from rehearsal.apart import apart
from rehearsal.children import Children
from rehearsal.environment import Environment
from rehearsal.report import Report

Say = Callable[[str], None]


def rehearse() -> int:
    """Run it all in build/rehearse and return the exit code: 0 only when everything came out as it must."""
    console, run, report = Console(), Run.named("rehearse"), Report()
    with alone(run):
        say = teller(console)
        try:
            _all(run, report, say)
        except LocalCloudError as error:
            report.problems.append(str(error))
        say("stopping the local cloud")
    report.write(run.folder / "report.json")
    report.print(console)
    console.print(f"as JSON: {run.folder / 'report.json'}", soft_wrap=True, highlight=False)
    return 1 if report.problems else 0


def _all(run: Run, report: Report, say: Say) -> None:
    """Every act, in order. Raises LocalCloudError when it cannot go on."""
    children = Children()

    def stop() -> None:
        children.end()
        emulator.stop(run)

    def each(work: Callable[[Environment], None], meanwhile: Callable[[], None] = lambda: None) -> None:
        side_by_side(environments, work, meanwhile, stop)

    terraform.executable()  # once, before threads ask for it
    say("packages for this machine")
    packages = stack.package("local")
    say("emulator")
    made = accounts(run, emulator.start(run)["endpoint"])
    report.accounts = {account.environment: account.number for account in made}
    environments = [Environment(account, number, packages, children, report) for number, account in enumerate(made, 1)]
    say("`make account` for dev, staging and prod, side by side")
    each(Environment.make_account)
    say("terraform apply of dev, staging and prod, side by side, each with its state in its account's bucket")
    each(Environment.apply)
    say("ballots over HTTP; while they are counted: second plans, smoke tests, and everybody at everybody's doors")
    for environment in environments:
        environment.vote()
    each(lambda environment: environment.counted(environments), lambda: apart(environments, children, report))
    say("protection of the data holds; lift it where there is one, and destroy the environments")
    each(Environment.destroy)
    say("give the accounts up")
    each(Environment.leave)


def side_by_side(
    environments: list[Environment], work: Callable[[Environment], None], meanwhile: Callable[[], None], stop: Callable[[], None]
) -> None:
    """Do work for all environments at once, and something else meanwhile; however it ends, all have ended.

    An interrupt, or an error of what is done meanwhile, stops what they wait for. Raises LocalCloudError with what each of them raised.
    """
    with ThreadPoolExecutor(len(environments)) as pool:
        futures = [pool.submit(work, environment) for environment in environments]
        try:
            meanwhile()
            wait(futures)
        except BaseException:
            stop()
            raise
    errors = [error for future in futures if (error := future.exception())]
    for error in errors:
        if not isinstance(error, LocalCloudError):
            raise error
    if errors:
        raise LocalCloudError("\n".join(str(error) for error in errors))
