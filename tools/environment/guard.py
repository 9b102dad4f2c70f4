"""Whose account the credentials are of.

Asked before Terraform starts: it would refuse the wrong one too, but name only one of the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment.names import IDENTITY, account_of, check_backend

SECONDS = 10.0  # to connect, and to answer


def refuse_wrong_account(environment: str, root: Path = ROOT) -> str:
    """The ARN that the credentials are of, if that is the account of the environment.

    `environment`: "prod", or "prod/account". Raises CommandError, naming both accounts, where they
    are not the same; where AWS does not take the credentials; and where the environment's backend
    is another account's.
    """
    check_backend(environment, root)
    wanted = account_of(environment, root)
    found, arn = _whoami(wanted)
    if found == wanted:
        return arn
    own = [name for name in _deployed(root) if account_of(name, root) == found]
    if own:
        advice = f", or name the environment of {found}: ENV={own[0]}"
    else:
        advice = ". A new account of yours? docs/how-to/deploy.md says where its number goes"
    raise CommandError(
        f"these credentials are of account {found} ({arn}), "
        f"but environments/{environment} belongs to account {wanted}. "
        f"Nothing was read or changed. Sign in to {wanted} (`aws sso login`, or AWS_PROFILE=…){advice}"
    )


def _deployed(root: Path) -> list[str]:
    return sorted(
        path.parent.name for path in (root / "environments").glob(f"*/{IDENTITY}") if path.parent.name != "local"
    )


def _whoami(wanted: str) -> tuple[str, str]:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    once = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    # not the default one: that keeps the credentials it began with
    make: Any = boto3.session.Session().client
    try:
        answer = make("sts", region_name="us-east-1", config=once).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"AWS does not say whose these credentials are: {error}. Sign in to account {wanted} and try again"
        ) from error
    return str(answer["Account"]), str(answer["Arn"])
