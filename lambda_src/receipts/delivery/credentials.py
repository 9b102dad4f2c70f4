"""Who a lane is to the database, and where that is; read when it connects, and again when denied.

On AWS it is a secret of Secrets Manager; the agent on the premises has a source of its own. It is
in no variable, state, log or message.
"""

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from receipts.delivery.port import Away, Database, Denied
from shared import logs

NOT_READABLE = "secret-unreadable"
_Text = Annotated[str, Field(min_length=1, max_length=1_024)]


class Login(BaseModel):
    """The secret: JSON with these fields; `ca` is the PEM text that the server's is signed by."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    host: _Text
    port: Annotated[int, Field(ge=1, le=65_535)] = 5432
    dbname: _Text
    username: _Text
    password: SecretStr
    ca: Annotated[str, Field(pattern="-----BEGIN CERTIFICATE-----", max_length=262_144)]


class Source(Protocol):
    """Where a login is read."""

    def login(self) -> Login:
        """The login. Raises Away where it cannot be read."""


class Secret:
    """A secret of Secrets Manager, by its ARN; `client` is a Secrets Manager client."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn

    def login(self) -> Login:
        """The login as it stands now. Raises Away, and the log says why."""
        try:
            text = self._client.get_secret_value(SecretId=self._arn)["SecretString"]
        except (ClientError, BotoCoreError, KeyError) as error:
            logs.error("secret", error)
            raise Away(NOT_READABLE) from None
        return parsed(text)


def parsed(text: str) -> Login:
    """The login that a secret's text is. Raises Away, and the log names the fields, not more."""
    try:
        return Login.model_validate_json(text)
    except ValidationError as error:
        wrong = [str(part["loc"][0]) if part["loc"] else "JSON" for part in error.errors()]
    wrong = sorted(set(wrong) & {*Login.model_fields, "JSON"})
    logs.failed("secret", "NotALogin", "", 1, wrong=wrong)
    raise Away(NOT_READABLE)


def connect(source: Source, open_connection: Callable[[Login], Database]) -> Database:
    """A connection by the login as it stands. Raises Away.

    Where it is denied, it was perhaps rotated in this moment: then it is read once more, and tried
    once more if it is another.
    """
    login = source.login()
    try:
        return open_connection(login)
    except Denied:
        rotated = source.login()
    try:
        if rotated != login:
            return open_connection(rotated)
    except Denied:
        pass
    raise Away("credentials")
