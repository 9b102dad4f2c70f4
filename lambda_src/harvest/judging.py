"""What most vendors' answers have in common; a vendor's file says where its own differ."""

import json
import math
import re
from typing import Any, NoReturn

from harvest.retry_after import wait_seconds
from harvest.vendor import Answer, Throttle, Verdict

MOST_NAME = 500  # characters of a name that a vendor gives
_AGAIN = frozenset({408, 425, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529})
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")


class Unreadable(Exception):
    """An answer that is not what the vendor documents."""


def by_status(
    answer: Answer, throttle: Throttle, window_seconds: float, now_seconds: float
) -> Verdict | None:
    """The verdict on whatever is no answer with status 200; None for that one."""
    status = answer.status
    if status == 200:
        return None
    if throttled := wait_of(answer, throttle, window_seconds, now_seconds):
        return throttled
    if status == 0:
        return Verdict("failed" if answer.cause == "too-large" else "again", answer.cause)
    if status == 401:
        return Verdict("unauthorised", "http-401")
    if status in (404, 410):
        return Verdict("gone", f"http-{status}")
    return Verdict("again" if status in _AGAIN else "failed", f"http-{status}")


def wait_of(
    answer: Answer, throttle: Throttle, window_seconds: float, now_seconds: float
) -> Verdict | None:
    """The verdict on a throttle; None where the answer is none."""
    declared = throttle.header.lower() if throttle.header else "retry-after"
    says_when = {"retry-after", declared} & answer.headers.keys()
    if answer.status not in throttle.statuses and not (
        answer.status in throttle.with_wait and says_when
    ):
        return None
    wait = wait_seconds(
        answer.headers,
        now_seconds,
        window_seconds=window_seconds,
        cap_seconds=throttle.cap_seconds,
        header=throttle.header,
        form=throttle.form,
    )
    return Verdict("throttled", f"http-{answer.status}", wait)


def parsed(body: bytes) -> Any:
    """An answer's JSON. Raises Unreadable: it is stored as it came, so others must read it too."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the answer is not JSON: {error}"[:200]) from None


def names(listed: object) -> list[str]:
    """The names in a list of objects that have one, each once. Raises Unreadable."""
    if not isinstance(listed, list):
        raise Unreadable("the answer has no list where one is documented")
    found = [one.get("name") if isinstance(one, dict) else None for one in listed]
    if not all(isinstance(name, str) and is_name(name) for name in found):
        raise Unreadable(f"a name is a text of 1 to {MOST_NAME} characters that can be shown")
    return list(dict.fromkeys(found))  # type: ignore[arg-type]


def is_name(text: str) -> bool:
    """Whether a text can be part of a path, a key and a row."""
    return len(text) <= MOST_NAME and _TEXT.fullmatch(text) is not None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
