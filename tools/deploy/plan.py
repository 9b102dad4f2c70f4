"""`make plan`: an environment planned on AWS with the real provider, or offline with ours."""

from __future__ import annotations

from pathlib import Path

from tools.common.paths import BUILD
from tools.environment import guard, terraform, zips
from tools.environment.names import folder_of
from tools.environment.reach import why_offline
from tools.environment.staging import staged
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run


def run(environment: str, *, offline: bool | None) -> int:
    """Plan an environment and return Terraform's exit code.

    `offline` None: decide by credentials and registry, and say which.
    """
    folder = folder_of(environment)
    reason = why_offline(environment) if offline is None else "because OFFLINE=1 says so" if offline else ""
    if not reason:
        print(f"planning {environment} with the real provider, your AWS credentials and its S3 state", flush=True)
        return run_on_aws("plan", environment)
    is_up = environment == "local" and emulator.alive(Run.named("local"))
    state = "the state of `make up`" if is_up else "an empty state"
    print(f"planning {environment} through the attached offline provider, {reason}, from {state}", flush=True)
    return _plan_offline(folder, Run.named(environment))


def run_on_aws(command: str, environment: str) -> int:
    """Run Terraform's "plan" or "apply" with the real provider, and return its exit code.

    Raises CommandError where the credentials are of another account.
    """
    folder = folder_of(environment)
    guard.refuse_wrong_account(environment)
    variables = _variables(folder)
    terraform.run(["init", "-input=false"], folder, capture=False)
    return terraform.run([command, *variables], folder, capture=False, check=False, timeout=None).returncode


def _plan_offline(folder: Path, run: Run) -> int:
    from tools.offline_provider import serve

    local = folder.name == "local"
    variables = _variables(folder)
    endpoint = run.state()["endpoint"] if local and emulator.alive(run) else None
    work = run if endpoint or not local else Run(BUILD / "plan-local")
    copy = staged(folder, work.folder)
    with serve(endpoint, emulator.ROOT_KEYS) as reattach:
        extra = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
        terraform.run(["init", "-input=false"], copy, reattach, extra=extra)
        done = terraform.run(
            ["plan", "-input=false", *variables], copy, reattach, extra=extra, capture=False, check=False
        )
    return done.returncode


def _variables(folder: Path) -> list[str]:
    """The option that names the zips of an environment; an account has none."""
    if folder.name == "account":
        return []
    return [f"-var-file={zips.package('local' if folder.name == 'local' else 'lambda')}"]
