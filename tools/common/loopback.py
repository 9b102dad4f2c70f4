"""What stays on this machine: HTTP, AWS clients and programs that nothing a person has set for
elsewhere steers.

No proxy, profile, endpoint or option of their shell or of ~/.aws reaches it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import urllib.request
from typing import Any
from urllib.parse import urlsplit

SECONDS = 5.0
# a run's token: what opens its servers' own doors (tools.local_cloud.front), and whose they are
TOKEN_HEADER = "X-Sluice-Token"  # noqa: S105 (a header's name)
TOKEN_VARIABLE = "SLUICE_TOKEN"  # noqa: S105 (a variable's name)
PROOF_PATH = "/_front/proof"  # ?nonce
# of variables that steer SDKs, Terraform, interpreters and what they connect to
_STEER = ("AWS_", "BOTO", "TF_", "PYTHON", "OTEL_", "GRPC_")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What answers on loopback has no business elsewhere, nor has the token."""

    def redirect_request(self, *_: Any) -> None:
        return None


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine: localhost or a loopback address.

    By name or number alone: nothing is looked up.
    """
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fetch(url: str, body: bytes | None = None, *, seconds: float = SECONDS, token: str = "") -> bytes:
    """GET a URL, or POST `body` to it, and return the body of the answer.

    `token`: the run's, for what asks for it. Raises urllib.error.HTTPError for a status from 300
    on, other OSErrors where nobody answers in time, and ValueError for another machine's address.
    """
    if not is_loopback(url):
        raise ValueError(f"{url} is not on this machine")
    request = urllib.request.Request(url, data=body, headers={TOKEN_HEADER: token} if token else {})  # noqa: S310
    with _direct.open(request, timeout=seconds) as response:
        answer: bytes = response.read()
    return answer


def proof(token: str, nonce: str) -> str:
    """What only who knows the token can say to a nonce, and tells it to nobody."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def proves(url: str, token: str) -> bool:
    """Whether the server at `url` knows the token, without telling it."""
    nonce = secrets.token_hex(16)
    try:
        answer = fetch(f"{url.rstrip('/')}{PROOF_PATH}?{nonce}")
    except OSError:
        return False
    return hmac.compare_digest(answer, proof(token, nonce).encode())


def environment() -> dict[str, str]:
    """This process's variables without those that steer, for programs that stay here."""
    kept = {name: value for name, value in os.environ.items() if not _steers(name)}
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUTF8": "1",
    }


def session(region: str | None = None) -> Any:
    """A boto3 session whose clients take what they are told and botocore's defaults: nothing of the
    environment or of ~/.aws.
    """
    import boto3
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
    from botocore.session import Session

    own = {"config_file": os.devnull, "credentials_file": os.devnull, "region": region}
    defaults = {name: default for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    core = Session()
    core.register_component(
        "config_store", ConfigValueStore({name: ConstantProvider(value) for name, value in (defaults | own).items()})
    )
    return boto3.session.Session(botocore_session=core)


def _steers(name: str) -> bool:
    return name.startswith(_STEER) or name.lower().endswith("_proxy")
