"""What the pipeline keeps for itself: the probe's title, voter and token."""

import json
from collections.abc import Mapping
from typing import Any

from shared.entrance import BY_ITSELF

TITLE = "probe"  # receive refuses it to everybody else; process counts it, listed or not
VOTER = "probe"  # where the body names the voter
CLAIMS = {"iss": "urn:sluice:probe", "sub": "probe"}  # where a token does


def request(body: Mapping[str, Any]) -> dict[str, Any]:
    """The event with which the probe calls receive, in the entrance's place.

    `body` is a ballot or {"ballots": [...]}.
    """
    return {
        **BY_ITSELF,
        "version": "2.0",
        "rawPath": "/v1/ballots",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": "POST", "path": "/v1/ballots"},
            "authorizer": {"jwt": {"claims": CLAIMS}},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def is_probe(event: Mapping[str, Any]) -> bool:
    """Whether an event, as an HTTP API's, comes from the probe.

    It invokes receive itself and brings its own claims. A client cannot: claims are those of tokens
    of the one issuer that the entrance trusts, and where nobody verifies tokens there are none.
    """
    jwt = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {})
    return (jwt.get("claims") or {}).get("iss") == CLAIMS["iss"]
