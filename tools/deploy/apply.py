"""`make apply`: an environment's Terraform applied to AWS with the real provider."""

from __future__ import annotations

from tools.common.errors import CommandError
from tools.deploy.plan import run_on_aws
from tools.environment.names import folder_of
from tools.environment.reach import why_offline


def run(environment: str) -> int:
    """Apply an environment to AWS and return Terraform's exit code.

    Raises CommandError without credentials.
    """
    folder = folder_of(environment)
    if environment == "local":
        raise CommandError("environments/local lives on this machine: `make up` applies it")
    if folder.name == "account":
        raise CommandError(
            f"an account is made by `make account ENV={folder.parent.name}`, "
            "which also knows where its first state goes"
        )
    reason = why_offline(environment)
    if reason:
        raise CommandError(
            f"cannot apply {environment} to AWS {reason}. Sign in (`aws sso login`, or AWS_PROFILE=…) and try again"
        )
    return run_on_aws("apply", environment)
