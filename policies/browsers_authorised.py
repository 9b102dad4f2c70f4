"""CKV_SLUICE_15: a page in somebody's browser does not say who they are."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.rule import Rule

API, ROUTE = "aws_apigatewayv2_api", "aws_apigatewayv2_route"
READS = {"GET", "HEAD", "OPTIONS"}
ANONYMOUS = "anonymous"  # a tag of the API: the written reason, where every plan and the account show it


class BrowsersAuthorised(Rule):
    def __init__(self) -> None:
        super().__init__(
            15, "A route that changes something asks browsers for a token, or its API says: anonymous", [ROUTE]
        )

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        key = str(resource.get("route_key", ""))
        if key.split(" ")[0] in READS or resource.get("authorization_type", "NONE") != "NONE":
            return
        api = plan.named(resource, "api_id", API)
        origins = [origin for cors in api.get("cors_configuration", []) for origin in cors.get("allow_origins") or []]
        if not origins or (api.get("tags", {}).get(ANONYMOUS) == "true"):
            return
        yield (
            f"Give {key} an authoriser (authorization_type and authorizer_id): {api.address} lets pages of "
            f"{', '.join(sorted(origins))} call, and without a token whoever calls says who they are. "
            f'If anybody may, tag the API {ANONYMOUS} = "true".'
        )


check = BrowsersAuthorised()
