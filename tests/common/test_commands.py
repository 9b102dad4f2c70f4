"""A command takes what a person set as it is, or refuses it in a line that names the variable."""

from __future__ import annotations

import argparse
import sys

import pytest

from tools.common import run_tests
from tools.common.commands import CommandParser
from tools.common.errors import CommandError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME", "COUNT", "RATE", "SURE", "TESTS"):
        monkeypatch.delenv(name, raising=False)


def _run(*words: str) -> argparse.Namespace:
    """The options that `try` gets; what it prints is the other command's exit code."""
    got: list[argparse.Namespace] = []

    def work(options: argparse.Namespace) -> int:
        got.append(options)
        return 0

    parser = CommandParser(prog="program")
    command = parser.add_command("try", work)
    command.add_variable("NAME", default="nobody")
    command.add_variable("COUNT", int, 3)
    command.add_variable("RATE", float)
    command.add_switch("SURE")
    parser.add_command("other", lambda _: 7)
    assert parser.run(["other"]) == 7
    return got[0] if parser.run(["try", *words]) == 0 else argparse.Namespace()


def test_what_is_left_out_or_empty_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME", "COUNT", "RATE", "SURE"):
        monkeypatch.setenv(name, "")
    options = _run()
    assert (options.name, options.count, options.rate, options.sure) == ("nobody", 3, None, False)


@pytest.mark.parametrize("text", ["--sure", "-h", " a b ", '"; touch made; "', "$(touch made)", "a\nb", "%s {}"])
def test_a_text_is_had_as_it_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NAME", text)
    options = _run()
    assert (options.name, options.sure) == (text, False)


def test_numbers_and_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COUNT": "7", "RATE": "0.5", "SURE": "yes"}.items():
        monkeypatch.setenv(name, value)
    options = _run()
    assert (options.count, options.rate, options.sure) == (7, 0.5, True)
    monkeypatch.setenv("SURE", "no")
    assert _run("--count", "8").sure is False
    assert _run("--count", "8", "--sure").count == 8


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COUNT", "2.5", "try: COUNT='2.5': a whole number is needed\n"),
        ("RATE", "$(touch made)", "try: RATE='$(touch made)': a number is needed\n"),
        ("SURE", "yes\nno", "try: SURE='yes\\nno': SURE=yes or SURE=no is needed\n"),
    ],
)
def test_what_is_neither_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert not vars(_run())
    assert capsys.readouterr().err == said


def test_words_for_pytest_are_split_by_no_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, words: became.append(words))
    monkeypatch.setenv("TESTS", "tests/lambda_src -k 'stamp or vote' ; touch $(touch made) `touch made`")
    run_tests.main()
    assert became == [
        [
            *(sys.executable, "-m", "pytest", "tests/lambda_src", "-k", "stamp or vote"),
            *(";", "touch", "$(touch", "made)", "`touch", "made`"),
        ]
    ]
    monkeypatch.setenv("TESTS", "' ; touch made")
    with pytest.raises(CommandError, match="no closing quotation"):
        run_tests.main()
