"""The agent's configuration: what does not fit is named, what is secret is its owner's alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from receipts.agent import config
from receipts.agent.__main__ import main
from receipts.agent.config import ConfigError
from tests.lambda_src.receipts.agent.sites import site, written

SECRET = "s3cret"


def refused(file: Path) -> str:
    with pytest.raises(ConfigError) as error:
        config.load(file)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_a_file_that_fits(tmp_path: Path) -> None:
    found = site(tmp_path, database_port=6432, pace_most_rows=50)
    assert (found.lane, found.database.port, found.pace.most_rows) == ("agent-w1", 6432, 50)
    assert found.database.login().password.get_secret_value() == SECRET
    assert SECRET not in repr(found)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_password_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path, mode=mode)
    said = refused(file)
    assert f"mode {mode:04o}" in said
    assert f"chmod 0600 {file}" in said


def test_so_is_a_proxys(tmp_path: Path) -> None:
    (tmp_path / "password").touch()
    elsewhere: dict[str, Any] = {"database_password": None, "database_password_file": "password"}
    proxy: dict[str, Any] = {"aws_proxy": "http://user:s3cret@proxy:3128"}
    assert "mode 0644" in refused(written(tmp_path, mode=0o644, **elsewhere, **proxy))
    assert SECRET not in repr(config.load(written(tmp_path, **elsewhere, **proxy)))


def test_a_file_without_a_password_may_be_anybodys(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET + "\n")
    (tmp_path / "password").chmod(0o600)
    named: dict[str, Any] = {"database_password": None, "database_password_file": str(tmp_path / "password")}
    found = config.load(written(tmp_path, mode=0o644, **named))
    assert found.database.login().password.get_secret_value() == SECRET
    (tmp_path / "password").write_text("changed\r\n")
    assert found.database.login().password.get_secret_value() == "changed", "it is read anew"
    (tmp_path / "password").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 0600"):
        found.database.login()


def test_a_command_says_the_password(tmp_path: Path) -> None:
    said = [sys.executable, "-c", "print('from a vault ')"]
    found = site(tmp_path, database_password=None, database_password_command=said)
    assert found.database.login().password.get_secret_value() == "from a vault "


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('the vault is sealed')", "ended with 1: the vault is sealed"),
        ("print('a'); print('b')", "one line with the password"),
        ("pass", "one line with the password"),
        ("import time; time.sleep(9)", "said nothing in 0 s"),
    ],
)
def test_a_command_that_does_not_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, why: str) -> None:
    monkeypatch.setattr(config, "PASSWORD_SECONDS", 0.3 if "sleep" in code else 10.0)
    command = [sys.executable, "-c", code]
    found = site(tmp_path, database_password=None, database_password_command=command)
    with pytest.raises(ConfigError, match=why):
        found.database.login()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "Warehouse 1"}, "name: "),
        ({"aws_region": None}, "aws.region is missing"),
        ({"aws_regoin": "x"}, "aws.regoin is not known: is it misspelt?"),
        ({"aws_proxy": "proxy:3128"}, "aws.proxy: "),
        ({"database_port": 0}, "database.port: "),
        ({"database_password": None}, "exactly one of password, password_file"),
        ({"database_password_file": "/x"}, "exactly one of password, password_file"),
        ({"pace_most_rows": 0}, "pace.most_rows: "),
        ({"database_table": "receipts; drop"}, "database.table: "),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    assert why in refused(written(tmp_path, **changed))


def test_a_file_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    assert "is the path right" in refused(tmp_path / "none.toml")
    (tmp_path / "agent.toml").write_text("name = ")
    assert "is no TOML" in refused(tmp_path / "agent.toml")
    (tmp_path / "agent.toml").write_bytes(b"name = '\xff'")
    assert "is not UTF-8" in refused(tmp_path / "agent.toml")


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    found = site(tmp_path)
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(ConfigError, match=r"database: ca cannot be used: .*PEM"):
        found.database.login()


def test_the_command_says_what_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err.startswith(f"agent: {tmp_path}/none.toml: No such file")


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "sluice-agent unreleased\n"
