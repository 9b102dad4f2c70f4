"""check's hops to AWS: names, proxy, TLS, whose credentials, the queues, a document."""

import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    NoCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from receipts import documents
from receipts.agent.aws import Aws, Host
from receipts.agent.config import Config
from receipts.agent.hops import Failed, Hops, Unproven
from receipts.delivery.messages import Delivery, decode_delivery
from receipts.delivery.work import GONE
from receipts.ids import customer_key
from receipts.messages import Unreadable
from shared import logs
from shared.versions import NewerVersion

SECONDS = 10
LOOK_SECONDS = 5  # that a message which was looked at is kept from others, if giving back fails
CREDENTIALS, DELIVERY, DOCUMENT = "AWS credentials", "delivery queue", "a document"
_DENIED = ("AccessDenied", "AccessDeniedException", "403")
_EXPIRED = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
)


class AwsHops:
    """Them, by a configuration."""

    def __init__(self, config: Config, aws: Aws) -> None:
        self._config, self._aws = config, aws
        self._message: Delivery | None = None

    def try_all(self, hops: Hops, hosts: Sequence[Host]) -> None:
        """The hops in their order."""
        for host in hosts:
            hops.tried(host.place, partial(self._host, host))
        hops.tried(CREDENTIALS, self._credentials)
        needed = [host.place for host in hosts if host.is_needed]
        hops.tried(DELIVERY, self._delivery, *needed, CREDENTIALS)
        hops.tried(DOCUMENT, self._document, DELIVERY)

    def _host(self, host: Host) -> str:
        """That it can be reached as boto3 would: by the proxy, with its certificate verified."""
        proxies = get_environ_proxies(host.address)
        way = proxies.get("http" if host.is_plain else "https")
        by = f"by the proxy {_without_user(way)}" if way else _resolved(host.name)
        verify: Any = self._aws.ca or True
        session = URLLib3Session(verify=verify, proxies=proxies, timeout=SECONDS)
        try:
            session.send(AWSRequest("GET", host.address + "/").prepare())
        except BotoCoreError as error:
            if not host.is_needed:
                raise Unproven(
                    f"{_why(error, way)[0]}; {host.why}", "nothing, or let it through"
                ) from None
            raise Failed(*_why(error, way)) from None
        finally:
            session.close()
        return f"{by}; {'no TLS: a stand-in' if host.is_plain else 'TLS verified'}: {host.why}"

    def _credentials(self) -> str:
        credentials = self._found()
        try:
            who = self._aws.client("sts").get_caller_identity()["Arn"]
        except ClientError as error:
            raise Failed(
                f"AWS does not take them: {logs.kind_of(error)}",
                "are they this account's, not expired, and is this machine's clock right?",
            ) from None
        except BotoCoreError as error:
            said = (
                f"by {credentials}; whose they are, nobody could be asked ({logs.kind_of(error)})"
            )
            raise Unproven(said, "nothing, or let the host of STS through") from None
        return f"{who}, by {credentials}"

    def _found(self) -> str:
        """The way by which they were found: "custom-process", "shared-credentials-file", "env"."""
        try:
            credentials = self._aws.session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            credentials.get_frozen_credentials()
        except NoCredentialsError:
            raise Failed(
                "there are none",
                "name the signing helper as credential_process in the file of AWS_CONFIG_FILE",
            ) from None
        except CredentialRetrievalError as error:
            last = (str(error).strip().splitlines() or [""])[-1][-300:]
            raise Failed(
                f"the credential_process failed: {last}",
                "run it by hand as the agent's user: certificate, key, ARNs or the way are wrong",
            ) from None
        except (BotoCoreError, OSError, ValueError) as error:
            raise Failed(
                f"they cannot be had: {type(error).__name__}",
                "is the file of AWS_CONFIG_FILE right, and the program that it names there?",
            ) from None
        return str(credentials.method)

    def _delivery(self) -> str:
        """That a message can be received, given back and deleted; none is lost or kept by it."""
        sqs, url = self._aws.client("sqs"), self._config.aws.delivery_queue_url
        answer = _asked(
            "sqs:ReceiveMessage",
            lambda: sqs.receive_message(QueueUrl=url, VisibilityTimeout=LOOK_SECONDS),
        )
        found = answer.get("Messages", [])
        handle = found[0]["ReceiptHandle"] if found else "none"
        _asked(
            "sqs:ChangeMessageVisibility",
            lambda: sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0
            ),
            *(() if found else _NO_HANDLE),
        )
        _asked(
            "sqs:DeleteMessage",
            lambda: sqs.delete_message(QueueUrl=url, ReceiptHandle="none"),
            *_NO_HANDLE,
        )
        self._message = _pointer(found)
        return "may receive, give back and delete; " + (
            "a message was looked at and given back" if found else "no message waits"
        )

    def _document(self) -> str:
        message = self._message
        if message is None:
            raise Unproven(
                "no pointer waits, so there is none to read", "run this again while one does"
            )
        key = documents.key_of(customer_key(message.customer_id), message.file_id)
        s3, bucket = self._aws.client("s3"), self._config.aws.documents_bucket
        content = _asked(
            "s3:GetObject on results/*",
            lambda: s3.get_object(Bucket=bucket, Key=key)["Body"].read(documents.MOST_BYTES),
            *GONE,
        )
        if not content:
            raise Unproven("the one asked for is gone", "run this again while another waits")
        return f"{len(content):,} bytes were read"


# What SQS says of a receipt handle that is none, to who may do what was asked
_NO_HANDLE = ("ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidParameterValueException")


def _pointer(found: list[dict[str, Any]]) -> Delivery | None:
    """What a message that was looked at points at, if it can be read."""
    for one in found:
        try:
            message = decode_delivery(one["Body"])
        except (Unreadable, NewerVersion):
            continue
        if isinstance(message, Delivery):
            return message
    return None


def _asked(action: str, call: Callable[[], Any], *expected: str) -> Any:
    """A call's answer. Raises Failed but for an error that is `expected`."""
    try:
        return call()
    except ClientError as error:
        code = logs.kind_of(error)
        if code.removeprefix("AWS.SimpleQueueService.") in expected:
            return {}
        if code in _DENIED:
            raise Failed(
                f"it may not: {action}", "give the role the pipeline's policy (output agent.policy)"
            ) from None
        if "NonExistentQueue" in code or code in ("NoSuchBucket", "QueueDoesNotExist"):
            raise Failed(
                f"it is not there: {code}", "compare it with the pipeline's outputs, and the region"
            ) from None
        if code in _EXPIRED:
            raise Failed(
                f"AWS does not take the credentials: {code}", "is the clock right?"
            ) from None
        raise Failed(f"{action}: {code}", "look at the service's health, and try again") from None
    except BotoCoreError as error:
        raise Failed(f"{action}: {type(error).__name__}", "see the hosts above") from None


def _resolved(name: str) -> str:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Failed(
            f"the name does not resolve: {error.strerror or error}",
            "is a proxy needed (aws.proxy, HTTPS_PROXY)? Else ask who looks after the name servers",
        ) from None
    return f"is {found[0][4][0]}"


def _why(error: Exception, proxy: str | None) -> tuple[str, str]:
    """What kept a host from being reached, and what to do."""
    text = "".join(_chain(error)).lower()
    if isinstance(error, ProxyConnectionError) or (proxy and "tunnel" in text):
        if "407" in text:
            return (
                "the proxy wants a name and a password",
                "write them into its address: user:password@",
            )
        if "tunnel" in text or "403" in text:
            return "the proxy does not let it through", "put the host on the proxy's list"
        return "the proxy does not answer", "is its address right, and may this machine reach it?"
    if isinstance(error, SSLError):
        return (
            "its certificate is not by an authority that is known here",
            "does a proxy look into TLS? Then name its authority's file as aws.ca",
        )
    where = "the proxy's list" if proxy else "the firewall's list"
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return f"no answer in {SECONDS} s", f"put the host on {where}"
    return "no connection", f"put the host on {where}"


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__} {error} "
        error = error.__cause__ or error.__context__


def _without_user(address: str) -> str:
    """A proxy's address as it may be shown."""
    scheme, _, rest = address.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest.rpartition("@")[2]
