"""GitHub when it falters: a read is sent again, what adds something is not.

No error has the token in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tools.deploy.github.github import GitHub, GitHubError

ISSUES = f"/repos/{REPOSITORY}/issues"


def _pair(line: str, status: int, body: Any, sent: Any = "") -> dict[str, Any]:
    return {"request": {"line": line, "body": sent}, "response": {"status": status, "body": body}}


def _recorded(folder: Path, *pairs: dict[str, Any]) -> Path:
    (folder / "falters.json").write_text(json.dumps(pairs))
    return folder


def test_what_is_read_is_asked_again(tmp_path: Path) -> None:
    folder = _recorded(
        tmp_path,
        _pair(f"GET {ISSUES}/7", 502, {"message": "Server Error"}),
        _pair(f"GET {ISSUES}/7", 200, {"number": 7}),
    )
    with replayed("falters", folder=folder) as replay:
        assert GitHub(REPOSITORY, TOKEN, replay.api).get("issues/7") == {"number": 7}


def test_what_adds_something_is_not(tmp_path: Path) -> None:
    folder = _recorded(tmp_path, _pair(f"POST {ISSUES}", 502, {"message": "Server Error"}, {"title": "x"}))
    with replayed("falters", folder=folder) as replay, pytest.raises(GitHubError, match="answered 502") as caught:
        GitHub(REPOSITORY, TOKEN, replay.api).post("issues", {"title": "x"})
    assert caught.value.status == 502
    assert TOKEN not in str(caught.value)


def test_each_error_of_a_refusal_is_named(tmp_path: Path) -> None:
    invalid = {"message": "Validation Failed", "errors": [{"resource": "Label", "code": "invalid", "field": "color"}]}
    folder = _recorded(tmp_path, _pair(f"POST {ISSUES}", 422, invalid, {"title": "x"}))
    with (
        replayed("falters", folder=folder) as replay,
        pytest.raises(GitHubError, match=r'Validation Failed \{.*"field": "color"'),
    ):
        GitHub(REPOSITORY, TOKEN, replay.api).post("issues", {"title": "x"})


def test_a_request_that_was_not_recorded_fails_the_test(tmp_path: Path) -> None:
    """The replay itself: neither another request nor one too few goes by."""
    folder = _recorded(tmp_path, _pair(f"GET {ISSUES}/7", 200, {"number": 7}))
    with (
        pytest.raises(AssertionError, match="issues/8"),
        replayed("falters", folder=folder) as replay,
        pytest.raises(GitHubError),
    ):
        GitHub(REPOSITORY, TOKEN, replay.api).get("issues/8")
    with pytest.raises(AssertionError, match="not asked"), replayed("falters", folder=folder):
        pass
