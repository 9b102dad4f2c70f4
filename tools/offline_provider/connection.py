"""One provider configuration: where its calls go, as whom, and the account guard."""

import os
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.model import OperationModel

from tools.common.loopback import is_loopback, session
from tools.offline_provider.parameters import violations
from tools.offline_provider.values import UNKNOWN, Value

DEFAULT_ACCOUNT = "000000000000"
_clients: dict[tuple[Any, ...], Any] = {}
_making_clients = threading.Lock()


class RefusedError(Exception):
    """A configuration or a call that the stand-in will not serve.

    `path` is where in the block it was set, if known.
    """

    def __init__(self, summary: str, detail: str = "", *path: str | int) -> None:
        super().__init__(summary, detail)
        self.summary, self.detail, self.path = summary, detail, path


def require_loopback(url: str, source: str, *path: str | int) -> str:
    """The URL itself. Raises RefusedError, naming `source`, for any other host."""
    if is_loopback(url):
        return url
    raise RefusedError(
        f"{source} is {url!r}, which is not on this machine",
        "The offline provider talks to loopback addresses only (127.0.0.1, ::1, localhost). "
        "Remove the setting, or run Terraform with the real AWS provider (unset TF_REATTACH_PROVIDERS).",
        *path,
    )


@dataclass
class Connection:
    """What one `provider "aws"` block came to.

    `endpoint` None: nothing can be called, only planned.
    """

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
                "This provider was started without one, so it can validate and plan, but not read or apply. "
                "Start it with --emulator URL.",
            )
        return _client(service, url, self.region, tuple(self.credentials.items()))

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """An ARN in this account; one that is not regional leaves the region out, as IAM's do."""
        return f"arn:{self.partition}:{service}:{self.region if regional else ''}:{self.account}:{resource}"


@cache
def _session() -> Any:
    return session()


def _client(service: str, url: str, region: str, credentials: tuple[tuple[str, str], ...]) -> Any:
    """A client of this configuration, made once.

    Every Terraform run makes new connections, and a client takes longer to make than most calls.
    """
    key = (service, url, region, credentials)
    with _making_clients:
        if key not in _clients:
            retries: Any = {"max_attempts": 3, "mode": "standard"}
            config = Config(
                connect_timeout=5,
                read_timeout=60,
                retries=retries,
                proxies={},
                s3={"addressing_style": "path"},
                max_pool_connections=16,
            )
            make: Any = _session().client
            client = make(service, endpoint_url=url, region_name=region, config=config, **dict(credentials))
            client.meta.events.register("before-parameter-build", _check_parameters)
            _clients[key] = client
    return _clients[key]


def _check_parameters(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Refuse a call before it is made, where AWS's model of it does."""
    if found := violations(model, params):
        raise RefusedError(
            f"AWS refuses this {model.name}: {'; '.join(found)}",
            "The emulator might take it. Change the argument that the parameter comes from: "
            "it is called alike, with underscores.",
        )


def configure(config: Value, endpoint: str | None, default_credentials: dict[str, str] | None = None) -> Connection:
    """Turn a provider block into a connection.

    `default_credentials` are for a block without keys. Raises RefusedError: no region, an endpoint
    elsewhere, or an account that is not allowed.
    """
    config = {name: None if value is UNKNOWN else value for name, value in config.items()}
    region = config.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise RefusedError(
            "The provider has no region", 'Set `region` in the provider "aws" block, or AWS_REGION.', "region"
        )
    credentials = _credentials(config, endpoint, default_credentials)
    connection = Connection(region, "", endpoint, _endpoints(config), credentials, _default_tags(config))
    connection.account = _account(config, connection)
    _guard(config, connection.account)
    return connection


def _default_tags(config: Value) -> dict[str, Any]:
    tags = next((block.get("tags") for block in config.get("default_tags") or [] if block), None)
    return {} if tags in (None, UNKNOWN) else dict(tags)


def check_endpoints(config: Value) -> None:
    """Raise RefusedError for an endpoint that is not on this machine."""
    _endpoints(config)


def _endpoints(config: Value) -> dict[str, str]:
    blocks = config.get("endpoints") or []
    endpoints: dict[str, str] = {}
    for number, block in enumerate(blocks if isinstance(blocks, list) else []):
        for service, url in block.items():
            if isinstance(url, str) and url:
                endpoints[service] = require_loopback(url, f"endpoints.{service}", "endpoints", number, service)
    return endpoints


def _credentials(config: Value, endpoint: str | None, default: dict[str, str] | None) -> dict[str, str]:
    """The block's own keys, the default ones, or the environment's.

    Only the block's own count when there is nothing to call.
    """
    if config.get("access_key"):
        return {"aws_access_key_id": config["access_key"], "aws_secret_access_key": config.get("secret_key") or "test"}
    if endpoint is None:
        return {}
    if default:
        return default
    key = os.environ.get("AWS_ACCESS_KEY_ID", "test")
    keys = {"aws_access_key_id": key, "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", "test")}
    token = os.environ.get("AWS_SESSION_TOKEN")
    return {**keys, "aws_session_token": token} if token else keys


def _account(config: Value, connection: Connection) -> str:
    """The account: a key of 12 digits itself, or the one that the emulator names.

    With nothing to ask, the first allowed account is believed.
    """
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
            f"`allowed_account_ids` of this configuration is {', '.join(sorted(allowed))}. "
            "Use credentials of that account, or run the environment that belongs to this one.",
            "allowed_account_ids",
        )
    if account in forbidden:
        detail = "It stands in `forbidden_account_ids` of the provider block."
        raise RefusedError(f"Account {account} is forbidden here", detail, "forbidden_account_ids")
