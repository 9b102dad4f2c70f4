"""CKV_SLUICE_15: a page in somebody's browser does not say who they are."""

from collections.abc import Iterator, Sequence, Set

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.rule import Rule

API, ROUTE = "aws_apigatewayv2_api", "aws_apigatewayv2_route"
BALANCER, LISTENER, LISTENER_RULE = "aws_lb", "aws_lb_listener", "aws_lb_listener_rule"
URL, FUNCTION = "aws_lambda_function_url", "aws_lambda_function"
READS = {"GET", "HEAD", "OPTIONS"}
ASKS_WHO = {"jwt-validation", "authenticate-oidc", "authenticate-cognito"}  # actions of a listener
ORIGIN = "routing_http_response_access_control_allow_origin_header_value"
ANONYMOUS = "anonymous"  # a tag: the written reason, where every plan and the account show it


class BrowsersAuthorised(Rule):
    def __init__(self) -> None:
        name = "A route that changes something asks browsers for a token, or its API says: anonymous"
        super().__init__(15, name, [ROUTE, LISTENER, LISTENER_RULE, URL])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        judge = {ROUTE: _of_api, URL: _of_url, LISTENER: _of_listener, LISTENER_RULE: _of_rule}
        yield from judge[resource.kind](plan, resource)


def _of_api(plan: Plan, route: Resource) -> Iterator[str]:
    key = str(route.get("route_key", ""))
    if key.split(" ")[0] in READS or route.get("authorization_type", "NONE") != "NONE":
        return
    api = plan.named(route, "api_id", API)
    origins = [origin for cors in api.get("cors_configuration", []) for origin in cors.get("allow_origins") or []]
    advice = f"Give {key} an authoriser (authorization_type and authorizer_id)"
    yield from _told(advice, api, api, origins)


def _of_rule(plan: Plan, rule: Resource) -> Iterator[str]:
    methods = [
        method
        for condition in rule.get("condition", [])
        for one in condition.get("http_request_method") or []
        for method in one["values"]
    ]
    if not methods or not READS.issuperset(methods):
        yield from _forwarded(plan, rule, _kinds(rule, "action"), plan.named(rule, "listener_arn", LISTENER))


def _of_listener(plan: Plan, listener: Resource) -> Iterator[str]:
    yield from _forwarded(plan, listener, _kinds(listener, "default_action"), listener)


def _kinds(asked: Resource, argument: str) -> set[str]:
    """The types of actions, which are known before the groups that they forward to are."""
    kinds = {action.get("type") for action in asked.values.get(argument) or [{}]}
    return kinds if None not in kinds else {action["type"] for action in asked.get(argument, [])}


def _forwarded(plan: Plan, asked: Resource, kinds: Set[str], listener: Resource) -> Iterator[str]:
    """Requests that a listener passes on without asking who sent them."""
    origin = listener.get(ORIGIN)
    if "forward" in kinds and not kinds & ASKS_WHO and origin:
        advice = f"Give {asked.address} an action before it forwards (jwt-validation)"
        yield from _told(advice, listener, plan.named(listener, "load_balancer_arn", BALANCER), [origin])


def _of_url(plan: Plan, url: Resource) -> Iterator[str]:
    """It takes every method, and CORS of its own keeps no page from sending a simple one."""
    origins = [origin for cors in url.get("cors", []) for origin in cors.get("allow_origins") or []]
    if url.get("authorization_type", "NONE") == "NONE" and origins:
        advice = "Take an entrance that asks for a token"
        yield from _told(advice, url, plan.named(url, "function_name", FUNCTION), origins)


def _told(advice: str, lets: Resource, tagged: Resource, origins: Sequence[str]) -> Iterator[str]:
    if origins and tagged.get("tags", {}).get(ANONYMOUS) != "true":
        yield (
            f"{advice}: {lets.address} lets pages of {', '.join(sorted(origins))} call, and without a token whoever "
            f'calls says who they are. If anybody may, tag {tagged.address} {ANONYMOUS} = "true".'
        )


check = BrowsersAuthorised()
