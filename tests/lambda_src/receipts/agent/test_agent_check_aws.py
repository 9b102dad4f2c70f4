"""check's hops to AWS: what keeps a host from being reached, and whose the credentials are not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from receipts.agent.__main__ import main
from receipts.agent.aws import Aws
from receipts.agent.check_aws import CREDENTIALS, DELIVERY, DOCUMENT, AwsHops
from receipts.agent.hops import Hops, State
from receipts.delivery import messages
from receipts.delivery.messages import Delivery, Question
from tests.lambda_src.fakes import refusal, unreachable
from tests.lambda_src.receipts.agent.hosts import certified, serving
from tests.lambda_src.receipts.agent.sites import site, written

POINTER = Delivery(batch_id="a" * 26, customer_id="c-1", file_id="0" * 32)
STEERS = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "AWS_CA_BUNDLE", "AWS_PROFILE")


@pytest.fixture(autouse=True)
def nothing_steers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy and no credentials but those of a test."""
    for name in (*STEERS, *map(str.lower, STEERS), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "")  # what an agent sets, monkeypatch takes away
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws.config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


def reached(folder: Path, port: int, **changed: Any) -> tuple[State, str]:
    """What a check says of a host by HTTPS on this machine, and what to do."""
    config = site(folder, **({"aws_endpoints_sqs": f"https://127.0.0.1:{port}"} | changed))
    aws, said = Aws(config), list[str]()
    hops = Hops(said.append)
    (host,) = (one for one in aws.hosts() if one.why == "the two queues")
    hops.tried("host", lambda: AwsHops(config, aws)._host(host))
    return hops.states["host"], " ".join(" ".join(said).split())


def test_a_host_whose_authority_is_known_or_given(tmp_path: Path) -> None:
    trusted, context = certified(tmp_path)
    with serving(context=context) as port:
        state, said = reached(tmp_path, port)
        assert (state, "not by an authority that is known here -> does a proxy look into TLS?" in said) == (
            State.FAILED,
            True,
        )
        state, said = reached(tmp_path, port, aws_ca=str(trusted))
        assert (state, "is 127.0.0.1; TLS verified: the two queues" in said) == (State.OK, True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy does not let it through -> put the host on the proxy's list"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy wants a name and a password"),
        (b"", "no connection -> put the host on the proxy's list"),
    ],
)
def test_a_proxy_that_does_not_let_it_through(tmp_path: Path, answer: bytes, said: str) -> None:
    with serving(answer) as proxy:
        state, text = reached(tmp_path, 443, aws_proxy=f"http://user:s3cret@127.0.0.1:{proxy}")
    assert state == State.FAILED
    assert said in text
    assert "s3cret" not in text


def test_a_proxy_that_is_not_there(tmp_path: Path) -> None:
    state, text = reached(tmp_path, 443, aws_proxy="http://127.0.0.1:1")
    assert (state, "the proxy does not answer -> is its address right" in text) == (State.FAILED, True)


def test_a_host_that_is_closed_or_has_no_name(tmp_path: Path) -> None:
    assert "no connection -> put the host on the firewall's list" in reached(tmp_path, 1)[1]
    named = {"aws_endpoints_sqs": "https://no-such-host.invalid"}
    assert "the name does not resolve" in reached(tmp_path, 1, **named)[1]


class Sqs:
    """A queue that has these messages, and refuses what it is told to."""

    def __init__(self, *bodies: str, refuse: dict[str, Exception] | None = None) -> None:
        self._messages = [{"Body": body, "ReceiptHandle": "held"} for body in bodies]
        self._refuse = refuse or {}
        self.given_back: list[str] = []

    def receive_message(self, **request: Any) -> dict[str, Any]:
        """All of them."""
        self._may("receive")
        return {"Messages": self._messages} if self._messages else {}

    def change_message_visibility(self, *, ReceiptHandle: str, VisibilityTimeout: int, **_: Any) -> None:
        """As SQS answers for a handle that is none."""
        self._may("change")
        if ReceiptHandle != "held":
            raise refusal("ChangeMessageVisibility", "InvalidParameterValue")
        assert VisibilityTimeout == 0
        self.given_back.append(ReceiptHandle)

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:
        """The same; nothing may be deleted."""
        self._may("delete")
        assert ReceiptHandle == "none"
        raise refusal("DeleteMessage", "ReceiptHandleIsInvalid")

    def _may(self, what: str) -> None:
        if what in self._refuse:
            raise self._refuse[what]


class Bucket:
    """A bucket that answers so."""

    def __init__(self, error: ClientError | None) -> None:
        self._error = error

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """The same of any document."""
        assert (Bucket, Key.split("/")[0]) == ("documents", "results")
        if self._error:
            raise self._error
        return {"Body": type("Body", (), {"read": lambda self, most: b"{}"})()}


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, sqs: Sqs, s3: ClientError | None = None) -> tuple[Any, str]:
    """The hops of queue and document: their states, and what is said."""
    config, said = site(folder), list[str]()
    aws, hops = Aws(config), Hops(said.append)
    clients = {"sqs": sqs, "s3": Bucket(s3)}
    monkeypatch.setattr(aws, "client", lambda service, **_: clients[service])
    tried = AwsHops(config, aws)
    hops.tried(DELIVERY, tried._delivery)
    hops.tried(DOCUMENT, tried._document, DELIVERY)
    return (hops.states[DELIVERY], hops.states[DOCUMENT]), " ".join(" ".join(said).split())


def test_a_message_is_looked_at_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = Sqs(messages.encode(POINTER))
    states, said = asked(tmp_path, monkeypatch, sqs)
    assert states == (State.OK, State.OK)
    assert sqs.given_back == ["held"]
    assert "2 bytes were read" in said


@pytest.mark.parametrize(
    "bodies", [[], ["not JSON"], [messages.encode(Question(batch_id="a" * 26, customer_id="c", keys=["0" * 32]))]]
)
def test_without_a_pointer_no_document_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bodies: list[str]
) -> None:
    states, said = asked(tmp_path, monkeypatch, Sqs(*bodies))
    assert states == (State.OK, State.UNPROVEN)
    assert "run this again while one does" in said


@pytest.mark.parametrize(
    ("what", "error", "found"),
    [
        ("receive", refusal("R", "AccessDenied"), "it may not: sqs:ReceiveMessage -> give the role the pipeline's"),
        ("change", refusal("R", "AccessDeniedException"), "it may not: sqs:ChangeMessageVisibility"),
        ("delete", refusal("R", "AccessDenied"), "it may not: sqs:DeleteMessage"),
        ("receive", refusal("R", "AWS.SimpleQueueService.NonExistentQueue"), "it is not there: AWS.Simple"),
        ("receive", refusal("R", "ExpiredToken"), "AWS does not take the credentials: ExpiredToken"),
        ("receive", refusal("R", "InternalError"), "sqs:ReceiveMessage: InternalError"),
        ("receive", unreachable(), "sqs:ReceiveMessage: ConnectTimeoutError -> see the hosts above"),
    ],
)
def test_what_the_queue_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception, found: str
) -> None:
    states, said = asked(tmp_path, monkeypatch, Sqs(messages.encode(POINTER), refuse={what: error}))
    assert states == (State.FAILED, State.SKIPPED)
    assert found in said


def test_a_document_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states, said = asked(tmp_path, monkeypatch, Sqs(messages.encode(POINTER)), refusal("GetObject", "AccessDenied"))
    assert states == (State.OK, State.FAILED)
    assert "it may not: s3:GetObject on results/*" in said


def test_a_document_that_is_gone_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states, said = asked(tmp_path, monkeypatch, Sqs(messages.encode(POINTER)), refusal("GetObject", "NoSuchKey"))
    assert states == (State.OK, State.UNPROVEN)
    assert "the one asked for is gone" in said


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("", "there are none -> name the signing helper as credential_process"),
        ("credential_process = /none/aws_signing_helper", "they cannot be had: FileNotFoundError"),
        (f"credential_process = {sys.executable} -c 'import sys; sys.exit(\"no such trust anchor\")'",
         "the credential_process failed"),
        (f"credential_process = {sys.executable} -c 'print(\"{{}}\")'", "the credential_process failed"),
        ("aws_access_key_id = AKIA\naws_secret_access_key = s3cret",
         "by config-file; whose they are, nobody could be asked"),
    ],
    ids=["none", "no-program", "refused", "no-keys", "keys"],
)  # fmt: skip
def test_credentials_that_are_not_right(
    tmp_path: Path, settings: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aws.config").write_text(f"[default]\n{settings}\n")
    config, said = site(tmp_path, aws_endpoints_sts="http://127.0.0.1:1"), list[str]()
    hops = Hops(said.append)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    hops.tried(CREDENTIALS, AwsHops(config, Aws(config))._credentials)
    text = " ".join(" ".join(said).split())
    assert found in text
    assert "s3cret" not in text
    assert hops.states[CREDENTIALS] == (State.UNPROVEN if "nobody" in found else State.FAILED)


def test_the_helpers_host_is_on_the_list_where_it_is_named(tmp_path: Path) -> None:
    listed = {host.place for host in Aws(site(tmp_path)).hosts()}
    (tmp_path / "aws.config").write_text("[default]\ncredential_process = fails\n")
    named = {host.place for host in Aws(site(tmp_path)).hosts()}
    assert named - listed == {"rolesanywhere.eu-central-1.amazonaws.com:443"}


def test_settings_of_awss_own_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "aws.config").write_text("aws_secret_access_key = s3cret\n")
    assert main(["check", "--config", str(written(tmp_path))]) == 2
    said = capsys.readouterr().err
    assert f"Unable to parse config file: {tmp_path}/aws.config: correct it, or what AWS_CONFIG_FILE" in said
    assert "s3cret" not in said
