"""How long to wait, read from whatever a throttled answer says: every row of the documented table,
and any text at all.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.retry_after import HEADERS, lowered, wait_seconds
from tools.common.paths import ROOT

NOW = 1_796_007_600.0
DATE = "Mon, 30 Nov 2026 03:00:00 GMT"
ROW = re.compile(r"\| ([\w-]+) \| `(.*?)` \| (auto|seconds|epoch) \| ([\d.]+) \| ")
ROWS = ROW.findall((ROOT / "docs/harvest/waits.md").read_text())


def wait(headers: dict[str, str], **more: object) -> float:
    """With a window of a minute and a cap of a day."""
    said = {"window_seconds": 60, "cap_seconds": 86_400, **more}
    return wait_seconds(headers, NOW, **said)  # type: ignore[arg-type]


def test_the_table_has_the_forms() -> None:
    assert len(ROWS) == 40


@pytest.mark.parametrize(("header", "value", "form", "seconds"), ROWS)
def test_every_row_of_the_table(header: str, value: str, form: str, seconds: str) -> None:
    declared = {"header": header, "form": form} if form != "auto" else {}
    assert wait({header.lower(): value}, **declared) == pytest.approx(float(seconds))


def test_the_answers_own_clock_counts_where_it_is_about_now() -> None:
    at = {"retry-after": "Mon, 30 Nov 2026 03:01:30 GMT", "x-ratelimit-reset": "1796007690"}
    for name, value in at.items():
        assert wait({name: value, "date": "Mon, 30 Nov 2026 03:01:00 GMT"}) == 30
        assert wait({name: value, "date": "Mon, 30 Nov 2020 03:01:00 GMT"}) == 90, "years off: not about now"
        assert wait({name: value, "date": "yesterday"}) == 90


def test_the_declared_header_is_looked_at_first_and_the_next_where_it_says_nothing() -> None:
    both = {"retry-after": "5", "x-ratelimit-reset": "45"}
    assert wait(both) == 5
    assert wait(both, header="X-RateLimit-Reset", form="seconds") == 45
    assert wait(both | {"x-ratelimit-reset": "soon"}, header="X-RateLimit-Reset") == 5
    assert wait({"x-wait": "7"}, header="X-Wait") == 7


def test_the_window_is_capped_too() -> None:
    assert wait({}, window_seconds=90_000) == 86_400


def test_what_comes_twice_is_one_list() -> None:
    assert wait(lowered([("Retry-After", "50"), ("RETRY-AFTER", "53")])) == 53


@given(st.sampled_from(HEADERS), st.text(max_size=60) | st.from_regex(r"[\d.,;=rtsmh: T+-]{0,30}", fullmatch=True))
def test_whatever_it_says_the_wait_is_more_than_nothing_and_within_the_cap(name: str, text: str) -> None:
    assert 0 < wait({name: text}) <= 86_400
    assert 0 < wait({name: text, "date": text}) <= 86_400
