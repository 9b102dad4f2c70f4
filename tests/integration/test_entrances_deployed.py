"""`make up ENTRANCE=…`: votes by a load balancer that verifies tokens, and by Function URLs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.left import processes_in
from tools.local_cloud import stack
from tools.local_cloud.issuer import Issuer
from tools.local_cloud.runs import Run
from tools.operations.api import address, ask
from tools.operations.deployment import Deployment

RESULTS = "/v1/titles/the-wire/results"
BALLOT = {"voter_id": "somebody-else", "title_id": "the-wire", "votes": {"story": 5}}


def post(deployment: Deployment, token: str | None) -> tuple[int, bytes]:
    """A ballot, with a token if there is one."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    url = f"{address(deployment, 'POST', '/v1/ballots')}/v1/ballots"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(BALLOT).encode(), headers), timeout=20
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def brought_up(run: Run, entrance: str, **more: Any) -> tuple[Deployment, Issuer | None]:
    """votes alone, by way of an entrance."""
    issuer = stack.up(run, lambda _: None, pipelines=["votes"], entrance=entrance, **more)
    return Deployment.local(run), issuer


@pytest.mark.slow
def test_a_load_balancer_lets_in_who_has_a_good_token(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    try:
        deployment, issuer = brought_up(run, "alb", tokens=True)
        assert issuer is not None
        good = issuer.sign("votes", "alice")
        assert post(deployment, good)[0] == 202
        for bad in (None, good[:-8] + "AAAAAAAA", issuer.sign("votes", "alice", exp=1), "a.b.c"):
            status, page = post(deployment, bad)
            assert (status, page[:6]) == (401, b"<html>")  # the listener's own
        status, body = post(deployment, issuer.sign("receipts", "alice"))
        assert (status, json.loads(body)["code"]) == (401, "no-token")  # the function's
        assert ask(deployment, "GET", RESULTS).status in (200, 404)  # public
        assert ask(deployment, "GET", "/v1/titles/a/b/results").body["code"] == "no-such-route"  # type: ignore[index]
        assert ask(deployment, "GET", "/nowhere").body == {"message": "Not Found"}
        assert deployment.endpoint is not None
        form = b"Action=ListUsers&Version=2010-05-08"  # a call of AWS's, where pages may ask
        nobody = urllib.request.Request(f"{deployment.endpoint}/_alb/nobody/", form)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(nobody, timeout=20)
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.mark.slow
def test_function_urls_take_ballots_and_answer_results(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    try:
        deployment, _ = brought_up(run, "function_url")
        assert post(deployment, None)[0] == 202
        assert ask(deployment, "GET", RESULTS).status in (200, 404)
        assert ask(deployment, "GET", "/v1/ballots").status == 405
        urls = deployment.outputs["api_urls"]
        assert len(set(urls.values())) == 3  # of receive, results and vote
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []
