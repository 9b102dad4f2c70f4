"""One contract for Secrets Manager: simulated, in moto, and on the emulator."""

from __future__ import annotations

import pytest

from tests.simulation.aws.backends import Backend, error_code, three_ways

secrets = three_ways("secretsmanager")


@pytest.fixture
def secret(secrets: Backend) -> str:
    """A new secret's ARN."""
    return str(secrets.client.create_secret(Name=secrets.name("secret"), SecretString="one")["ARN"])


def test_a_secret_is_read_as_it_was_put_last(secrets: Backend, secret: str) -> None:
    first = secrets.client.get_secret_value(SecretId=secret)
    assert (first["SecretString"], first["ARN"], first["VersionStages"]) == ("one", secret, ["AWSCURRENT"])
    put = secrets.client.put_secret_value(SecretId=secret, SecretString="two")
    for name in (secret, first["Name"]):
        found = secrets.client.get_secret_value(SecretId=name)
        assert (found["SecretString"], found["VersionId"]) == ("two", put["VersionId"])
    assert put["VersionId"] != first["VersionId"]
    assert put["VersionStages"] == ["AWSCURRENT"]


def test_the_version_before_can_be_read(secrets: Backend, secret: str) -> None:
    first = secrets.client.get_secret_value(SecretId=secret)["VersionId"]
    secrets.client.put_secret_value(SecretId=secret, SecretString="two")
    before = secrets.client.get_secret_value(SecretId=secret, VersionId=first)
    assert (before["SecretString"], before["VersionStages"]) == ("one", ["AWSPREVIOUS"])


def test_a_put_may_be_repeated_under_its_token(secrets: Backend, secret: str) -> None:
    token = "00000000-0000-4000-9000-000000000001"
    for _ in range(2):
        put = secrets.client.put_secret_value(SecretId=secret, SecretString="two", ClientRequestToken=token)
        assert put["VersionId"] == token
    assert secrets.client.get_secret_value(SecretId=secret)["SecretString"] == "two"


def test_what_is_not_there(secrets: Backend, secret: str) -> None:
    for call, more in ((secrets.client.get_secret_value, {}), (secrets.client.put_secret_value, {"SecretString": "x"})):
        assert error_code(call, SecretId="nobody-has-this", **more) == "ResourceNotFoundException"
    name = secrets.client.get_secret_value(SecretId=secret)["Name"]
    assert error_code(secrets.client.create_secret, Name=name, SecretString="x") == "ResourceExistsException"
