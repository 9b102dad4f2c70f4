"""The votes pipeline on this machine, for `make up`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.local_cloud.pipeline import Pipeline, Sign

BALLOT_OF_ONE = '{"voter_id": "v-1", "title_id": "mv0001", "votes": {"story": 5, "acting": 4}}'
BALLOT = '{"title_id": "mv0001", "votes": {"story": 5}}'


def lines(outputs: Mapping[str, Any], sign: Sign | None) -> Iterator[str]:
    """Where ballots go, and a request with a voter's token where one is asked for."""
    url = f"{outputs['api_url']}/v1/ballots"
    yield f"{url} takes ballots"
    if not sign:
        yield "vote, and read the results some seconds later:"
        yield f"curl -sS '{url}' -H 'content-type: application/json' -d '{BALLOT_OF_ONE}'"
        read_at = outputs["api_urls"]["GET /v1/titles/{title_id}/results"]
        yield f"curl -sS '{read_at}/v1/titles/mv0001/results'"
    if sign:
        yield "a voter's token, good for 12 hours (`make up JWT=yes` prints another):"
        headers = f"-H 'content-type: application/json' -H 'authorization: Bearer {sign('alice')}'"
        yield f"curl -sS '{url}' {headers} -d '{BALLOT}'"


PIPELINE = Pipeline(lines)
