"""One provider configuration: where its calls go, as whom, and the account guard."""

import ipaddress
import os
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from devcloud.provider.values import UNKNOWN, Value

DEFAULT_ACCOUNT = "000000000000"
_clients: dict[tuple[Any, ...], Any] = {}
_making_clients = threading.Lock()


class RefusedError(Exception):
    """A configuration or a call that the stand-in will not serve; `path` is where in the block it was set, if known."""

    def __init__(self, summary: str, detail: str = "", *path: str | int) -> None:
        super().__init__(summary, detail)
        self.summary, self.detail, self.path = summary, detail, path


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine: localhost or a loopback address, by name or number alone (nothing is looked up)."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(url: str, source: str, *path: str | int) -> str:
    """The URL itself. Raises RefusedError, naming `source`, for any other host."""
    if is_loopback(url):
        return url
    raise RefusedError(
        f"{source} is {url!r}, which is not on this machine",
        "The offline provider talks to loopback addresses only (127.0.0.1, ::1, localhost). Remove the setting, or run Terraform with "
        "the real AWS provider (unset TF_REATTACH_PROVIDERS).",
        *path,
    )


@dataclass
class Connection:
    """What one `provider "aws"` block came to. `endpoint` None: nothing can be called, only planned."""

    region: str
    account: str
    endpoint: str | None
    endpoints: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    default_tags: dict[str, Any] = field(default_factory=dict)
    partition: str = "aws"

    def client(self, service: str) -> Any:
        """A boto3 client that talks to the emulator. Raises RefusedError when there is none."""
        url = self.endpoints.get(service) or self.endpoint
        if not url:
            raise RefusedError(
                f"There is no emulator to call {service} of",
                "This provider was started without one, so it can validate and plan, but not read or apply. Start it with --emulator URL.",
            )
        return _client(service, url, self.region, tuple(self.credentials.items()))

    def arn(self, service: str, resource: str, *, everywhere: bool = False) -> str:
        """An ARN in this account; `everywhere` leaves the region out, as IAM's do."""
        return f"arn:{self.partition}:{service}:{'' if everywhere else self.region}:{self.account}:{resource}"


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


def _client(service: str, url: str, region: str, credentials: tuple[tuple[str, str], ...]) -> Any:
    """Clients outlive connections, of which every Terraform run makes new ones: to make a client takes longer than most calls."""
    key = (service, url, region, credentials)
    with _making_clients:
        if key not in _clients:
            retries: Any = {"max_attempts": 3, "mode": "standard"}
            config = Config(
                connect_timeout=5, read_timeout=60, retries=retries, proxies={}, s3={"addressing_style": "path"}, max_pool_connections=16
            )
            make: Any = _session().client
            _clients[key] = make(service, endpoint_url=url, region_name=region, config=config, **dict(credentials))
    return _clients[key]


def configure(config: Value, endpoint: str | None, otherwise: dict[str, str] | None = None) -> Connection:
    """Turn a provider block into a connection; `otherwise`: the credentials of a block without keys.

    Raises RefusedError: no region, an endpoint elsewhere, or an account that is not allowed.
    """
    config = {name: None if value is UNKNOWN else value for name, value in config.items()}
    region = config.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise RefusedError("The provider has no region", 'Set `region` in the provider "aws" block, or AWS_REGION.', "region")
    credentials = _credentials(config, endpoint, otherwise)
    tags = next((block.get("tags") for block in config.get("default_tags") or [] if block), None)
    connection = Connection(region, "", endpoint, _endpoints(config), credentials, {} if tags in (None, UNKNOWN) else dict(tags))
    connection.account = _account(config, connection)
    _guard(config, connection.account)
    return connection


def check_endpoints(config: Value) -> None:
    """Raise RefusedError for an endpoint that is not on this machine."""
    _endpoints(config)


def _endpoints(config: Value) -> dict[str, str]:
    blocks = config.get("endpoints") or []
    found: dict[str, str] = {}
    for number, block in enumerate(blocks if isinstance(blocks, list) else []):
        for service, url in block.items():
            if isinstance(url, str) and url:
                found[service] = require_loopback(url, f"endpoints.{service}", "endpoints", number, service)
    return found


def _credentials(config: Value, endpoint: str | None, otherwise: dict[str, str] | None) -> dict[str, str]:
    """The block's own keys, those given otherwise, or the environment's; none of these two count when there is nothing to call."""
    if config.get("access_key"):
        return {"aws_access_key_id": config["access_key"], "aws_secret_access_key": config.get("secret_key") or "test"}
    if endpoint is None:
        return {}
    if otherwise:
        return otherwise
    key = os.environ.get("AWS_ACCESS_KEY_ID", "test")
    found = {"aws_access_key_id": key, "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", "test")}
    token = os.environ.get("AWS_SESSION_TOKEN")
    return {**found, "aws_session_token": token} if token else found


def _account(config: Value, connection: Connection) -> str:
    """A key of 12 digits is the account; otherwise the emulator is asked, and offline the first allowed account is believed."""
    key = connection.credentials.get("aws_access_key_id", "")
    if len(key) == 12 and key.isdigit():
        return key
    if connection.endpoint:
        return str(connection.client("sts").get_caller_identity()["Account"])
    allowed = config.get("allowed_account_ids")
    return str(min(allowed)) if isinstance(allowed, list) and allowed else DEFAULT_ACCOUNT


def _guard(config: Value, account: str) -> None:
    allowed, forbidden = config.get("allowed_account_ids"), config.get("forbidden_account_ids") or []
    if allowed and account not in allowed:
        raise RefusedError(
            f"The credentials belong to account {account}, which is not allowed here",
            f"`allowed_account_ids` of this configuration is {', '.join(sorted(allowed))}. Use credentials of that account, "
            "or run the environment that belongs to this one.",
            "allowed_account_ids",
        )
    if account in forbidden:
        detail = "It stands in `forbidden_account_ids` of the provider block."
        raise RefusedError(f"Account {account} is forbidden here", detail, "forbidden_account_ids")
