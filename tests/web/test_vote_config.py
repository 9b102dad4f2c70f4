"""What the page is told on this machine is what it reads."""

from __future__ import annotations

import pytest

from tests.web.scripted_api import ScriptedApi
from tools.live.votes import page

SETTINGS = {"aspects": ["story"], "scale": {"lowest": 1, "highest": 10}, "shards": 4}


@pytest.mark.parametrize(("voter_from", "voter"), [("body", "anonymous"), ("token", "token")])
def test_it_is_told_all_that_it_reads(voter_from: str, voter: str) -> None:
    outputs = {"votes_api_url": "http://127.0.0.1:9/x", "votes": {"settings": SETTINGS | {"voter_from": voter_from}}}
    told = page.config(outputs)
    assert told.keys() == ScriptedApi().config.keys() | {"api"}
    assert (told["api"], told["aspects"], told["voter"]) == ("http://127.0.0.1:9/x", ["story"], voter)
    assert told["scale"] == {"lowest": 1, "highest": 10}
    assert told["names"]["mv0001"] == "The Shawshank Redemption"


def test_where_nobody_can_vote_it_is_told_nothing() -> None:
    assert page.config({"receipts_api_url": "x"}) == {}
