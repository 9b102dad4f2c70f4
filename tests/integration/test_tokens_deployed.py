"""`make up JWT=yes`: the deployed API asks for a token, which the gateway verifies; an outsider's
attacks on it.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from shared.bearer import id_of
from tests.support.left import processes_in
from tools.common.loopback import fetch
from tools.local_cloud import stack
from tools.local_cloud.issuer import Issuer
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.traffic.drain import Watch
from tools.traffic.votes.counted import until_counted

TITLE = "the-wire"
# A trusted scope beside what local has otherwise; few ballots of a voter, more of the trusted.
API = (
    "${merge(local.votes.api, { jwt = { issuer = local.jwt.issuer, audience = local.jwt.audience.votes }, "
    'trusted_scope = "votes/batch", most_ballots = { voter = 2, trusted = 100 } })}'
)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Issuer]]:
    run = Run(tmp_path_factory.mktemp("tokens"))
    try:
        changed = {"module": {"votes": {"api": API}}}
        issuer = stack.up(run, lambda _: None, pipelines=["votes"], changed=changed, tokens=True)
        assert issuer
        yield run, issuer
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


def post(run: Run, token: str | None, *ballots: dict[str, Any]) -> tuple[int, Any]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    body = json.dumps({"ballots": ballots}).encode()
    request = urllib.request.Request(f"{run.outputs()['votes_api_url']}/v1/ballots", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def ballot(score: int | None, **more: Any) -> dict[str, Any]:
    return {"title_id": TITLE, "votes": {"story": score}} | more


def signed_by_another(token: str) -> str:
    """The same header and claims, with the signature of a key of one's own."""
    said = token.rsplit(".", 1)[0]
    key = rsa.generate_private_key(65537, 2048)
    signature = key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_only_a_good_token_votes_and_only_for_itself(up: tuple[Run, Issuer]) -> None:
    run, issuer = up
    alice, mallory = issuer.sign("votes", "alice"), issuer.sign("votes", "mallory")
    assert post(run, alice, ballot(5))[0] == 202
    bad = {
        "none": None,
        "no token at all": "alice",
        "another's key": signed_by_another(alice),
        "no signature": f"{alice.rsplit('.', 1)[0]}.",
        "another issuer": issuer.sign("votes", "alice", iss="https://login.example.com"),
        "another pipeline's": issuer.sign("receipts", "alice"),
        "expired": issuer.sign("votes", "alice", exp=1),
        "not yet": issuer.sign("votes", "alice", nbf=4_000_000_000),
    }
    withdrawn = ballot(None, voter_id="alice")
    assert {why: post(run, token, withdrawn)[0] for why, token in bad.items()} == dict.fromkeys(bad, 401)
    # Her name, and the hash that the tables know her by, are of no use with another's token.
    for name in ("alice", id_of(issuer.address, "alice")):
        assert post(run, mallory, ballot(None, voter_id=name))[0] == 202
    deployment = Deployment.local(run)
    with Watch(deployment) as watch:
        while not watch.samples:
            time.sleep(0.05)
        until_counted(deployment, lambda: watch.depths, bound=60)
    results = json.loads(fetch(f"{deployment.outputs['api_url']}/v1/titles/{TITLE}/results"))
    assert (results["voters"], results["aspects"]["story"]["histogram"]["5"]) == (1, 1)


@pytest.mark.parametrize(("scope", "most"), [("", 2), ("votes", 2), ("votes votes/batch", 100)])
def test_a_voter_sends_few_and_a_trusted_sender_many(up: tuple[Run, Issuer], scope: str, most: int) -> None:
    run, issuer = up
    token = issuer.sign("votes", "sender", scope)
    ballots = [ballot(3, voter_id=f"v{number}") | {"title_id": "other"} for number in range(most + 1)]
    assert post(run, token, *ballots[:most])[0] == 202
    status, body = post(run, token, *ballots)
    assert (status, body["code"]) == (413, "too-many-ballots")


def test_a_page_and_a_stranger_get_no_token(up: tuple[Run, Issuer]) -> None:
    _, issuer = up
    for headers in ({}, {"Origin": "https://evil.example.com"}, {"X-Sluice-Token": "guessed"}):
        request = urllib.request.Request(f"{issuer.address}/_sign", b'{"sub": "alice"}', headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        with refused.value as error:
            assert error.code == 403
    configuration = json.loads(fetch(f"{issuer.address}/.well-known/openid-configuration"))
    keys = json.loads(fetch(configuration["jwks_uri"]))["keys"]
    assert configuration["issuer"] == issuer.address
    assert [set(key) for key in keys] == [{"kty", "use", "alg", "kid", "n", "e"}], "nothing of the private key"


def test_a_further_up_keeps_the_issuer_and_one_without_tokens_ends_it(tmp_path: Path) -> None:
    """Its tokens then open nothing, for nobody is asked."""
    run = Run(tmp_path / "run")
    try:
        first = stack.up(run, lambda _: None, pipelines=["votes"], tokens=True)
        assert stack.up(run, lambda _: None, pipelines=["votes"], tokens=True) == first
        assert post(run, None, ballot(1, voter_id="v"))[0] == 401
        assert stack.up(run, lambda _: None, pipelines=["votes"]) is None
        assert post(run, None, ballot(1, voter_id="v"))[0] == 202
        assert first
        with pytest.raises(OSError):  # noqa: PT011 (nobody listens)
            fetch(f"{first.address}/.well-known/jwks.json")
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []
