"""Strangers' text as a person may read it."""

from __future__ import annotations

import os

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tools.common.errors import CommandError, run_command
from tools.common.text import LINES, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünd →, 日本", "plain, ünd →, 日本"),
        ("\x1b[2J\x07\x9b\x00", r"\x1b[2J\x07\x9b\x00"),
        ("\u202eright\u2069", r"\u202eright\u2069"),
        ("\ud800", r"\ud800"),
        ("two\nlines\tand\r", r"two\nlines\tand\r"),
    ],
)
def test_what_steers_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    visible(text).encode()


def test_lines_may_stay() -> None:
    assert visible("two\nlines\t\r", keep=LINES) == "two\nlines\t\\r"


def test_it_ends() -> None:
    assert visible("x" * 5_000, 10) == "xxxxxxxxxx… and 4,990 more characters"
    assert visible("x" * 10, 10) == "x" * 10


def test_an_error_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise CommandError("it said:\n\x1b[2J\ud800" + "x" * 100_000)

    assert run_command("redrive", work) == 1
    said = capsys.readouterr().err
    assert said.startswith("redrive: it said:\n\\x1b[2J\\ud800xxx")
    assert len(said) < 30_000


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "Scan"),
        EndpointConnectionError(endpoint_url="https://sqs.us-east-1.amazonaws.com"),
    ],
)
def test_a_services_error_is_a_sentence(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise error

    assert run_command("status", work) == 1
    assert capsys.readouterr().err.startswith(f"status: {error}. Nothing is known of the rest")


def test_ours_is_a_traceback() -> None:
    def work() -> int:
        raise KeyError(os.curdir)

    with pytest.raises(KeyError):
        run_command("status", work)
