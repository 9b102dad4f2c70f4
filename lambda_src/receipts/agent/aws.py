"""The agent's clients of AWS, and the hosts that a firewall has to let it reach."""

import os
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError

from receipts.agent.config import Config, ConfigError

READ_SECONDS = 30  # a receive waits up to 20 for a message
CONNECT_SECONDS = 10  # through a proxy that looks names up


class Host(NamedTuple):
    """A host that the agent connects to; `is_needed` by `run` too, not by `check` alone."""

    name: str
    port: int
    why: str
    is_needed: bool = True
    is_plain: bool = False  # HTTP: a stand-in on this machine

    @property
    def place(self) -> str:
        """Host and port, as a firewall's list has them."""
        return f"{self.name}:{self.port}"

    @property
    def address(self) -> str:
        """Its address, as a client would call it."""
        return f"http{'' if self.is_plain else 's'}://{self.name}:{self.port}"


class Aws:
    """The way to AWS by a configuration: clients that share one set of credentials.

    A proxy of the configuration is put into this process's environment, where a credential_process
    finds it too. Raises ConfigError where AWS's own settings cannot be read.
    """

    def __init__(self, config: Config) -> None:
        self._config = config.aws
        if config.aws.proxy:
            os.environ["HTTPS_PROXY"] = config.aws.proxy
        self.session = botocore.session.get_session()
        try:
            scoped = self.session.get_scoped_config()
        except BotoCoreError as error:  # its text names file or profile, and no value
            advice = "correct it, or what AWS_CONFIG_FILE and AWS_PROFILE name"
            raise ConfigError(f"AWS's own settings cannot be read: {error}: {advice}") from None
        self._by_helper = "credential_process" in scoped

    @property
    def ca(self) -> str | None:
        """The file of a proxy's own authority, for one that looks into TLS; else AWS_CA_BUNDLE."""
        named = self._config.ca or self.session.get_config_variable("ca_bundle")
        return str(named) if named else None

    def client(self, service: str, *, signed: bool = True) -> Any:
        """A client of "sqs", "s3" or "sts". It waits for a long poll, and for a slow proxy."""
        config = ClientConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 3},
            tcp_keepalive=True,
            signature_version=None if signed else UNSIGNED,
            s3={"us_east_1_regional_endpoint": "regional"},
        )
        return self.session.create_client(
            service,
            region_name=self._config.region,
            endpoint_url=getattr(self._config.endpoints, service, None),
            verify=self.ca,
            config=config,
        )

    def hosts(self) -> list[Host]:
        """What it connects to, by the region, the endpoints, and who says its credentials."""
        sqs = self.client("sqs", signed=False).meta.endpoint_url
        found = [_host(sqs, "the two queues"), _host(self._documents(), "the documents")]
        if self._by_helper:
            anywhere = self.client("rolesanywhere", signed=False).meta.endpoint_url
            found.append(_host(anywhere, "the signing helper: a session for the certificate"))
        sts = self.client("sts", signed=False).meta.endpoint_url
        found.append(_host(sts, "`check` alone asks it whose the credentials are", needed=False))
        return _merged(found)

    def _documents(self) -> str:
        """Where S3's client would ask for a document: it may put the bucket before the host."""
        s3 = self.client("s3", signed=False)

        def stop(request: Any, **_: Any) -> None:
            raise _Stopped(request.url)

        s3.meta.events.register("request-created.s3.GetObject", stop)
        try:
            s3.get_object(Bucket=self._config.documents_bucket, Key="results")
        except _Stopped as stopped:
            return str(stopped)
        raise AssertionError("nothing was asked")


def _merged(hosts: list[Host]) -> list[Host]:
    """Each once, with all that it is for."""
    found: dict[str, Host] = {}
    for host in hosts:
        first = found.get(host.address)
        found[host.address] = first._replace(why=f"{first.why}, {host.why}") if first else host
    return list(found.values())


class _Stopped(Exception):
    """A request goes no further than its address."""


def _host(address: str, why: str, *, needed: bool = True) -> Host:
    parts = urlsplit(address)
    plain = parts.scheme == "http"
    port = parts.port or (80 if plain else 443)
    return Host(parts.hostname or "", port, why, needed, plain)
