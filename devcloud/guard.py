"""Whose account the credentials are of. Asked before Terraform starts: it would refuse the wrong one too, but name only one of the two."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from devcloud.runs import ROOT, LocalCloudError

SECONDS = 10.0  # to connect, and to answer
_ACCOUNT = re.compile(r'^ +account_id += "(\d{12})"', re.MULTILINE)


def refuse_wrong_account(environment: str, root: Path = ROOT) -> str:
    """The ARN that the credentials are of, if they are of the environment's account ("prod", "prod/account").

    Raises LocalCloudError, naming both accounts, where they are not, and where AWS does not take them.
    """
    wanted = account_of(environment, root)
    found, arn = _whoami(wanted)
    if found == wanted:
        return arn
    own = [name for name in _deployed(root) if account_of(name, root) == found]
    raise LocalCloudError(
        f"these credentials are of account {found} ({arn}), but environments/{environment} belongs to account {wanted}. Nothing was read "
        f"or changed. Sign in to {wanted} (`aws sso login`, or AWS_PROFILE=…)"
        + (
            f", or name the environment of {found}: ENV={own[0]}"
            if own
            else ". A new account of yours? docs/deploy.md says where its number goes"
        )
    )


def account_of(environment: str, root: Path = ROOT) -> str:
    """The account that an environment's own files name. Raises LocalCloudError where they name none, or two."""
    folder = root / "environments" / environment
    found: set[str] = {number for path in sorted(folder.glob("*.tf")) for number in _ACCOUNT.findall(path.read_text())}
    if len(found) != 1:
        raise LocalCloudError(f'{folder} must have one line account_id = "…" with 12 digits; it has {len(found)}')
    return found.pop()


def _deployed(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "environments").glob("*/sizing.tf") if path.parent.name != "local")


def _whoami(wanted: str) -> tuple[str, str]:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    once = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    make: Any = boto3.session.Session().client  # not the default one: that keeps the credentials it began with
    try:
        answer = make("sts", region_name="us-east-1", config=once).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise LocalCloudError(
            f"AWS does not say whose these credentials are: {error}. Sign in to account {wanted} and try again"
        ) from error
    return str(answer["Account"]), str(answer["Arn"])
