"""The agent's configuration: one TOML file on the site, its owner's alone where it has a secret."""

import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from receipts.delivery.credentials import Login
from receipts.delivery.pace import Budget
from receipts.settings import TABLE

PASSWORD_SECONDS = 10.0  # that a command may take to say the password
PREFIX = "agent-"  # of a lane: those of functions are named by number

_Text = Annotated[str, Field(min_length=1, max_length=2_048)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
_Proxy = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+/?$")]
_Address = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+/?$")]
_QueueUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+/\S+$")]


class ConfigError(Exception):
    """The file cannot be used; the text says which, what in it, and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Endpoints(_Strict):
    """Other addresses of AWS's services than the region's: interface endpoints over a VPN."""

    sqs: _Address | None = None
    s3: _Address | None = None
    sts: _Address | None = None
    rolesanywhere: _Address | None = None


class Aws(_Strict):
    """Where the agent connects to, and by which way; whose it is, boto3 finds.

    A receive waits `poll_seconds` for a message, and so long a stop may take.
    """

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    delivery_queue_url: _QueueUrl
    delivered_queue_url: _QueueUrl
    documents_bucket: _Text
    poll_seconds: Annotated[int, Field(ge=1, le=20)] = 20
    proxy: _Proxy | None = Field(default=None, repr=False)
    ca: Path | None = Field(default=None, strict=False)
    endpoints: Endpoints = Endpoints()


class Database(_Strict):
    """The database on the site. `ca` is the file of the authority that signed its certificate.

    Its password stands here, in a file, or is what a command says: exactly one of the three. The
    two files and the command are read at each connection.
    """

    host: _Text
    port: Annotated[int, Field(ge=1, le=65_535)] = 5432
    dbname: _Text
    username: _Text
    ca: Path = Field(strict=False)
    table: Annotated[str, Field(pattern=TABLE)] = "receipts"
    password: SecretStr | None = None
    password_file: Path | None = Field(default=None, strict=False)
    password_command: Annotated[list[_Text], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_password(self) -> "Database":
        ways = (self.password, self.password_file, self.password_command)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "exactly one of password, password_file and password_command is needed"
            )
        return self

    def login(self) -> Login:
        """Who the agent is to it, read anew: it may have been changed. Raises ConfigError."""
        try:
            return Login(
                host=self.host,
                port=self.port,
                dbname=self.dbname,
                username=self.username,
                password=self._secret(),
                ca=_read(self.ca),
            )
        except ValidationError as error:
            wrong = ", ".join(str(part["loc"][0]) for part in error.errors(include_input=False))
            advice = (
                "the authority's certificate as PEM is needed" if "ca" in wrong else "correct it"
            )
            raise ConfigError(f"database: {wrong} cannot be used: {advice}") from None

    def _secret(self) -> SecretStr:
        if self.password_file is not None:
            _require_private(self.password_file, "a file with a password")
            return _line(_read(self.password_file), f"{self.password_file}")
        if self.password_command is not None:
            return _line(_said(self.password_command), f"{self.password_command[0]}")
        assert self.password is not None
        return self.password


class Config(_Strict):
    """The whole file."""

    name: _Name
    aws: Aws
    database: Database
    pace: Budget = Budget()
    log_level: Literal["DEBUG", "INFO", "WARNING"] = "INFO"

    @property
    def lane(self) -> str:
        """What its deliveries and heartbeats are known by."""
        return f"{PREFIX}{self.name}"


def load(path: Path) -> Config:
    """Read the file. Raises ConfigError, without any value of the file in its text."""
    try:
        values = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}: correct that place") from None
    if _has_a_secret(values):
        _require_private(path, "a file with a password")
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        problems = [_problem(one) for one in error.errors(include_url=False, include_input=False)]
    raise ConfigError("\n  ".join([f"{path} does not fit (docs/receipts/agent.md):", *problems]))


def _has_a_secret(values: dict[str, Any]) -> bool:
    """Whether the database's password is in it, or one for the proxy."""
    aws, database = values.get("aws"), values.get("database")
    in_proxy = isinstance(aws, dict) and "@" in str(aws.get("proxy", ""))
    return in_proxy or (isinstance(database, dict) and "password" in database)


def _problem(error: Any) -> str:
    place = ".".join(map(str, error["loc"])) or "it"
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"] == "extra_forbidden":
        return f"{place} is not known: is it misspelt?"
    return f"{place}: {error['msg']}"


def _require_private(path: Path, what: str) -> None:
    """Raise ConfigError where others than its owner may read a file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: is the path right?") from None
    if mode & 0o077:
        raise ConfigError(
            f"{path} has mode {mode:04o}, and {what} is its owner's alone: chmod 0600 {path}"
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        advice = "is the path right, and may the agent's user read it?"
        raise ConfigError(f"{path}: {error.strerror}: {advice}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8: save it as that") from None


def _said(command: list[str]) -> str:
    """What a command prints. What it says of an error is shown: it is the site's own."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PASSWORD_SECONDS
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"password_command: {command[0]} cannot be run: {error}") from None
    except subprocess.TimeoutExpired:
        said = f"{command[0]} said nothing in {PASSWORD_SECONDS:.0f} s"
        raise ConfigError(f"password_command: {said}: run it by hand as the agent's user") from None
    if done.returncode:
        why = done.stderr.strip()[-300:]
        raise ConfigError(f"password_command: {command[0]} ended with {done.returncode}: {why}")
    return done.stdout


def _line(text: str, where: str) -> SecretStr:
    """A password without the end of its line, and no more is cut: it may end in blanks."""
    password = text.removesuffix("\n").removesuffix("\r")
    if not password or "\n" in password:
        raise ConfigError(f"{where}: one line with the password and nothing else is needed")
    return SecretStr(password)
