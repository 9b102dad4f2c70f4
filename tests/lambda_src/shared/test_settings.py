"""Settings: read from the environment, or refused at start, naming every variable that is wrong."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from shared.settings import SettingsError, load
from tests.lambda_src.stack import Json
from tests.support import plan
from votes import receive
from votes.settings import ProcessSettings, ReceiveSettings, ResultsSettings, TallySettings, WriteSettings

GOOD = {
    "INGEST_QUEUE_URL": "https://queue.example/ingest",
    "ASPECTS": '["story", "music"]',
    "SCALE": '{"lowest": 1, "highest": 5}',
    "KEYS_TABLE": "keys",
    "WITNESS_SHARE": "1024",
    "VOTER_FROM": "body",
    "ENTRANCE": "http_api",
    "MOST_BALLOTS": '{"voter": 2, "trusted": 500}',
}


def test_variables_become_fields() -> None:
    read = load(ReceiveSettings, GOOD | {"UNRELATED": "x"})
    assert (read.ingest_queue_url, read.witness_share, read.trusted_scope) == (
        "https://queue.example/ingest",
        1024,
        None,
    )
    rules = read.rules()
    assert (rules.aspects, rules.lowest, rules.highest) == (("story", "music"), 1, 5)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("INGEST_QUEUE_URL", None, "INGEST_QUEUE_URL is not set"),
        ("INGEST_QUEUE_URL", "", "INGEST_QUEUE_URL: String should have at least 1 character"),
        ("ASPECTS", "story", "ASPECTS: Invalid JSON"),
        ("ASPECTS", "[]", "ASPECTS: List should have at least 1 item"),
        ("ASPECTS", '["story", "story"]', "ASPECTS: Value error, an aspect is named twice"),
        ("ASPECTS", '["a#b"]', "ASPECTS[0]: String should match pattern"),
        ("SCALE", '{"lowest": 5, "highest": 1}', "highest must be greater than lowest"),
        ("SCALE", '{"lowest": 1, "highest": "5"}', "SCALE[highest]"),
        ("WITNESS_SHARE", "0", "WITNESS_SHARE: Input should be greater than 0, got '0'"),
        ("WITNESS_SHARE", "many", "WITNESS_SHARE: Input should be a valid integer"),
        (
            "MOST_BALLOTS",
            '{"voter": 501, "trusted": 500}',
            "MOST_BALLOTS[voter]: Input should be less than or equal to",
        ),
        ("MOST_BALLOTS", '{"voter": 1}', "MOST_BALLOTS[trusted] is not set"),
        ("VOTER_FROM", "cookie", "VOTER_FROM: Input should be 'body' or 'token', got 'cookie'"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str | None, says: str) -> None:
    environ = {key: given for key, given in (GOOD | {name: value}).items() if given is not None}
    with pytest.raises(SettingsError) as caught:
        load(ReceiveSettings, environ)
    assert says in str(caught.value)
    assert "ReceiveSettings cannot be read from the environment variables" in str(caught.value)
    assert "deploy it again" in str(caught.value)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load(ReceiveSettings, {"WITNESS_SHARE": "x" * 500})
    for name in ("INGEST_QUEUE_URL", "ASPECTS", "SCALE", "WITNESS_SHARE", "VOTER_FROM", "MOST_BALLOTS"):
        assert name in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("function", "model"),
    [
        ("receive", ReceiveSettings),
        ("process", ProcessSettings),
        ("write", WriteSettings),
        ("tally", TallySettings),
        ("results", ResultsSettings),
    ],
)
def test_terraform_gives_every_function_what_it_reads(planned: Json, function: str, model: type[BaseModel]) -> None:
    environ = plan.environment(planned, function) | dict.fromkeys(_queue_urls(model), "https://queue.example/1")
    assert load(model, environ)
    read = {name.upper() for name in model.model_fields}
    assert {name for name in environ if not name.startswith("POWERTOOLS_")} <= read


def _queue_urls(model: type[BaseModel]) -> list[str]:
    return [name.upper() for name in model.model_fields if name.endswith("_queue_url")]


def test_on_lambda_a_function_with_wrong_settings_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(receive.__file__)
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    assert runpy.run_path(str(source))  # elsewhere it may be imported
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "votes-receive")
    with pytest.raises(Exception, match="INGEST_QUEUE_URL is not set"):
        runpy.run_path(str(source))


def test_the_scale_is_an_object_of_two_numbers() -> None:
    extra: Any = GOOD | {"SCALE": '{"lowest": 1, "highest": 5, "step": 1}'}
    with pytest.raises(SettingsError, match=r"SCALE\[step\]"):
        load(ReceiveSettings, extra)
