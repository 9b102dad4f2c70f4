"""The stand-in of a vendor, served: real HTTP, its own doors for the run's token alone, gone after
a stop.
"""

from __future__ import annotations

import json
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tools.common.loopback import fetch
from tools.local_cloud import emulator, stack
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor import stand_in


def status(url: str, token: str, **headers: str) -> int:
    request = Request(url, headers={"Authorization": f"Bearer {token}", **headers})
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_it_is_harvested_over_http_and_judged_by_its_own_log(run: Run) -> None:
    emulator.start(run)
    vendor = stand_in.start(run)
    assert stand_in.start(run) == vendor, "one that runs is kept"
    vendor.ask("begin", groups={"a": 2}, limits=[{"calls": 3, "seconds": 60}], latency=[0.2, 0.2])
    form = {"grant_type": "client_credentials", **vendor.credentials}
    token = json.loads(fetch(f"{vendor.address}/oauth/token", urlencode(form).encode()))["access_token"]
    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(lambda _: status(f"{vendor.address}/v1/groups/a/hosts?offset=0", token), range(5)))
    assert sorted(told) == [200, 200, 200, 429, 429]
    assert status(f"{vendor.address}/v1/groups", "nobody's") == 429
    found = vendor.ask("judge")
    assert (found["calls"], found["throttled"], found["repeated"]) == (6, 3, {"/v1/groups/a/hosts?offset=0": 4})
    log = vendor.ask("log")["calls"]
    assert {(level, node) for _, level, node, *_ in log} == {
        ("hosts", "/v1/groups/a/hosts?offset=0"),
        ("groups", "/v1/groups"),
    }
    vendor.ask("change", limits=[{"calls": 100, "seconds": 1}])
    vendor.ask("group", name="late", hosts=1)
    assert status(f"{vendor.address}/v1/groups/late/hosts", token) == 200
    vendor.ask("revoke")
    assert status(f"{vendor.address}/v1/groups", token) == 401
    for door, asked in (("nowhere", {}), ("change", {"wait": "x"})):
        with pytest.raises(urllib.error.HTTPError):
            vendor.ask(door, **asked)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(f"{vendor.address}/_vendor/log")
    assert status(f"{vendor.address}/v1/groups", token, Origin="https://evil.example") == 403
    stack.down(run)
    with pytest.raises(OSError, match="refused"):
        fetch(f"{vendor.address}/v1/groups")
