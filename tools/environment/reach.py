"""What Terraform can reach from here: AWS and the registry, the local cloud, or neither."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_VARIABLE, is_loopback, proves
from tools.environment import official, terraform

# for a version that does not exist, so that nothing is fetched
PROBE = 'terraform { required_providers { aws = { source = "hashicorp/aws", version = "0.0.0" } } }\n'
PROBE_SECONDS = 20
NO_SUCH_VERSION = re.compile(r"no available releases match|doesn't match any|no versions matching", re.IGNORECASE)


def local_cloud() -> str | None:
    """The emulator's address, where AWS_ENDPOINT_URL says that it stands for AWS.

    An address is no identity: what answers there must show that it is the local cloud whose token
    is in SLUICE_TOKEN. Raises CommandError where it does not.
    """
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not url or not is_loopback(url):
        return None
    if not _is_ours(url, os.environ.get(TOKEN_VARIABLE, "")):
        raise CommandError(
            f"AWS_ENDPOINT_URL is {url}, which is no local cloud of this project: unset it to reach AWS "
            "(`make up` and `make rehearse` say where theirs is by themselves)"
        )
    return url


@cache
def _is_ours(url: str, token: str) -> bool:
    return bool(token) and proves(url, token)


def why_offline(environment: str) -> str:
    """Why this cannot go to AWS, or nothing when it can."""
    if environment == "local":
        return "because environments/local lives on this machine"
    if not _credentials():
        return "because there are no AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID …)"
    reason = official.why_not()
    if reason:
        return f"because {reason}"
    if not _registry():
        return "because Terraform reaches no provider registry"
    return ""


def _credentials() -> bool:
    import botocore.exceptions
    import botocore.session

    try:
        return botocore.session.Session().get_credentials() is not None
    except botocore.exceptions.BotoCoreError as error:
        raise CommandError(f"the AWS credentials cannot be used: {error}") from error


def _registry() -> bool:
    """Whether Terraform gets an answer about the AWS provider."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "main.tf").write_text(PROBE)
        timeouts = {"TF_REGISTRY_CLIENT_TIMEOUT": "5", "TF_REGISTRY_DISCOVERY_RETRY": "0"}
        try:
            done = terraform.run(
                ["init", "-input=false"], Path(name), extra=timeouts, check=False, timeout=PROBE_SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
    return bool(NO_SUCH_VERSION.search(terraform.unframed(done.stdout + done.stderr)))
