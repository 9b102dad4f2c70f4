"""Mutants of who a request is from; no history has tokens, so tests are their checks."""

from tools.simulation.mutants.mutant import Mutant

ENTRANCE = "lambda_src/shared/entrance.py"
CHECK = "tests/lambda_src/shared/test_entrance.py"

MUTANTS = [
    Mutant(
        "claims by the event's shape",
        ENTRANCE,
        'if config.entrance == "alb" else (_from_url, _as_it_is)',
        'if "elb" in event["requestContext"] else (_from_url, _as_it_is)',
        CHECK,
    ),
    Mutant(
        "an HTTP API's event believed at another entrance",
        ENTRANCE,
        'if config.entrance == "http_api" or ',
        'if config.entrance == "http_api" or "authorizer" in (event.get("requestContext") or {}) or ',
        CHECK,
    ),
    Mutant(
        "claims of a Function URL's event kept",
        ENTRANCE,
        '        "requestContext": {"http": request},\n',
        "",
        CHECK,
    ),
    Mutant("a token read that no listener verified", ENTRANCE, "    if tokens is not None:\n", "    if True:\n", CHECK),
    Mutant("the last of several tokens believed", ENTRANCE, "if len(given) != 1:", "if not given:", CHECK),
    Mutant(
        "any issuer's token believed",
        ENTRANCE,
        ' or claims.get("iss") != tokens.issuer',
        "",
        CHECK,
    ),
    Mutant(
        "a token for another service believed",
        ENTRANCE,
        "return claims if any(one in tokens.audience for one in audiences) else {}",
        "return claims if audiences else {}",
        CHECK,
    ),
]
