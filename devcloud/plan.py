"""`make plan` and `make apply` of an environment: on AWS with the real provider, or offline with the attached one."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from devcloud import emulator, guard, stack, terraform
from devcloud.runs import BUILD, ROOT, LocalCloudError, Run
from devcloud.staging import staged

PROBE = 'terraform { required_providers { aws = { source = "hashicorp/aws", version = "0.0.0" } } }\n'
PROBE_SECONDS = 20
NO_SUCH_VERSION = re.compile(r"no available releases match|doesn't match any|no versions matching", re.IGNORECASE)


def plan(environment: str, *, offline: bool | None) -> int:
    """Plan an environment and return Terraform's exit code. `offline` None: decide by credentials and registry, and say which."""
    folder = folder_of(environment)
    reason = why_offline(environment) if offline is None else "because OFFLINE=1 says so" if offline else ""
    if not reason:
        print(f"planning {environment} with the real provider, your AWS credentials and its S3 state", flush=True)
        return _real(environment, folder, ["plan"])
    state = "the state of `make up`" if environment == "local" and emulator.alive(Run.named("local")) else "an empty state"
    print(f"planning {environment} through the attached offline provider, {reason}, from {state}", flush=True)
    return _attached(folder, Run.named(environment))


def apply(environment: str) -> int:
    """Apply an environment to AWS and return Terraform's exit code. Raises LocalCloudError without credentials."""
    folder = folder_of(environment)
    if environment == "local":
        raise LocalCloudError("environments/local lives on this machine: `make up` applies it")
    if folder.name == "account":
        raise LocalCloudError(f"an account is made by `make account ENV={folder.parent.name}`, which also knows where its first state goes")
    reason = why_offline(environment)
    if reason:
        raise LocalCloudError(f"cannot apply {environment} to AWS {reason}. Sign in (`aws sso login`, or AWS_PROFILE=…) and try again")
    return _real(environment, folder, ["apply"])


def _real(environment: str, folder: Path, command: list[str]) -> int:
    guard.refuse_wrong_account(environment)
    variables = _variables(folder)
    terraform.run(["init", "-input=false"], folder, capture=False)
    return terraform.run([*command, *variables], folder, capture=False, check=False, timeout=None).returncode


def _attached(folder: Path, run: Run) -> int:
    from devcloud.provider import serve

    local = folder.name == "local"
    variables = _variables(folder)
    endpoint = run.state()["endpoint"] if local and emulator.alive(run) else None
    work = run if endpoint or not local else Run(BUILD / "plan-local")
    copy = staged(folder, work.folder)
    with serve(endpoint) as reattach:
        extra = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
        terraform.run(["init", "-input=false"], copy, reattach, extra=extra)
        done = terraform.run(["plan", "-input=false", *variables], copy, reattach, extra=extra, capture=False, check=False)
    return done.returncode


def _variables(folder: Path) -> list[str]:
    """What Terraform is given besides: the zips of an environment; an account has none."""
    if folder.name == "account":
        return []
    return [f"-var-file={stack.package('local' if folder.name == 'local' else 'lambda')}"]


def folder_of(environment: str, root: Path = ROOT) -> Path:
    """An environment's folder. Raises LocalCloudError, naming those there are, where there is none of that name."""
    folder = root / "environments" / environment
    if not environment or not any(folder.glob("*.tf")):
        known = "|".join(sorted(path.name for path in (root / "environments").iterdir() if path.is_dir()))
        raise LocalCloudError(f"ENV says which environment: ENV={known}")
    return folder


def local_cloud() -> str | None:
    """The emulator's address, where AWS_ENDPOINT_URL says that it stands for AWS."""
    from devcloud.provider.connection import is_loopback

    url = os.environ.get("AWS_ENDPOINT_URL", "")
    return url if url and is_loopback(url) else None


def why_offline(environment: str) -> str:
    """Why this cannot go to AWS, or nothing when it can."""
    if environment == "local":
        return "because environments/local lives on this machine"
    if not _credentials():
        return "because there are no AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID …)"
    if not _registry():
        return "because Terraform reaches no provider registry"
    return ""


def _credentials() -> bool:
    import botocore.exceptions
    import botocore.session

    try:
        return botocore.session.Session().get_credentials() is not None
    except botocore.exceptions.BotoCoreError as error:
        raise LocalCloudError(f"the AWS credentials cannot be used: {error}") from error


def _registry() -> bool:
    """Whether Terraform gets an answer about the AWS provider: asked for a version that does not exist, so nothing is fetched."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "main.tf").write_text(PROBE)
        patience = {"TF_REGISTRY_CLIENT_TIMEOUT": "5", "TF_REGISTRY_DISCOVERY_RETRY": "0"}
        try:
            said = terraform.run(["init", "-input=false"], Path(name), extra=patience, check=False, timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            return False
    return bool(NO_SUCH_VERSION.search(terraform.unframed(said.stdout + said.stderr)))
